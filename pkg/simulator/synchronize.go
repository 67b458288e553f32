package simulator

import (
	"errors"
	"net/http"
	"slices"
)

const (
	synchronizeClass = "com.dqops.core.jobqueue.jobs.synchronization.SynchronizeMultipleFoldersDqoQueueJobParameters"
	noCloudKeyClass  = "com.dqops.core.dqocloud.apikey.DqoCloudInvalidKeyException"
	noCloudKey       = `Invalid DQOps Cloud Pairing API Key or synchronization with DQOps Cloud is disabled, ` +
		`run "cloud login" in DQOps shell to receive a current DQOps Cloud Pairing API Key.`
)

// synchronizeParameters are those of wire 3.7.
type synchronizeParameters struct {
	Direction           string `json:"direction"`
	ForceRefresh        bool   `json:"forceRefreshNativeTables"`
	DetectCronSchedules bool   `json:"detectCronSchedules"`
	Sources             bool   `json:"sources"`
	Sensors             bool   `json:"sensors"`
	Rules               bool   `json:"rules"`
	Checks              bool   `json:"checks"`
	Settings            bool   `json:"settings"`
	Credentials         bool   `json:"credentials"`
	Dictionaries        bool   `json:"dictionaries"`
	Patterns            bool   `json:"patterns"`
	SensorReadouts      bool   `json:"dataSensorReadouts"`
	CheckResults        bool   `json:"dataCheckResults"`
	Statistics          bool   `json:"dataStatistics"`
	Errors              bool   `json:"dataErrors"`
	Incidents           bool   `json:"dataIncidents"`
	LocalChanges        bool   `json:"synchronizeFolderWithLocalChanges"`
}

// folder ties a folder to its switch in the parameters.
type folder struct {
	name     string // as the folder status calls it
	jsonName string
	chosen   *bool
}

func (p *synchronizeParameters) folders() []folder {
	return []folder{
		{"sources", "sources", &p.Sources},
		{"sensors", "sensors", &p.Sensors},
		{"rules", "rules", &p.Rules},
		{"checks", "checks", &p.Checks},
		{"settings", "settings", &p.Settings},
		{"credentials", "credentials", &p.Credentials},
		{"dictionaries", "dictionaries", &p.Dictionaries},
		{"patterns", "patterns", &p.Patterns},
		{"data_sensor_readouts", "dataSensorReadouts", &p.SensorReadouts},
		{"data_check_results", "dataCheckResults", &p.CheckResults},
		{"data_statistics", "dataStatistics", &p.Statistics},
		{"data_errors", "dataErrors", &p.Errors},
		{"data_incidents", "dataIncidents", &p.Incidents},
	}
}

func (s *Server) synchronizeRoutes() []route {
	return []route{{http.MethodPost, "/api/jobs/synchronize", s.synchronize}}
}

// synchronize differs from the other calls: it has no result, and when the
// time is up it answers with the job's status of that moment (wire 2.1).
func (s *Server) synchronize(x *exchange) error {
	body, err := x.readBody()
	if err != nil {
		return err
	}
	given, err := decodeSynchronize(body)
	if err != nil {
		return err
	}
	start, err := x.jobStart()
	if err != nil {
		return err
	}
	j, err := x.submit(&synchronizeWork{given: *given}, start.key)
	if errors.Is(err, errShuttingDown) {
		return x.startNothing(start)
	}
	if err != nil {
		return err
	}
	answer := newStartAnswer(j)
	if start.wait {
		ended, err := s.await(x, j, start.timeout)
		if err != nil {
			return err
		}
		if answer.Status = statusFinished; !ended {
			// The answer takes long enough for a short job to end.
			if err := x.life.pause(2*settleTime, nil); err != nil {
				return err
			}
			s.mu.Lock()
			answer.Status = j.status
			s.mu.Unlock()
		}
	}
	return x.json(http.StatusCreated, answer)
}

func decodeSynchronize(body []byte) (*synchronizeParameters, error) {
	object, err := readObject(body, synchronizeClass, controllerOf("synchronizeFolders",
		"com.dqops.core.jobqueue.jobs.synchronization.SynchronizeMultipleFoldersQueueJobResult", synchronizeClass))
	if err != nil {
		return nil, err
	}
	r := &reader{object: object}
	p := &synchronizeParameters{Direction: "full"}
	direction := r.enum("direction", "com.dqops.core.synchronization.contract.FileSynchronizationDirection",
		"full", "download", "upload")
	if direction != nil {
		p.Direction = *direction
	}
	read := func(name string, target *bool) {
		if value := r.flag(name); value != nil {
			*target = *value
		}
	}
	read("forceRefreshNativeTables", &p.ForceRefresh)
	read("detectCronSchedules", &p.DetectCronSchedules)
	read("synchronizeFolderWithLocalChanges", &p.LocalChanges)
	for _, one := range p.folders() {
		read(one.jsonName, one.chosen)
	}
	return p, r.err
}

// synchronizeWork is a synchronize_multiple_folders job: a child for each
// folder. One runs at a time in all.
type synchronizeWork struct{ given synchronizeParameters }

var _ limitedWork = (*synchronizeWork)(nil)

func (w *synchronizeWork) kind() string        { return jobSynchronize }
func (w *synchronizeWork) isParent() bool      { return true }
func (w *synchronizeWork) storesResult() bool  { return false }
func (w *synchronizeWork) resultClass() string { return "" }
func (w *synchronizeWork) target() string      { return "synchronize" }

func (w *synchronizeWork) parameters(bool) map[string]any {
	return map[string]any{"synchronizeMultipleFoldersParameters": w.given}
}

func (w *synchronizeWork) run(s *Server, j *job) error {
	s.mu.Lock()
	changed := s.folders
	s.mu.Unlock()
	var works []work
	for _, one := range w.given.folders() {
		if *one.chosen || w.given.LocalChanges && *changed.field(one.name) == "changed" {
			works = append(works, &folderWork{folder: one.name, given: w.given})
		}
	}
	_, err := s.runChildren(j, works)
	return err
}

// folderWork is a synchronize_folder job. Without a cloud key it fails (wire
// 3.7).
type folderWork struct {
	folder string
	given  synchronizeParameters
}

var _ limitedWork = (*folderWork)(nil)

func (w *folderWork) kind() string        { return jobSynchronizeFolder }
func (w *folderWork) isParent() bool      { return false }
func (w *folderWork) storesResult() bool  { return false }
func (w *folderWork) resultClass() string { return "" }
func (w *folderWork) target() string      { return "synchronize " + w.folder }

func (w *folderWork) parameters(bool) map[string]any {
	return map[string]any{"synchronizeRootFolderParameters": map[string]any{"synchronizationParameter": map[string]any{
		"folder": w.folder, "direction": w.given.Direction, "forceRefreshNativeTable": w.given.ForceRefresh,
	}}}
}

func (w *folderWork) run(s *Server, _ *job) error {
	if !s.settings.cloudKey {
		return &jobFailure{noCloudKeyClass, noCloudKey}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setFolder(w.folder, "unchanged")
	return nil
}

// supersede drops every other synchronize job from the history when one has
// finished, also those that still wait or run, and their changes (wire T18).
// It needs s.mu.
func (s *Server) supersede(newest *job) {
	if newest.work.kind() != jobSynchronize {
		return
	}
	gone := func(j *job) bool {
		return j != newest && (j.work.kind() == jobSynchronize || j.work.kind() == jobSynchronizeFolder && j.parent != newest)
	}
	numbers := map[int64]bool{}
	for _, j := range selected(s.everyJob, gone) {
		numbers[j.id] = true
	}
	for _, j := range selected(s.history, gone) {
		if j.key != nil {
			delete(s.byKey, *j.key) // also when a newer job has it by now
		}
	}
	s.history = slices.DeleteFunc(slices.Clone(s.history), gone)
	s.changes = slices.DeleteFunc(slices.Clone(s.changes), func(c jobChange) bool { return numbers[c.JobID.JobID] })
}

// field returns the status of the folder that a name means, nil if none.
func (f *folderStatus) field(name string) *string {
	return map[string]*string{
		"sources": &f.Sources, "sensors": &f.Sensors, "rules": &f.Rules, "checks": &f.Checks, "settings": &f.Settings,
		"credentials": &f.Credentials, "dictionaries": &f.Dictionaries, "patterns": &f.Patterns,
		"data_sensor_readouts": &f.SensorReadouts, "data_check_results": &f.CheckResults,
		"data_statistics": &f.Statistics, "data_errors": &f.Errors, "data_incidents": &f.Incidents,
	}[name]
}
