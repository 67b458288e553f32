package follow_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// starting is one of the seven operations that start a job.
type starting struct {
	operation string
	// harmful: starting it twice does harm, and it is posted waiting.
	harmful bool
	on      func(*dqops.Client) follow.Submission
}

// posting makes the submission of a client's method and its body.
func posting[B, R any](kind dqops.JobType, call func(*dqops.Client, context.Context, B, dqops.Start) (*dqops.QueueJobResult[R], error), body B) func(*dqops.Client) follow.Submission {
	return func(c *dqops.Client) follow.Submission {
		return follow.Submission{Type: kind, Body: body, Post: func(ctx context.Context, start dqops.Start) (*dqops.JobID, error) {
			answer, err := call(c, ctx, body, start)
			if err != nil {
				return nil, err
			}
			return answer.JobID, nil
		}}
	}
}

// collecting makes the two statistics calls look like the others.
func collecting(call func(*dqops.Client, context.Context, dqops.StatisticsCollectorSearchFilters, dqops.CollectStatisticsOptions, dqops.Start) (*dqops.CollectStatisticsQueueJobResult, error)) func(*dqops.Client) follow.Submission {
	return posting(dqops.TypeCollectStatistics, func(c *dqops.Client, ctx context.Context, body dqops.StatisticsCollectorSearchFilters, start dqops.Start) (*dqops.CollectStatisticsQueueJobResult, error) {
		return call(c, ctx, body, dqops.CollectStatisticsOptions{}, start)
	}, dqops.StatisticsCollectorSearchFilters{Connection: "shop"})
}

var submits = []starting{
	{"run_checks", false, posting(dqops.TypeRunChecks, (*dqops.Client).RunChecks, dqops.RunChecksParameters{
		CheckSearchFilters: dqops.CheckSearchFilters{Connection: "shop"},
	})},
	{"collect_statistics_on_table", false, collecting((*dqops.Client).CollectStatisticsOnTable)},
	{"collect_statistics_on_data_groups", false, collecting((*dqops.Client).CollectStatisticsOnDataGroups)},
	{"collect_error_samples", false, posting(dqops.TypeCollectErrorSamples, (*dqops.Client).CollectErrorSamples, dqops.CollectErrorSamplesParameters{
		CheckSearchFilters: &dqops.CheckSearchFilters{Connection: "shop"},
	})},
	{"synchronize_folders", false, posting(dqops.TypeSynchronizeMultipleFolders, (*dqops.Client).SynchronizeFolders, dqops.SynchronizeMultipleFoldersParameters{})},
	{"import_tables", true, posting(dqops.TypeImportTables, (*dqops.Client).ImportTables, dqops.ImportTablesQueueJobParameters{
		ConnectionName: "shop", SchemaName: "files", TableNames: []string{"nosuch"},
	})},
	{"delete_stored_data", true, posting(dqops.TypeDeleteStoredData, (*dqops.Client).DeleteStoredData, dqops.DeleteStoredDataQueueJobParameters{
		Connection: "shop", DeleteErrors: true,
	})},
}

// send submits the operation under the key as its command does. The answer was
// whole when nothing had to be found out.
func (w *world) send(s starting, key string) (id *dqops.JobID, whole bool, err error) {
	submission := s.on(w.client)
	submission.Key = key
	var job *follow.Submitted
	if s.harmful {
		job, whole, err = w.follower().SubmitWaiting(w.t.Context(), submission, func(follow.Submitted) {})
	} else {
		job, err = w.follower().Submit(w.t.Context(), submission)
		whole = job != nil && job.How == follow.Answered
	}
	if job == nil {
		return nil, false, err
	}
	return &job.ID, whole, err
}

func (w *world) inject(f simulator.Fault) *simulator.Injection {
	w.t.Helper()
	i, err := w.Inject(f)
	if err != nil {
		w.t.Fatal(err)
	}
	return i
}

// started counts the jobs of the key in the books of the server's present life,
// and gives the last one's number.
func (w *world) started(key string, life int) (jobs int, id int64) {
	for _, j := range w.Jobs() {
		if j.Key == key && j.Life == life {
			jobs, id = jobs+1, j.ID
		}
	}
	return jobs, id
}

// holdOneOrNone is the promise: exactly one job, which is the one that was
// reported, or none and the truth about it. A server that fails by itself is
// another outcome than a lost one.
func (w *world) holdOneOrNone(what, key string, id *dqops.JobID, err error) {
	w.t.Helper()
	jobs, number := w.started(key, 0)
	lost := exit.Unreachable
	if what == "500" {
		lost = exit.Protocol
	}
	switch {
	case jobs == 1 && err == nil && id != nil && id.ID == number:
	case jobs == 0 && id == nil && outcome(err) == lost &&
		strings.Contains(words(err), "may have been started") && strings.Contains(words(err), key):
	default:
		w.t.Errorf("%s: %d jobs in the books (%d), reported %v and %s: %s", what, jobs, number, id, outcome(err), words(err))
	}
}

// breaks are the ways in which an answer is lost or made doubtful.
var breaks = map[string]simulator.Fault{
	"close":   {Do: simulator.Close},
	"reset":   {Do: simulator.Reset},
	"stall":   {Do: simulator.Stall},
	"500":     {Do: simulator.Answer, Status: http.StatusInternalServerError},
	"502":     {Do: simulator.Answer, Status: http.StatusBadGateway},
	"503":     {Do: simulator.Answer, Status: http.StatusServiceUnavailable, RetryAfter: simulator.Duration(time.Second)},
	"504":     {Do: simulator.Answer, Status: http.StatusGatewayTimeout},
	"empty":   {Do: simulator.Answer, Body: simulator.BodyEmpty, Status: http.StatusCreated},
	"html":    {Do: simulator.Answer, Body: simulator.BodyHTML, Status: http.StatusOK},
	"garbage": {Do: simulator.Answer, Body: simulator.BodyGarbage, Status: http.StatusCreated},
}

// TestSubmitBrokenAtEachPoint breaks the exchange once before, during and after
// its effect, in every way, for each of the seven.
func TestSubmitBrokenAtEachPoint(t *testing.T) {
	for _, s := range submits {
		for _, when := range []simulator.When{simulator.Before, simulator.During, simulator.After} {
			for name, fault := range breaks {
				if s.harmful && fault.Do == simulator.Stall && when == simulator.Before {
					continue // an import without a deadline is waited for without end
				}
				t.Run(fmt.Sprintf("%s %s the effect of %s", name, when, s.operation), func(t *testing.T) {
					inWorld(t, func(t *testing.T, w *world) {
						fault := fault
						fault.On, fault.When, fault.First = simulator.Words{s.operation}, when, 1
						broken := w.inject(fault)
						id, _, err := w.send(s, "k")
						synctest.Wait()
						if broken.Struck() != 1 {
							t.Fatalf("struck %d times", broken.Struck())
						}
						if jobs, _ := w.started("k", 0); when != simulator.Before && jobs == 0 {
							t.Error("the effect never came")
						}
						w.holdOneOrNone(name, "k", id, err)
						if err != nil && !s.harmful {
							t.Errorf("it was not sent again: %v", err)
						}
					})
				})
			}
		}
	}
}

// TestSubmitCutAtEveryByte ends the connection of the answer after each of its
// bytes, for each of the seven.
func TestSubmitCutAtEveryByte(t *testing.T) {
	for _, s := range submits {
		t.Run(s.operation, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				whole, at := false, 0
				for ; !whole && at < 10_000; at++ {
					broken := w.inject(simulator.Fault{
						On: simulator.Words{s.operation}, When: simulator.After, Do: simulator.Reset, At: strconv.Itoa(at),
					})
					key := fmt.Sprintf("k%04d", at)
					var id *dqops.JobID
					var err error
					id, whole, err = w.send(s, key)
					if err != nil || id == nil {
						t.Errorf("cut at %d: %v, %v", at, id, err)
					}
					w.holdOneOrNone(fmt.Sprintf("cut at %d", at), key, id, err)
					if broken.Struck() != 1 {
						t.Errorf("cut at %d struck %d times", at, broken.Struck())
					}
					broken.Remove()
				}
				if at < 150 || !whole {
					t.Errorf("the answer was whole after %d cuts: %t", at, whole)
				}
			})
		})
	}
}

// TestSubmitBrokenForGood: what is sent a second time is not sent a third.
func TestSubmitBrokenForGood(t *testing.T) {
	for _, s := range submits {
		t.Run(s.operation, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				broken := w.inject(simulator.Fault{On: simulator.Words{s.operation}, Do: simulator.Reset})
				id, _, err := w.send(s, "k")
				w.holdOneOrNone("reset", "k", id, err)
				want := 2
				if s.harmful {
					want = 1
				}
				if err == nil || broken.Struck() != want {
					t.Errorf("sent %d times, want %d: %v", broken.Struck(), want, err)
				}
			})
		})
	}
}

// TestSubmitAndRestart lets the server lose its memory around the effect: the one
// that lives has one job, or none and the truth is said.
func TestSubmitAndRestart(t *testing.T) {
	for _, s := range submits {
		for _, when := range []simulator.When{simulator.Before, simulator.After} {
			t.Run(fmt.Sprintf("%s the effect of %s", when, s.operation), func(t *testing.T) {
				inWorld(t, func(t *testing.T, w *world) {
					const second = simulator.Duration(time.Second)
					w.inject(simulator.Fault{
						On: simulator.Words{s.operation}, First: 1, When: when, Do: simulator.RestartNow, Down: 10 * second, Starting: 20 * second,
					})
					id, _, err := w.send(s, "k")
					synctest.Wait()
					jobs, number := w.started("k", 1)
					switch {
					case s.harmful && jobs == 0 && outcome(err) == exit.Unreachable && strings.Contains(words(err), "may have been started"):
					case !s.harmful && jobs == 1 && err == nil && id.ID == number:
					default:
						t.Errorf("%d jobs in the books of the new life, reported %v and %v", jobs, id, err)
					}
				})
			})
		}
	}
}

// TestSubmitToAServerThatGoes: a job that was not accepted is started when the
// server is back (wire T20). One that waits for its end is told of a failure, after
// which it is not sent again.
func TestSubmitToAServerThatGoes(t *testing.T) {
	for _, s := range submits {
		t.Run(s.operation, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				const second = simulator.Duration(time.Second)
				w.inject(simulator.Fault{
					On: simulator.Words{s.operation}, First: 1, Do: simulator.Shutdown, For: 5 * second, Down: second, Starting: 5 * second,
				})
				id, _, err := w.send(s, "k")
				synctest.Wait()
				all := 0
				for _, j := range w.Jobs() {
					if j.Key == "k" {
						all++
					}
				}
				if !s.harmful && (err != nil || id == nil || all != 1) || s.harmful && (err == nil || all != 0) {
					t.Errorf("%d jobs, reported %v and %v", all, id, err)
				}
			})
		})
	}
}

// TestHarmfulNeverTwiceWhenItComesLate holds the documented rest: what a proxy
// delivers after the last look was said to be possible, and was not sent again.
func TestHarmfulNeverTwiceWhenItComesLate(t *testing.T) {
	for _, s := range submits {
		if !s.harmful {
			continue
		}
		t.Run(s.operation, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.inject(simulator.Fault{
					On: simulator.Words{s.operation}, When: simulator.During, Do: simulator.Answer, Status: http.StatusGatewayTimeout,
					Late: simulator.Duration(time.Hour),
				})
				id, _, err := w.send(s, "k")
				w.holdOneOrNone("before it comes", "k", id, err)
				<-time.After(time.Hour)
				synctest.Wait()
				if jobs, _ := w.started("k", 0); jobs != 1 || w.asked(http.MethodPost, "") != 1 {
					t.Errorf("%d jobs and %d requests", jobs, w.asked(http.MethodPost, ""))
				}
			})
		})
	}
}
