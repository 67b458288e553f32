package request

import (
	"slices"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// Sync is what the command line says about a synchronization; a nil pointer is
// a flag that was not given.
type Sync struct {
	// Folders are names of SyncFolders. If there is any, they replace the folders
	// of the file.
	Folders []string
	// All is every folder.
	All                                                        bool
	Direction                                                  *string
	RefreshNativeTables, DetectCronSchedules, WithLocalChanges *bool
}

// syncFolder is a folder by its name on the command line and in the body.
type syncFolder struct {
	name, field string
	to          *bool
}

func syncFolders(p *dqops.SynchronizeMultipleFoldersParameters) []syncFolder {
	return []syncFolder{
		{"sources", "sources", &p.Sources},
		{"sensors", "sensors", &p.Sensors},
		{"rules", "rules", &p.Rules},
		{"checks", "checks", &p.Checks},
		{"settings", "settings", &p.Settings},
		{"credentials", "credentials", &p.Credentials},
		{"dictionaries", "dictionaries", &p.Dictionaries},
		{"patterns", "patterns", &p.Patterns},
		{"data-sensor-readouts", "dataSensorReadouts", &p.DataSensorReadouts},
		{"data-check-results", "dataCheckResults", &p.DataCheckResults},
		{"data-statistics", "dataStatistics", &p.DataStatistics},
		{"data-errors", "dataErrors", &p.DataErrors},
		{"data-incidents", "dataIncidents", &p.DataIncidents},
	}
}

// SyncFolders are the names that Sync.Folders takes, in the order of the API (wire
// 3.7).
func SyncFolders() []string {
	var names []string
	for _, folder := range syncFolders(&dqops.SynchronizeMultipleFoldersParameters{}) {
		names = append(names, folder.name)
	}
	return names
}

// Build merges the command line over the file, field by field; file may be nil. A
// synchronization of nothing, which the server calls a success (wire 3.7), is
// refused, and so is All beside named folders.
func (f Sync) Build(file *File) (dqops.SynchronizeMultipleFoldersParameters, error) {
	body, d := dqops.SynchronizeMultipleFoldersParameters{}, newDraft(file, nil)
	d.decode(&body)

	d.selector("", selector{"--direction", "direction", "", f.Direction, &body.Direction, oneOfWords("--direction")})
	override(f.RefreshNativeTables, &body.ForceRefreshNativeTables)
	override(f.DetectCronSchedules, &body.DetectCronSchedules)
	override(f.WithLocalChanges, &body.SynchronizeFolderWithLocalChanges)
	d.folders(f, &body)
	if !d.undecoded {
		d.someFolder(f, &body)
	}
	if err := d.problems.err(); err != nil {
		return dqops.SynchronizeMultipleFoldersParameters{}, err
	}
	return body, nil
}

func override[T any](given, to *T) {
	if given != nil {
		*to = *given
	}
}

func (d *draft) folders(f Sync, to *dqops.SynchronizeMultipleFoldersParameters) {
	var narrowing []source
	known := oneOf(SyncFolders()...)
	for _, name := range f.Folders {
		at := source{name: "the folder"}
		if bad := known(name); bad != "" {
			d.problems.add(at, "", "%s", bad)
		}
		narrowing = append(narrowing, source{name: printable(name)})
	}
	for _, folder := range syncFolders(to) {
		at, inFile := d.origin("", false, folder.field)
		switch {
		case len(f.Folders) > 0:
			*folder.to = slices.Contains(f.Folders, folder.name)
		case inFile:
			narrowing = append(narrowing, at)
		}
		*folder.to = *folder.to || f.All
	}
	if f.All && len(narrowing) > 0 {
		d.problems.add(source{name: "--all"}, "leave one side out", "says every folder, and these say less: %s", mentions(narrowing))
	}
}

func (d *draft) someFolder(f Sync, body *dqops.SynchronizeMultipleFoldersParameters) {
	selected := len(f.Folders) > 0 || body.SynchronizeFolderWithLocalChanges
	for _, folder := range syncFolders(body) {
		selected = selected || *folder.to
	}
	if !selected {
		d.problems.add(source{name: "this synchronization"}, "name folders, or give --all or --with-local-changes", "names no folder and would do nothing")
	}
}
