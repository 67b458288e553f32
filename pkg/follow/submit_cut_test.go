package follow_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// scissors cut the first connection that posts, after so many bytes of the request
// or of the answer; -1 for none.
type scissors struct {
	request, answer int
	mutex           sync.Mutex
	used            bool
	posts, read     int
}

// cutConn is a connection under the scissors once it has turned out to be that one.
type cutConn struct {
	net.Conn
	by     *scissors
	once   sync.Once
	asked  chan struct{} // closed when it is known what the connection is for
	doomed bool
}

func (c *cutConn) Close() error {
	c.once.Do(func() { close(c.asked) })
	return c.Conn.Close()
}

func (c *cutConn) Write(p []byte) (int, error) {
	c.once.Do(func() {
		c.by.mutex.Lock()
		defer c.by.mutex.Unlock()
		if bytes.HasPrefix(p, []byte("POST")) {
			c.doomed, c.by.used = !c.by.used, true
			c.by.posts++
		}
		close(c.asked)
	})
	if !c.doomed || c.by.request < 0 || c.by.request >= len(p) {
		return c.Conn.Write(p)
	}
	n, _ := c.Conn.Write(p[:c.by.request])
	_ = c.Conn.Close()
	return n, io.ErrClosedPipe
}

func (c *cutConn) Read(p []byte) (int, error) {
	<-c.asked
	if !c.doomed || c.by.answer < 0 {
		n, err := c.Conn.Read(p)
		if c.doomed {
			c.by.read += n
		}
		return n, err
	}
	left := c.by.answer - c.by.read
	if left == 0 {
		_, _ = c.Conn.Read(make([]byte, 1)) // the answer is on its way: the effect is there
		_ = c.Conn.Close()
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.Conn.Read(p[:min(left, len(p))])
	c.by.read += n
	return n, err
}

// start is one of the operations that start jobs, on the scenario of the world.
type start struct {
	kind  dqops.JobType
	again bool
	post  func(context.Context, *dqops.Client, dqops.Start) (*dqops.JobID, error)
}

func idIn[T any](answer *dqops.QueueJobResult[T], err error) (*dqops.JobID, error) {
	if err != nil {
		return nil, err
	}
	return answer.JobID, nil
}

var starts = map[string]start{
	"run checks": {dqops.TypeRunChecks, true, func(ctx context.Context, c *dqops.Client, s dqops.Start) (*dqops.JobID, error) {
		return idIn(c.RunChecks(ctx, dqops.RunChecksParameters{CheckSearchFilters: dqops.CheckSearchFilters{Connection: "shop"}}, s))
	}},
	"statistics of tables": {dqops.TypeCollectStatistics, true, func(ctx context.Context, c *dqops.Client, s dqops.Start) (*dqops.JobID, error) {
		return idIn(c.CollectStatisticsOnTable(ctx, dqops.StatisticsCollectorSearchFilters{Connection: "shop"}, dqops.CollectStatisticsOptions{}, s))
	}},
	"statistics of groups": {dqops.TypeCollectStatistics, true, func(ctx context.Context, c *dqops.Client, s dqops.Start) (*dqops.JobID, error) {
		return idIn(c.CollectStatisticsOnDataGroups(ctx, dqops.StatisticsCollectorSearchFilters{Connection: "shop"}, dqops.CollectStatisticsOptions{}, s))
	}},
	"error samples": {dqops.TypeCollectErrorSamples, true, func(ctx context.Context, c *dqops.Client, s dqops.Start) (*dqops.JobID, error) {
		return idIn(c.CollectErrorSamples(ctx, dqops.CollectErrorSamplesParameters{CheckSearchFilters: &dqops.CheckSearchFilters{Connection: "shop"}}, s))
	}},
	"synchronization": {dqops.TypeSynchronizeMultipleFolders, true, func(ctx context.Context, c *dqops.Client, s dqops.Start) (*dqops.JobID, error) {
		return idIn(c.SynchronizeFolders(ctx, dqops.SynchronizeMultipleFoldersParameters{}, s))
	}},
	"import": {dqops.TypeImportTables, false, func(ctx context.Context, c *dqops.Client, s dqops.Start) (*dqops.JobID, error) {
		return idIn(c.ImportTables(ctx, dqops.ImportTablesQueueJobParameters{ConnectionName: "shop", SchemaName: "files"}, s))
	}},
	"deletion": {dqops.TypeDeleteStoredData, false, func(ctx context.Context, c *dqops.Client, s dqops.Start) (*dqops.JobID, error) {
		return idIn(c.DeleteStoredData(ctx, dqops.DeleteStoredDataQueueJobParameters{Connection: "shop", DeleteErrors: true}, s))
	}},
}

// cutOnce submits under the scissors in a world of its own and gives what came of
// it, with the jobs in the server's books.
func cutOnce(t *testing.T, s start, by *scissors) (id *dqops.JobID, books []int64, err error) {
	t.Helper()
	inWorld(t, func(t *testing.T, w *world) {
		client, clientErr := dqops.New(dqops.Options{BaseURL: "http://localhost", DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := w.network.dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &cutConn{Conn: conn, by: by, asked: make(chan struct{})}, nil
		}})
		if clientErr != nil {
			t.Fatal(clientErr)
		}
		defer client.CloseIdleConnections()
		f := &follow.Follower{Server: client, Budget: budget}
		submission := follow.Submission{Type: s.kind, Key: "dqoctl-mine", Post: func(ctx context.Context, start dqops.Start) (*dqops.JobID, error) {
			return s.post(ctx, client, start)
		}}
		var job *follow.Submitted
		if s.again {
			job, err = f.Submit(t.Context(), submission)
		} else {
			job, _, err = f.SubmitWaiting(t.Context(), submission, func(follow.Submitted) {})
		}
		if job != nil {
			id = &job.ID
			_, _ = f.Wait(t.Context(), fmt.Sprint(id.ID), true, time.Time{})
		}
		for _, j := range w.Jobs() {
			if j.ParentID == 0 && j.Key == "dqoctl-mine" {
				books = append(books, j.ID)
			}
		}
	})
	return id, books, err
}

// TestEveryByteOfTheAnswer: wherever the answer breaks off, the books show one job,
// and it is the one that is followed.
func TestEveryByteOfTheAnswer(t *testing.T) {
	for name, s := range starts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := &scissors{request: -1, answer: -1}
			if _, _, err := cutOnce(t, s, whole); err != nil || whole.read < 100 {
				t.Fatalf("%d bytes, %v", whole.read, err)
			}
			for n := range whole.read {
				by := &scissors{request: -1, answer: n}
				id, books, err := cutOnce(t, s, by)
				if err != nil || len(books) != 1 || id.ID != books[0] || by.posts != 1 {
					t.Errorf("cut at byte %d of %d: job %v, books %v, %d posts, %v", n, whole.read, id, books, by.posts, err)
				}
			}
		})
	}
}

// TestTheRequestBreaksOff: the server starts nothing. What may be sent again is, and
// everything else says that it may have been started.
func TestTheRequestBreaksOff(t *testing.T) {
	for name, s := range starts {
		for _, n := range []int{0, 1, 20, 100, 150} {
			t.Run(fmt.Sprint(name, " at ", n), func(t *testing.T) {
				by := &scissors{request: n, answer: -1}
				id, books, err := cutOnce(t, s, by)
				if s.again && (err != nil || len(books) != 1 || id.ID != books[0] || by.posts != 2) {
					t.Errorf("job %v, books %v, %d posts, %v", id, books, by.posts, err)
				}
				if !s.again && (outcome(err) != exit.Unreachable || id != nil || len(books) != 0 || by.posts != 1) {
					t.Errorf("job %v, books %v, %d posts, %v", id, books, by.posts, err)
				}
			})
		}
	}
}
