package main
import ("testing";"fmt";"os";"strings";"bufio")
func TestTry(t *testing.T) {
	f, _ := os.Open("/tmp/w/try.txt"); defer f.Close()
	sc := bufio.NewScanner(f)
	s := newStation(t, warehouse(t))
	for sc.Scan() {
		line := sc.Text()
		if line == "--" { s = newStation(t, warehouse(t)); continue }
		if line == "" {continue}
		args := strings.Fields(line)
		for i := range args { args[i] = strings.ReplaceAll(strings.Trim(args[i], "'"), "~", " ") }
		got := s.run(args...)
		fmt.Printf("$ dqoctl %s\n%s[stderr] %s[code %d]\n", line, got.out, got.err, got.code)
	}
	for _, r := range s.sim.Requests() { fmt.Println(r.Method, r.Path, r.Query, r.Status, string(r.Body)) }
}
