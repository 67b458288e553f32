package follow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// Request is what a job was asked to do: value by path of names, in the form in
// which requests of the same meaning are equal. The server writes a request into
// the job's history with its defaults added and its times rewritten (wire 3.8, T8).
type Request map[string]string

// requestOf is that of a body which is about to be sent.
func requestOf(body any) (Request, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return parseRequest(text)
}

// requestOfJob is that of a job in the history, nil for one of a type that this
// program starts none of.
func requestOfJob(job *dqops.Job) (Request, error) {
	raw, ok := job.Parameters[kinds[job.Type].parameters]
	if !ok {
		return nil, nil
	}
	request, err := parseRequest(raw)
	if err != nil {
		return nil, fmt.Errorf("understand the parameters of job %d: %w", job.ID.ID, err)
	}
	return request, nil
}

func parseRequest(text []byte) (Request, error) {
	var object map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		return nil, err
	}
	r := make(Request)
	r.addObject("", object)
	return r, nil
}

func (r Request) addObject(path string, object map[string]any) {
	for name, value := range object {
		// What the server adds when the job is done is no part of the request.
		if strings.HasSuffix(name, "_result") {
			continue
		}
		if renamed, ok := rewritten[name]; ok {
			name = renamed
		}
		if path != "" {
			name = path + "." + name
		}
		r.add(name, value)
	}
}

// rewritten are the names that the server writes otherwise than it reads them (wire
// 3.2).
var rewritten = map[string]string{"collectorsHierarchyIdsModels": "profilerHierarchyIdsModels"}

func (r Request) add(path string, value any) {
	name := path[strings.LastIndexByte(path, '.')+1:]
	text := ""
	switch v := value.(type) {
	case nil:
	case map[string]any:
		r.addObject(path, v)
	case []any:
		text = listText(v)
		if len(v) == 0 && name == "tableNames" {
			text = "[]" // which imports nothing, and none given all (wire L5)
		}
	case string:
		text = timeText(name, v)
	case bool:
		text = fmt.Sprint(v)
		if !v && !slices.Contains(threeStates, name) {
			text = ""
		}
	default:
		text = fmt.Sprint(v)
	}
	if text != "" && text != defaults[name] {
		r[path] = text
	}
}

// threeStates are the switches that mean something else when they are off than
// when they are absent (wire 3.2, 3.3, T10, T17). All others are off when absent.
var threeStates = []string{
	"enabled", "columnNullable", "collect_error_samples",
	"daily_partitioning_include_today", "monthly_partitioning_include_current_month",
}

// defaults are the values that mean the same as none.
var defaults = map[string]string{
	"enabled": "true", "data_scope": "table", "execution_target": string(dqops.TargetSensorsAndRules), "direction": "full",
}

// listText is the same for lists that hold the same in another order: all of them
// are sets.
func listText(list []any) string {
	words := make([]string, len(list))
	for i, item := range list {
		text, err := json.Marshal(item)
		if err != nil {
			return fmt.Sprint(list)
		}
		words[i] = string(text)
	}
	slices.Sort(words)
	return strings.Join(words, ",")
}

// timeText writes a bound of the time window as the server echoes it: without
// zeros in the fraction, and one with an offset in UTC.
func timeText(name, text string) string {
	switch name {
	case "from_date_time", "to_date_time":
		for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
			if t, err := time.Parse(layout, strings.TrimSuffix(text, "Z")); err == nil {
				return t.Format("2006-01-02T15:04:05.999999999")
			}
		}
	case "from_date_time_offset", "to_date_time_offset":
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
			if t, err := time.Parse(layout, text); err == nil {
				return t.UTC().Format(time.RFC3339Nano)
			}
		}
	}
	return text
}

// differences says where another request differs, at most three places of it;
// empty when they are the same.
func (r Request) differences(theirs Request) string {
	names := maps.Clone(r)
	maps.Copy(names, theirs)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if r[name] != theirs[name] {
			list = append(list, fmt.Sprintf("%s is %s there and %s here", name, shown(theirs[name]), shown(r[name])))
		}
	}
	if more := len(list) - 3; more > 0 {
		list = append(list[:3], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, ", ")
}

func shown(value string) string {
	if value == "" {
		return "not set"
	}
	return value
}
