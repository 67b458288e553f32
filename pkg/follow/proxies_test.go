package follow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// impatient is the way through a proxy that cuts a connection on which nothing
// came for that time.
type impatient struct {
	net.Conn

	limit time.Duration
}

func (c impatient) Read(p []byte) (int, error) {
	_ = c.SetReadDeadline(time.Now().Add(c.limit))
	return c.Conn.Read(p)
}

func (c impatient) Write(p []byte) (int, error) {
	_ = c.SetReadDeadline(time.Now().Add(c.limit))
	return c.Conn.Write(p)
}

// tally is a client that counts what it was asked and what broke. Following asks
// several things at once.
type tally struct {
	*dqops.Client

	waits, cutWaits, readings, questions atomic.Int64
}

func (c *tally) WaitForJob(ctx context.Context, id string, timeout time.Duration) (*dqops.Job, error) {
	c.waits.Add(1)
	job, err := c.Client.WaitForJob(ctx, id, timeout)
	if strings.Contains(fmt.Sprint(err), "contact") {
		c.cutWaits.Add(1)
	}
	return job, err
}

func (c *tally) GetJob(ctx context.Context, id string) (*dqops.Job, error) {
	c.readings.Add(1)
	return c.Client.GetJob(ctx, id)
}

func (c *tally) JobChangesSince(ctx context.Context, sequence int64, each func(dqops.JobChange) error) (int64, error) {
	c.questions.Add(1)
	return c.Client.JobChangesSince(ctx, sequence, each)
}

// behind is a client of the world's server behind a proxy that is so patient.
func (w *world) behind(limit time.Duration) *tally {
	w.t.Helper()
	client, err := dqops.New(dqops.Options{
		BaseURL: "http://localhost",
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := w.network.dial(ctx, network, address)
			return impatient{conn, limit}, err
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return &tally{Client: client}
}

// TestImpatientProxies: a run of ten minutes behind proxies with limits. The
// budget is shorter than the time after which they cut.
func TestImpatientProxies(t *testing.T) {
	for limit, most := range map[time.Duration]int64{
		60 * time.Second: 0, 30 * time.Second: 0, 15500 * time.Millisecond: 4, 9500 * time.Millisecond: 4, 4500 * time.Millisecond: 5,
	} {
		t.Run(limit.String(), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				id := w.start("slow")
				server := w.behind(limit)
				defer server.CloseIdleConnections()
				var mutex sync.Mutex
				seen := ""
				f := &follow.Follower{Server: server, Budget: 3 * time.Second, Observe: func(p follow.Progress) {
					mutex.Lock()
					defer mutex.Unlock()
					seen = fmt.Sprintf("%s %d/%d", p.Status, p.Done, p.Total)
				}}
				began := time.Now()
				got, err := f.Wait(t.Context(), strconv.FormatInt(id.ID, 10), true, time.Time{})
				if err != nil || got.Job.Status != dqops.StatusFinished || !got.ChildrenKnown {
					t.Fatalf("%v, %+v", err, got)
				}
				if seen != "finished 1/1" {
					t.Errorf("last seen: %s", seen)
				}
				if took := time.Since(began); took > 10*time.Minute+2*time.Second {
					t.Errorf("took %s", took)
				}
				if cut := server.cutWaits.Load(); cut > most {
					t.Errorf("%d of %d waits were cut, want at most %d", cut, server.waits.Load(), most)
				}
			})
		})
	}
}

// TestSlicesGrowAgain: after a proxy was in a hurry for a while, waits become as
// long as before.
func TestSlicesGrowAgain(t *testing.T) {
	cuts := 0
	server := &fake{get: after(time.Hour, job(dqops.StatusRunning), job(dqops.StatusFailed))}
	server.wait = func(n int) (*dqops.Job, error) {
		text := server.made("wait")[n].what
		length, err := time.ParseDuration(text[strings.LastIndex(text, " ")+1:])
		if err != nil {
			panic(err)
		}
		if len(server.made("get")) < 10 && length > 3*time.Second {
			cuts++
			time.Sleep(3 * time.Second)
			return nil, says(504)
		}
		time.Sleep(length)
		return nil, dqops.ErrNotKnownYet
	}
	followJob(t, server, false, 0).want(t, dqops.StatusFailed, time.Hour+hourRest(t, server))
	waits := server.made("wait")
	if cuts == 0 || cuts > 2 {
		t.Errorf("%d cuts", cuts)
	}
	if last := waits[len(waits)-1].what; last != "wait 7 20s" {
		t.Errorf("the last one: %s", last)
	}
}

// hourRest is how much longer than an hour the last wait went on.
func hourRest(t *testing.T, server *fake) time.Duration {
	t.Helper()
	looks := server.made("get")
	return looks[len(looks)-1].at - time.Hour
}

// TestManyBehindAnImpatientProxy: several jobs, idle for longer than the budget. A
// question that is cut costs one reading, not one of each job.
func TestManyBehindAnImpatientProxy(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		targets := make([]follow.Target, 20)
		for i := range targets {
			targets[i] = follow.Target{ID: strconv.FormatInt(w.start("slow").ID, 10), Ours: true}
		}
		server := w.behind(9500 * time.Millisecond)
		defer server.CloseIdleConnections()
		f := &follow.Follower{Server: server, Budget: 3 * time.Second}
		began := time.Now()
		ends := f.WaitMany(t.Context(), targets, began.Add(9*time.Minute), nil)
		for _, end := range ends {
			if outcome(end.Err) != exit.Timeout {
				t.Fatalf("%v", words(end.Err))
			}
		}
		readings, questions := server.readings.Load(), server.questions.Load()
		if readings > questions+int64(2*len(targets)) {
			t.Errorf("%d readings for %d questions", readings, questions)
		}
	})
}

// TestManyRestartWhileAQuestionIsHeld: what looks like a proxy's cut was the end of
// the server, and the one that came back knows none of the jobs.
func TestManyRestartWhileAQuestionIsHeld(t *testing.T) {
	questions := 0
	server := &fake{get: func(_ int, id string) (*dqops.Job, error) {
		if questions > 1 {
			return nil, unknown(id)
		}
		return job(dqops.StatusRunning), nil
	}}
	server.changes = func(ctx context.Context, since int64) ([]dqops.JobChange, int64, error) {
		questions++
		switch questions {
		case 1:
			return []dqops.JobChange{changed(8, 7, dqops.StatusRunning, dqops.TypeRunChecks), changed(10, 9, dqops.StatusQueued, dqops.TypeDeleteStoredData)}, 11, nil
		case 2:
			if err := hold(ctx, 9*time.Second); err != nil {
				return nil, 0, err
			}
			return nil, 0, lost("EOF")
		}
		return nil, since, nil
	}
	ends, took := waitMany(t, server, 0, "7", "9")
	for i, end := range ends {
		if outcome(end.Err) != exit.JobLost {
			t.Errorf("end %d: %v", i, words(end.Err))
		}
	}
	if took > 16*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestAStartingServer says 404, then 503 for longer than a job may be unknown, then
// 404 again, and knows the job at last (wire T20).
func TestAStartingServer(t *testing.T) {
	steps := func() *fake {
		s := new(fake)
		s.get = func(int, string) (*dqops.Job, error) {
			switch at := time.Since(s.began); {
			case at < 3*time.Second, at > 13*time.Second && at < 16*time.Second:
				return nil, unknown("7")
			case at < 13*time.Second:
				return nil, says(503)
			}
			return job(dqops.StatusFailed), nil
		}
		s.healthy = func(int) (bool, error) { return false, nil }
		return s
	}
	for _, ours := range []bool{true, false} {
		got := followJob(t, steps(), ours, 0)
		if got.err != nil || got.Job.Status != dqops.StatusFailed {
			t.Errorf("one, ours %v: %v", ours, got.err)
		}
		synctest.Test(t, func(t *testing.T) {
			f := &follow.Follower{Server: steps(), Budget: budget}
			ends := f.WaitMany(t.Context(), []follow.Target{{ID: "nightly", Ours: ours}, {ID: "nightly", Ours: ours}}, time.Time{}, nil)
			for i, end := range ends {
				if end.Err != nil || end.Job.Status != dqops.StatusFailed {
					t.Errorf("end %d, ours %v: %v", i, ours, end.Err)
				}
			}
		})
	}
}

// A numeric key that somebody else chose hides a job of ours from the first look
// on (wire 2.0).
func TestManyAKeyThatHidesTheNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := job(dqops.StatusRunning)
		other.ID = dqops.JobID{ID: 99, BusinessKey: "7"}
		f := &follow.Follower{Server: &fake{get: then(other)}, Budget: budget}
		ends := f.WaitMany(t.Context(), []follow.Target{{ID: "7", Ours: true}}, time.Now().Add(time.Minute), nil)
		if outcome(ends[0].Err) != exit.JobLost || !strings.Contains(words(ends[0].Err), "job 99 has the business key 7, which hides it") {
			t.Errorf("%v", words(ends[0].Err))
		}
	})
}

func TestALostRunOffersTheStandingOfItsTables(t *testing.T) {
	for parameters, want := range map[string]string{
		`{"runChecksParameters":{"check_search_filters":{"connection":"shop","fullTableName":"files.*"}}}`:  "; how its tables stand: dqoctl checks status --connection shop --table 'files.*'",
		`{"runChecksParameters":{"check_search_filters":{"connection":"it's"}}}`:                            `; how its tables stand: dqoctl checks status --connection 'it'\''s'`,
		`{"runChecksOnTableParameters":{"connection":"shop","table":{"schema_name":"a","table_name":"b"}}}`: "; how its tables stand: dqoctl checks status --connection shop --table a.b",
		`{"runChecksParameters":{"check_search_filters":{"connection":"sh*"}}}`:                             "",
		`{"runChecksParameters":{"check_search_filters":{}}}`:                                               "",
		`{"importTablesParameters":{"connectionName":"shop"}}`:                                              "",
	} {
		known := job(dqops.StatusRunning)
		if err := json.Unmarshal([]byte(parameters), &known.Parameters); err != nil {
			t.Fatal(err)
		}
		got := followJob(t, &fake{get: then(known, unknown("7"))}, true, 0)
		if hint := words(got.err); outcome(got.err) != exit.JobLost || !strings.HasSuffix(hint, "start it again if its work is needed"+want) {
			t.Errorf("%s: %s", parameters, hint)
		}
	}
}

// weighed counts the bytes of all connections.
type weighed struct {
	net.Conn

	bytes *atomic.Int64
}

func (c weighed) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

func (c weighed) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.bytes.Add(int64(n))
	return n, err
}

// TestWhatAnHourOfWaitingCosts holds the numbers of docs/what-the-server-does.md.
func TestWhatAnHourOfWaitingCosts(t *testing.T) {
	for _, tc := range []struct {
		name            string
		jobs            int
		requests, kilos int64
	}{
		{"one run of checks", 1, 550, 300},
		{"a hundred together", 100, 340, 225},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				defer w.Hold(simulator.StageTable).Release()
				targets := make([]follow.Target, tc.jobs)
				for i := range targets {
					targets[i] = follow.Target{ID: strconv.FormatInt(w.start("slow").ID, 10), Ours: true}
				}
				var traffic atomic.Int64
				client, err := dqops.New(dqops.Options{
					BaseURL: "http://localhost", UserAgent: "dqoctl/1.0.0",
					DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
						conn, err := w.network.dial(ctx, network, address)
						return weighed{conn, &traffic}, err
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				defer client.CloseIdleConnections()
				f := &follow.Follower{Server: client, Budget: budget}
				before, until := len(w.Requests()), time.Now().Add(time.Hour)
				if tc.jobs == 1 {
					_, err = f.Wait(t.Context(), targets[0].ID, true, until)
				} else {
					err = f.WaitMany(t.Context(), targets, until, nil)[0].Err
				}
				if outcome(err) != exit.Timeout {
					t.Fatalf("%v", err)
				}
				requests := int64(len(w.Requests()) - before)
				t.Logf("%d requests, %d bytes", requests, traffic.Load())
				if requests > tc.requests || traffic.Load() > tc.kilos<<10 {
					t.Errorf("%d requests and %d kB, want at most %d and %d", requests, traffic.Load()>>10, tc.requests, tc.kilos)
				}
			})
		})
	}
}
