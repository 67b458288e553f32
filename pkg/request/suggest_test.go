package request_test

import (
	"strings"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/request"
)

func TestNearest(t *testing.T) {
	fields := []string{"connection", "fullTableName", "checkName", "checkType", "checkTarget", "columnDataType", "tableComparisonName", "from_date", "from_date_time", "enabled"}
	tests := []struct {
		word, want string
		candidates []string
	}{
		{"conection", "connection", fields},
		{"connetcion", "connection", fields},
		{"full_table_name", "fullTableName", fields},
		{"FULL-TABLE-NAME", "fullTableName", fields},
		{"fromDate", "from_date", fields},
		{"from_dat", "from_date", fields},
		{"tableName", "fullTableName", fields},
		{"dataType", "columnDataType", fields},
		{"conn", "connection", fields},
		{"connection_name", "connection", fields},
		{"is_enabled", "enabled", fields},
		{"check", "", fields},
		{"table", "", fields},
		{"x", "", fields},
		{"", "", fields},
		{"_", "", []string{"", "-"}},
		{"zebra", "", fields},
		{strings.Repeat("connection", 100), "", fields},
		{"jbos", "jobs", []string{"jobs", "doctor"}},
		{"run-check", "run-checks", []string{"run-checks", "checks"}},
		{"connection", "", nil},
	}
	for _, tt := range tests {
		got, ok := request.Nearest(tt.word, tt.candidates)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("Nearest(%.40q): got %q, %v; want %q", tt.word, got, ok, tt.want)
		}
	}
}
