package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fault is a proxy before the server that fails chosen calls.
type fault struct {
	mu    sync.Mutex
	calls *regexp.Regexp
	how   string
	times int // after so many it is over; 0 is never
	proxy *httputil.ReverseProxy
	kept  map[string]*httptest.ResponseRecorder // by path, of "cached"
}

// fails lets every call whose method and path match end as how says: a status
// with the server's usual body, "404 page" (an unknown address), "html", "empty",
// "{}", "[{}]", "cached" (by a cache that looks at the path alone), "cut" (half an
// answer) or "lost" (none); with " twice" behind it only two times.
func fails(calls, how string) step {
	return func(w *world) {
		w.Helper()
		f := &w.fault
		f.mu.Lock()
		f.calls = regexp.MustCompile(calls)
		var twice bool
		if f.how, twice = strings.CutSuffix(how, " twice"); twice {
			f.times = 2
		}
		f.mu.Unlock()
		if f.proxy != nil {
			return
		}
		to, err := url.Parse(w.url)
		w.must(err)
		f.proxy = httputil.NewSingleHostReverseProxy(to)
		server := &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
		w.url = w.serve(func(l net.Listener) error { return server.Serve(l) })
		w.Cleanup(func() { _ = server.Close() })
	}
}

func (f *fault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	hit, how := f.calls.MatchString(r.Method+" "+r.URL.EscapedPath()), f.how
	switch {
	case hit && f.times == 1:
		f.calls = regexp.MustCompile("^$")
		f.times = 0
	case hit && f.times > 1:
		f.times--
	}
	f.mu.Unlock()
	if !hit {
		f.proxy.ServeHTTP(w, r)
		return
	}
	media, body := "application/json", ""
	status := http.StatusOK
	switch how {
	case "cached":
		f.cached(w, r)
		return
	case "lost":
		panic(http.ErrAbortHandler)
	case "cut":
		w.Header().Set("Content-Length", "100")
		body = `{"checks":{`
	case "html":
		media, body = "text/html", "<html>log in</html>"
	case "404 page":
		status, body = http.StatusNotFound, errorJSON(r, http.StatusNotFound, "null")
	case "empty":
	case "{}", "[{}]", "[]":
		body = how
	case "404":
		status, body = http.StatusNotFound, "[]"
	case "500":
		status, body = http.StatusInternalServerError, errorJSON(r, http.StatusInternalServerError, `"disk full"`)
	default:
		status, _ = strconv.Atoi(how)
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

// cached answers for the server when it was asked at this path before.
func (f *fault) cached(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := f.kept[r.URL.EscapedPath()]
	if kept == nil {
		kept = httptest.NewRecorder()
		r.Header.Del("Accept-Encoding")
		f.proxy.ServeHTTP(kept, r)
		if f.kept == nil {
			f.kept = make(map[string]*httptest.ResponseRecorder)
		}
		f.kept[r.URL.EscapedPath()] = kept
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(kept.Code)
	_, _ = w.Write(kept.Body.Bytes())
}

func errorJSON(r *http.Request, status int, message string) string {
	return fmt.Sprintf(`{"timestamp":"2026-11-23T10:00:00.000+00:00","path":%q,"status":%d,"error":"x","message":%s,`+
		`"requestId":"8ffdb0de-1","trace":"java.lang.IllegalStateException: x\n\tat com.dqops.X"}`, r.URL.Path, status, message)
}

// faultCases let one call of the reading fail, in a second run on bad data that
// the server itself sums up as valid.
func faultCases() []verdictCase {
	const table = orders + " daily_row_count"
	bad := []step{set(dups, 400), set(table, 0), run("-c shop", says(3, dups+" @D0 fatal", table+" @D0 fatal"))}
	// With a policy that excuses all that can be excused.
	const lenient = " --allow-empty --allow-execution-errors --fail-on never"
	var cases []verdictCase
	for how, code := range map[string]int{
		"401": 77, "403": 77, "404": 8, "404 page": 76, "html": 76, "empty": 76, "400": 76, "500": 76, "502": 69, "cut": 69, "lost": 69,
	} {
		// What was read before and beside it is listed.
		found := says(code, dups+" @D0 fatal unchanged").approximate()
		steps := bad[:3:3]
		for _, call := range []string{"readouts", "results", "errors"} {
			steps = append(steps, fails("GET .*/orders.csv/monitoring/daily/"+call, how), run("-c shop --retry-budget 1"+lenient, found.whileRunSays("valid")))
		}
		cases = append(cases, verdictCase{name: "the reading answers " + how, scenario: "shop.yaml", steps: append(steps,
			wait("--retry-budget 1", found),
			fails("GET .*/orders.csv/status", how), run("-c shop --retry-budget 1 --judge exact"+lenient, says(code).approximate()),
		)})
		if code == 69 || how == "500" {
			continue // borne for long
		}
		cases = append(cases, verdictCase{name: "checks status, readouts answer " + how, scenario: "shop.yaml", present: true, steps: append(bad[:3:3],
			fails("GET .*/orders.csv/monitoring/daily/readouts", how),
			status("-c shop"+" --allow-empty --allow-execution-errors --fail-on never", says(code, dups+" @D0 fatal").approximate()),
		)})
	}
	for _, how := range []string{"502 twice", "500 twice", "503 twice", "lost twice", "cut twice", "429 twice"} {
		cases = append(cases, verdictCase{name: how, scenario: "shop.yaml", steps: append(bad[:3:3],
			fails("GET .*/orders.csv/.*(status|readouts|results|errors)", how),
			run("-c shop", says(3, dups+" @D0 fatal unchanged", table+" @D0 fatal unchanged").whileRunSays("valid")),
		)})
	}
	for how, code := range map[string]int{"401": 77, "500": 76, "404": 76, "404 page": 76, "html": 76, "empty": 76, "lost": 69, "[{}]": 76, "[]": 8} {
		cases = append(cases, verdictCase{name: "the search answers " + how, scenario: "shop.yaml", prepare: forgetful, steps: []step{
			set(dups, 400), submit("-c shop"), later(2 * time.Minute), other(`"connection":"none"`),
			fails("GET /api/search/tables", how), wait("--retry-budget 1"+lenient, says(code).approximate()),
		}})
	}
	steps := bad[:3:3]
	for _, call := range []string{"readouts", "results", "errors"} {
		steps = append(steps, fails("GET .*/orders.csv/monitoring/daily/"+call, "[{}]"), run("-c shop"+lenient, says(76, dups+" @D0 fatal unchanged").approximate()))
	}
	for _, how := range []string{"{}", "[{}]"} {
		steps = append(steps, fails("GET .*/orders.csv/status", how), run("-c shop"+lenient, says(76).approximate()))
	}
	cases = append(cases, verdictCase{name: "the reading answers nonsense", scenario: "shop.yaml", steps: steps})
	for _, call := range []string{"readouts", "results"} {
		cases = append(cases, verdictCase{name: "a cache hides data groups in " + call, scenario: "grouped.yaml", steps: []step{
			run("-c shop", says(2, grouped+" @D0 error")),
			run("-c shop", says(2, grouped+" {DE} @D0 error", grouped+" {FR} @D0 error", grouped+" {PL} @D0 error", grouped+" {US} @D0 warning")),
			fails("GET .*/monitoring/daily/"+call, "cached"),
			run("-c shop"+lenient, says(76).approximate().whileRunSays("valid")),
		}})
	}
	cases = append(cases, verdictCase{name: "checks status, a server that stays busy", scenario: "shop.yaml", present: true, steps: append(bad[:3:3],
		fails("GET .*/orders.csv/monitoring/daily/readouts", "503"),
		status("-c shop --retry-budget 300ms", says(69, dups+" @D0 fatal").approximate()),
		status("-c shop --timeout 6s", says(75, dups+" @D0 fatal").approximate()),
	)})
	return cases
}
