package dqops_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// TestALargeAnswerTakesFewTimesItsSize decodes answers of 5 MB, plain and zipped:
// what is allocated for them, the buffers of the test's server among it, is a few
// times as much.
func TestALargeAnswerTakesFewTimesItsSize(t *testing.T) {
	const size, most = 5 << 20, 8
	path := dqops.CheckPath{TableRef: dqops.TableRef{Connection: "c", Schema: "s", Table: "t"}, CheckType: dqops.CheckTypeProfiling}
	month := dqops.ResultsQuery{First: time.Unix(0, 0), Last: time.Unix(0, 0)}
	for name, tc := range map[string]struct {
		begin, entry, end string
		call              func(*dqops.Client) (int, error)
	}{
		"a job": {`{"jobId":{"jobId":7},"status":"finished","errorMessage":"`, "xxxxxxxxx,", `"}`, func(c *dqops.Client) (int, error) {
			job, err := c.GetJob(t.Context(), "7")
			if err != nil {
				return 0, err
			}
			return strings.Count(job.ErrorMessage, ","), nil
		}},
		"readouts": {
			`[{"checkName":"daily_row_count","sensorReadoutEntries":[`,
			`{"id":"0123456789abcdef0123456789abcdef","checkName":"daily_row_count","actualValue":54.25,"columnName":"amount","dataGroup":"no grouping",` +
				`"executedAt":"2026-11-23T14:15:26.147073067Z","timePeriod":"2026-11-23T00:00:00"},`,
			`{"id":"last"}]}]`, func(c *dqops.Client) (int, error) {
				lists, err := c.SensorReadouts(t.Context(), path, month)
				if err != nil {
					return 0, err
				}
				return len(lists[0].Entries) - 1, nil
			},
		},
	} {
		text := tc.begin + strings.Repeat(tc.entry, size/len(tc.entry)+1) + tc.end
		for _, zipped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, zipped %t", name, zipped), func(t *testing.T) {
				body, header := text, []string{}
				if zipped {
					body, header = pack(t, text), []string{"Content-Encoding", "gzip"}
				}
				client := serve(t, says(http.StatusOK, body, header...)).client(t)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				got, err := tc.call(client)
				runtime.ReadMemStats(&after)
				if want := size/len(tc.entry) + 1; err != nil || got != want {
					t.Fatalf("%d entries and %v, want %d", got, err, want)
				}
				if used := after.TotalAlloc - before.TotalAlloc; used > most*uint64(len(text)) {
					t.Errorf("%d KiB were allocated for an answer of %d KiB, want at most %d times that", used>>10, len(text)>>10, most)
				}
				t.Logf("%.1f times", float64(after.TotalAlloc-before.TotalAlloc)/float64(len(text)))
			})
		}
	}
}

func pack(t *testing.T, text string) string {
	t.Helper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}
