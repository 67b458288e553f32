package watch_test

import (
	"bytes"
	"encoding/json"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/watch"
)

func entry(t *testing.T, change string) *follow.Entry {
	t.Helper()
	var c dqops.JobChange
	if err := json.Unmarshal([]byte(change), &c); err != nil {
		t.Fatal(err)
	}
	var l follow.Ledger
	return l.Fold(c)
}

func TestLines(t *testing.T) {
	e := entry(t, `{"status":"failed","jobId":{"jobId":10,"jobBusinessKey":"night\tly","createdAt":"2026-11-23T15:00:00Z"},"changeSequence":11,"statusChangedAt":"2026-11-23T15:00:00.5Z","domainName":"",
 "updatedModel":{"jobId":{"jobId":10,"jobBusinessKey":"night\tly","createdAt":"2026-11-23T15:00:00Z"},"jobType":"import_tables","errorMessage":"java.lang.X: bad\nnews \u001b[31m","status":"failed","statusChangedAt":"2026-11-23T15:00:00.5Z","dataDomain":""}}`)
	for _, tc := range []struct {
		json bool
		want string
	}{
		{false, "2026-11-23T15:00:00.5Z\t10\timport_tables\tfailed\t\tnight ly\tbad news ␛[31m\n"},
		{true, `{"jobId":{"jobId":10,"jobBusinessKey":"night\tly","createdAt":"2026-11-23T15:00:00Z"},"jobType":"import_tables","errorMessage":"java.lang.X: bad\nnews \u001b[31m","status":"failed","statusChangedAt":"2026-11-23T15:00:00.5Z","dataDomain":"","children":{"total":0,"ended":0}}` + "\n"},
	} {
		var out, stderr bytes.Buffer
		v := &watch.Lines{Streams: iostreams.Pipes(nil, &out, &stderr, nil), JSON: tc.json}
		v.Show([]*follow.Entry{e})
		v.Changed(e, e.ChangedAt)
		v.Say("contact\x1b lost", true)
		if diff := cmp.Diff(tc.want, out.String()); diff != "" {
			t.Errorf("JSON %v (-want +got):\n%s", tc.json, diff)
		}
		if !strings.HasSuffix(stderr.String(), "Z contact␛ lost\n") {
			t.Errorf("said %q", stderr.String())
		}
	}
}

// A reader that goes away ends the watching.
func TestNobodyReads(t *testing.T) {
	inSite(t, func(t *testing.T, s *site) {
		time.AfterFunc(time.Minute, func() { s.start("nowhere", "one") })
		v := &watch.Lines{Streams: iostreams.Pipes(nil, closedPipe{}, new(bytes.Buffer), nil)}
		began := time.Now()
		if err := s.watch(t.Context(), v); err != nil {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(began); took != time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, net.ErrClosed }

func TestTableColumns(t *testing.T) {
	for parents, want := range map[bool][]string{
		false: {"job", "key", "type", "status", "tables", "created", "changed", "error"},
		true:  {"job", "key", "type", "status", "tables", "created", "changed", "parent", "error"},
	} {
		if got := watch.Table(nil, parents, time.Now()).Keys(); !slices.Equal(got, want) {
			t.Errorf("columns %v, want %v", got, want)
		}
	}
}
