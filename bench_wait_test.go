package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// minAge is for how long a job is waited for before it ends.
const minAge = 350 * time.Millisecond

// trip is how long a request takes on a network of some length.
const trip = 50 * time.Millisecond

// BenchmarkEndOfAJob measures how long after a job's end on the server the program
// that waits for it has ended. The server answers its waiters 2 ms before its
// history knows (wire T3), so a reading may come too early. Requests are those
// behind the wait, the job's and beside it that of its children; trips is the
// whole delay in round trips of a network on which one takes 50 ms.
func BenchmarkEndOfAJob(b *testing.B) {
	sim := simulator.New(simulator.Options{Scenario: simulator.Builtin()})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- sim.Serve(listener) }()
	b.Cleanup(func() {
		if err := errors.Join(sim.Close(), <-served); err != nil {
			b.Error(err)
		}
	})
	server := "http://" + listener.Addr().String()
	client, err := dqops.New(dqops.Options{BaseURL: server})
	if err != nil {
		b.Fatal(err)
	}
	for name, start := range map[string]func(context.Context) (*dqops.JobID, error){
		"an import": func(ctx context.Context) (*dqops.JobID, error) {
			answer, err := client.ImportTables(ctx, dqops.ImportTablesQueueJobParameters{ConnectionName: "wh", SchemaName: "nowhere"}, dqops.Start{})
			return idOf(answer, err)
		},
		"a run of checks": func(ctx context.Context) (*dqops.JobID, error) {
			answer, err := client.RunChecks(ctx, dqops.RunChecksParameters{CheckSearchFilters: dqops.CheckSearchFilters{Connection: "nowhere"}}, dqops.Start{})
			return idOf(answer, err)
		},
	} {
		b.Run(name, func(b *testing.B) { endOfAJob(b, sim, server, start, 0) })
		b.Run(name+" far away", func(b *testing.B) { endOfAJob(b, sim, server, start, trip) })
	}
}

func endOfAJob(b *testing.B, sim *simulator.Server, server string, start func(context.Context) (*dqops.JobID, error), far time.Duration) {
	requests := 0
	for b.Loop() {
		b.StopTimer()
		hold := sim.Hold(simulator.StageRunning)
		id, err := start(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		ended := waitsFor(b, sim, server, id.ID)
		time.Sleep(minAge) // what ends at once is asked for again after a pause
		remove := func() {}
		if far > 0 {
			network, err := sim.Inject(simulator.Fault{Do: simulator.Delay, For: simulator.Duration(far)})
			if err != nil {
				b.Fatal(err)
			}
			remove = network.Remove
		}
		before := len(sim.Requests())
		b.StartTimer()
		hold.Release()
		<-ended
		b.StopTimer()
		remove()
		requests += len(sim.Requests()) - before
		b.StartTimer()
	}
	b.ReportMetric(float64(requests)/float64(b.N), "requests/op")
	if far > 0 {
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(far), "trips/op")
	}
}

func idOf[T any](answer *dqops.QueueJobResult[T], err error) (*dqops.JobID, error) {
	if err != nil {
		return nil, err
	}
	return answer.JobID, nil
}

// waitsFor starts the program and returns when it waits for the job.
func waitsFor(b *testing.B, sim *simulator.Server, server string, id int64) <-chan struct{} {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	c := exec.CommandContext(b.Context(), self, "jobs", "wait", fmt.Sprint(id), "-q", "--judge", "run", "--allow-empty")
	c.Args[0] = "dqoctl" // TestMain looks at the name
	c.Env = []string{"DQOCTL_SERVER=" + server, "HOME=" + b.TempDir()}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait()
	}()
	waiting := fmt.Sprintf("/api/jobs/jobs/%d/wait", id)
	for began := time.Now(); time.Since(began) < limit; {
		for _, r := range sim.Requests() {
			if strings.HasSuffix(r.Path, waiting) {
				return ended
			}
		}
		time.Sleep(time.Millisecond)
	}
	b.Fatal("the program does not wait")
	return nil
}
