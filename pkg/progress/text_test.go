package progress

import (
	"testing"
	"time"
)

func TestGlance(t *testing.T) {
	full := State{Status: "running", Done: 3, Total: 5, Unit: "tables", Note: "behind job 17"}
	tests := []struct {
		name  string
		state State
		room  int
		want  string
	}{
		{"all", full, 54, "running  3/5 tables  behind job 17  1m30s"},
		{"just fits", full, 41, "running  3/5 tables  behind job 17  1m30s"},
		{"no room for the note", full, 40, "running  3/5 tables  1m30s"},
		{"nor for the count", full, 25, "running  1m30s"},
		{"little room", full, 13, "run...  1m30s"},
		{"no id is cut", State{Status: "queued", Note: "behind job 1795443311000000"}, 34, "behind job 1795443311000000  1m30s"},
		{"nor a narrow one", State{Status: "queued", Note: "behind job 1795443311000000"}, 33, "queued  1m30s"},
		{"no blank before the mark", State{Status: "reading how it stands"}, 18, "reading...  1m30s"},
		{"time only", full, 10, "1m30s"},
		{"time just fits", full, 5, "1m30s"},
		{"nothing fits", full, 4, ""},
		{"no room", full, -3, ""},
		{"only a status", State{Status: "queued"}, 54, "queued  1m30s"},
		{"no total", State{Status: "importing", Done: 7}, 54, "importing  7  1m30s"},
		{"nothing known", State{}, 54, "1m30s"},
		{"foreign", State{Status: "a\x1b[2J\nb", Note: "表"}, 54, "a?[2J b  ?  1m30s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.state.glance(90*time.Second+900*time.Millisecond, tt.room)
			if got != tt.want {
				t.Errorf("room %d: %q, want %q", tt.room, got, tt.want)
			}
			if len(got) > max(tt.room, 0) {
				t.Errorf("%d columns in a room of %d", len(got), tt.room)
			}
		})
	}
}
