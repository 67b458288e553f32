package simulator

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (b *bench) inject(f Fault) *Injection {
	b.t.Helper()
	i, err := b.Inject(f)
	if err != nil {
		b.t.Fatal(err)
	}
	return i
}

// sendOnce is a request on a connection of its own whose failure is the result.
func (b *bench) sendOnce(method, path, body string) (answer, error) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, "http://simulator"+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	b.client.CloseIdleConnections() // a kept one would be tried twice
	req.Close = true
	req.Header.Set("Accept", jsonType)
	req.Header.Set("Content-Type", jsonType)
	resp, err := b.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp, text}, err
}

const runNothing = `{"check_search_filters":{"connection":"nosuch"}}`

func (b *bench) submitOnce(key string) (answer, error) {
	b.t.Helper()
	return b.sendOnce(http.MethodPost, "/api/jobs/runchecks?wait=false&jobBusinessKey="+key, runNothing)
}

func (b *bench) jobsWithKey(key string) int {
	n := 0
	for _, j := range b.Jobs() {
		if j.Key == key {
			n++
		}
	}
	return n
}

func TestWhichRequestsAFaultStrikes(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault Fault
		want  string // of six GET of /api/jobs/jobs/k and one POST before them
	}{
		{"any", Fault{}, "x xxxxxx"},
		{"operation", Fault{On: Words{"get_job"}}, ". xxxxxx"},
		{"operations", Fault{On: Words{"run_checks", "cancel_job"}}, "x ......"},
		{"method", Fault{Method: "POST"}, "x ......"},
		{"path", Fault{Path: "/api/jobs/jobs/*"}, ". xxxxxx"},
		{"path to the end", Fault{Path: "/api/jobs/**"}, "x xxxxxx"},
		{"another depth", Fault{Path: "/api/*"}, ". ......"},
		{"first", Fault{On: Words{"get_job"}, First: 2}, ". xx...."},
		{"only", Fault{On: Words{"get_job"}, Only: Counts{2, 5}}, ". .x..x."},
		{"every", Fault{On: Words{"get_job"}, Every: 3}, ". ..x..x"},
		{"first and every", Fault{On: Words{"get_job"}, First: 4, Every: 2}, ". .x.x.."},
		{"chance", Fault{On: Words{"get_job"}, Chance: 0.5, Seed: 7}, ". x.x..x"},
		{"never", Fault{On: Words{"get_job"}, Chance: 1e-12}, ". ......"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
				tc.fault.Do, tc.fault.Status = Answer, 503
				i := b.inject(tc.fault)
				got := []byte("........")
				mark := func(at int, a answer) {
					if a.StatusCode == 503 {
						got[at] = 'x'
					}
				}
				mark(0, b.start("k", `{"connection":"nosuch"}`))
				for n := range 6 {
					mark(2+n, b.get("/api/jobs/jobs/k"))
				}
				got[1] = ' '
				if string(got) != tc.want || i.Struck() != strings.Count(tc.want, "x") {
					t.Errorf("struck %q (%d), want %q", got, i.Struck(), tc.want)
				}
				i.Remove()
				if a := b.get("/api/ishealthy"); a.StatusCode != 200 {
					t.Errorf("a removed fault strikes: %s", a.Status)
				}
			})
		})
	}
}

func TestEffectOfAStruckSubmit(t *testing.T) {
	for _, do := range []Action{Close, Reset, HalfClose, Answer} {
		for when, jobs := range map[When]int{Before: 0, During: 1, After: 1} {
			t.Run(string(do)+" "+string(when), func(t *testing.T) {
				inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
					f := Fault{On: Words{"run_checks"}, First: 1, When: when, Do: do}
					if do == Answer {
						f.Status = 502
					}
					b.inject(f)
					got, err := b.submitOnce("k")
					if do == Answer && (err != nil || got.StatusCode != 502) || do != Answer && err == nil {
						t.Fatalf("the answer is %v, %v", got.Response, err)
					}
					if when == During {
						if b.jobsWithKey("k") != 0 {
							t.Error("the effect came before the strike")
						}
						<-time.After(time.Duration(lateness))
						synctest.Wait()
					}
					if n := b.jobsWithKey("k"); n != jobs {
						t.Errorf("%d jobs in the books, want %d", n, jobs)
					}
				})
			})
		}
	}
}

func TestAnswerCutAtEveryByte(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		cut := func(at string) string {
			i := b.inject(Fault{Path: "/api/ishealthy", First: 1, When: After, Do: Close, At: at})
			defer i.Remove()
			return b.exchange("GET /api/ishealthy HTTP/1.1\r\nHost: x\r\n\r\n")
		}
		whole := cut(AtEnd)
		if !strings.HasPrefix(whole, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(whole, "\r\n\r\nOK") {
			t.Fatalf("the whole answer is %q", whole)
		}
		for n := range len(whole) {
			if got := cut(strconv.Itoa(n)); got != whole[:n] {
				t.Fatalf("cut at %d: %q", n, got)
			}
		}
		for at, want := range map[string]string{
			AtHeader: strings.TrimSuffix(whole, "OK"), AtBody: strings.TrimSuffix(whole, "K"),
			"-1": strings.TrimSuffix(whole, "K"), "9999": whole, "-9999": "", "": "",
		} {
			if got := cut(at); got != want {
				t.Errorf("cut at %q: %q, want %q", at, got, want)
			}
		}
	})
}

// exchange writes a request as it is and returns what comes until the end.
func (b *bench) exchange(request string) string {
	b.t.Helper()
	transport := b.client.Transport.(*http.Transport)
	conn, err := transport.DialContext(b.t.Context(), "tcp", "simulator")
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		b.t.Fatal(err)
	}
	text, err := io.ReadAll(conn)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func TestOtherAnswers(t *testing.T) {
	for _, tc := range []struct {
		name        string
		fault       Fault
		status      int
		contentType string
		body        string
		retryAfter  string
	}{
		{"proxy", Fault{Status: 502}, 502, "text/html", "<h1>502 Bad Gateway</h1>", ""},
		{"busy", Fault{Status: 429, RetryAfter: Duration(7 * time.Second)}, 429, "text/html", "429", "7"},
		{"date", Fault{Status: 503, RetryDate: Duration(time.Minute)}, 503, "text/html", "503", "Sat, 01 Jan 2000 00:01:00 GMT"},
		{"server", Fault{Status: 500}, 500, jsonType, `"status":500`, ""},
		{"login page", Fault{Body: BodyHTML}, 200, "text/html", "<html>", ""},
		{"empty", Fault{Body: BodyEmpty}, 200, jsonType, "", ""},
		{"garbage", Fault{Body: BodyGarbage}, 200, jsonType, "\x00\x01{]", ""},
		{"empty after", Fault{Body: BodyEmpty, When: After}, 201, jsonType, "", ""},
		{"truncated", Fault{Body: BodyTruncated, When: After}, 201, jsonType, `{"jobId":{"jobId":9`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
				tc.fault.Do = Answer
				b.inject(tc.fault)
				got, err := b.submitOnce("k")
				if err != nil {
					t.Fatal(err)
				}
				if got.StatusCode != tc.status || got.Header.Get("Content-Type") != tc.contentType ||
					got.Header.Get("Retry-After") != tc.retryAfter || !strings.Contains(string(got.body), tc.body) {
					t.Errorf("%s %v %q", got.Status, got.Header, got.body)
				}
				if tc.body == "" && len(got.body) > 0 {
					t.Errorf("a body: %q", got.body)
				}
			})
		})
	}
}

func TestDelays(t *testing.T) {
	for when, visible := range map[When]bool{Before: false, After: true} {
		inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
			b.inject(Fault{On: Words{"run_checks"}, When: when, Do: Delay, For: Duration(time.Minute)})
			began := time.Now()
			done := make(chan error, 1)
			b.launch("the caller", func() { _, err := b.submitOnce("k"); done <- err })
			<-time.After(30 * time.Second)
			if got := b.jobsWithKey("k") == 1; got != visible {
				t.Errorf("delayed %s the effect: the job is there: %t", when, got)
			}
			if err := <-done; err != nil || time.Since(began) != time.Minute || b.jobsWithKey("k") != 1 {
				t.Errorf("%s: %v after %s", when, err, time.Since(began))
			}
		})
	}
}

// TestDelayedEffectSurvivesItsCaller: what was read has its effect also when
// nobody waits for it any more, as with a proxy that delivers late.
func TestDelayedEffectSurvivesItsCaller(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		b.inject(Fault{On: Words{"run_checks"}, Do: Delay, For: Duration(time.Minute)})
		b.client.Timeout = time.Second
		if _, err := b.submitOnce("k"); err == nil {
			t.Error("there was an answer")
		}
		<-time.After(time.Minute)
		synctest.Wait()
		if n := b.jobsWithKey("k"); n != 1 {
			t.Errorf("%d jobs", n)
		}
	})
}

func TestStallLastsUntilTheCallerGoes(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		b.inject(Fault{On: Words{"run_checks"}, When: After, Do: Stall, At: AtHeader})
		b.client.Timeout = time.Hour
		began := time.Now()
		if _, err := b.submitOnce("k"); err == nil || time.Since(began) != time.Hour {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		if b.jobsWithKey("k") != 1 {
			t.Error("the effect is missing")
		}
	})
}

func TestRestartForgetsJobsAndKeepsData(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		ended("k", `{"connection":"shop"}`)(b)
		before, stored := b.Jobs(), len(b.StoredData("shop"))
		held := b.Hold(StageRunning)
		b.start("running", `{"connection":"shop"}`)
		<-held.Reached()
		b.Restart(Restart{})
		held.Release()
		synctest.Wait()
		if len(b.StoredData("shop")) != stored {
			t.Error("a job of the old life went on")
		}
		for _, id := range []string{"k", "running", strconv.FormatInt(before[0].ID, 10)} {
			if got := b.get("/api/jobs/jobs/" + id); got.StatusCode != 404 {
				t.Errorf("job %s after the restart: %s", id, got.Status)
			}
		}
		ended("k", `{"connection":"nosuch"}`)(b)
		jobs := b.Jobs()
		last := jobs[len(jobs)-1]
		if last.Life != 1 || last.ID <= before[len(before)-1].ID || before[0].Life != 0 {
			t.Errorf("the books are %+v", jobs)
		}
		changes := string(b.get("/api/jobs/jobchangessince/" + strconv.FormatInt(before[0].ID, 10)).body)
		if strings.Contains(changes, "running") && strings.Contains(changes, strconv.FormatInt(before[0].ID, 10)) {
			t.Errorf("changes of the old life: %s", changes)
		}
	})
}

func TestRestartBreaksWhatIsUnderWay(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		held := b.Hold(StageRunning)
		defer held.Release()
		b.start("k", `{"connection":"shop"}`)
		broken := make(chan error, 2)
		wait := func(path string) func() {
			return func() { _, err := b.sendOnce(http.MethodGet, path, ""); broken <- err }
		}
		b.inject(Fault{On: Words{"get_job"}, Do: Stall})
		b.launch("a waiting caller", wait("/api/jobs/jobs/k/wait?waitTimeout=3600"))
		b.launch("a stalled caller", wait("/api/jobs/jobs/k"))
		synctest.Wait()
		began := time.Now()
		b.Restart(Restart{Down: time.Minute})
		for range 2 {
			if err := <-broken; err == nil || time.Since(began) != 0 {
				t.Errorf("%v after %s", err, time.Since(began))
			}
		}
		if _, err := b.sendOnce(http.MethodGet, "/api/ishealthy", ""); err == nil {
			t.Error("a server that is down answers")
		}
		<-time.After(time.Minute)
		if got, err := b.sendOnce(http.MethodGet, "/api/ishealthy", ""); err != nil || got.StatusCode != 200 {
			t.Errorf("after the restart: %v, %v", got.Response, err)
		}
	})
}

func TestStartingServer(t *testing.T) {
	plan := &Plan{Starting: Duration(10 * time.Second)}
	inBubble(t, Options{Scenario: shopScenario(), Plan: plan}, func(t *testing.T, b *bench) {
		health := b.get("/api/ishealthy")
		if health.StatusCode != 503 || string(health.body) != "UNAVAILABLE" {
			t.Errorf("health: %s %q", health.Status, health.body)
		}
		if got := b.start("k", `{"connection":"nosuch"}`); got.StatusCode != 201 || !strings.Contains(string(got.body), `"jobBusinessKey":"k"`) {
			t.Errorf("submit: %s %s", got.Status, got.body)
		}
		for _, path := range []string{"/api/jobs/jobs/k", "/api/jobs/jobs/k/wait?waitTimeout=1"} {
			if got := b.get(path); got.StatusCode != 404 || len(got.body) > 0 {
				t.Errorf("%s: %s %q", path, got.Status, got.body)
			}
		}
		<-time.After(10 * time.Second)
		settle()
		if got := b.get("/api/ishealthy"); string(got.body) != "OK" {
			t.Errorf("health: %q", got.body)
		}
		b.wantStatus("k", statusFinished)
	})
}

func TestShutdownStartsNothing(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		b.inject(Fault{On: Words{"run_checks"}, First: 1, Do: Shutdown, For: Duration(5 * time.Second), Starting: Duration(time.Second)})
		got := b.start("k", `{"connection":"nosuch"}`)
		if diff := cmp.Diff(`201 {"status":"queued"}`, got.Status[:3]+" "+string(got.body)); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
		if got := b.send(http.MethodPost, "/api/jobs/synchronize", `{}`); got.StatusCode != 500 || !strings.Contains(string(got.body), `"message":""`) {
			t.Errorf("a waiting caller: %s %s", got.Status, got.body)
		}
		if len(b.Jobs()) > 0 {
			t.Errorf("jobs: %v", b.Jobs())
		}
		<-time.After(5 * time.Second)
		synctest.Wait()
		if got, err := b.sendOnce(http.MethodGet, "/api/ishealthy", ""); err != nil || got.StatusCode != 503 {
			t.Errorf("after the shutdown: %v, %v", got.Response, err)
		}
		<-time.After(time.Second)
		synctest.Wait()
		if _, err := b.submitOnce("k"); err != nil || b.jobsWithKey("k") != 1 {
			t.Errorf("after the start: %v, jobs %v", err, b.Jobs())
		}
	})
}

func TestProxyLimitsAnExchange(t *testing.T) {
	for do, want := range map[Action]string{Answer: "504", Close: "lost", Reset: "lost"} {
		sc := shopScenario()
		sc.Proxy.Exchange = Limit{After: Duration(30 * time.Second), Do: do}
		inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
			held := b.Hold(StageRunning)
			b.start("k", `{"connection":"nosuch"}`)
			began := time.Now()
			got, err := b.sendOnce(http.MethodGet, "/api/jobs/jobs/k/wait?waitTimeout=60", "")
			what := "lost"
			if err == nil {
				what = strconv.Itoa(got.StatusCode)
			}
			if what != want || time.Since(began) != 30*time.Second {
				t.Errorf("%s: %s after %s", do, what, time.Since(began))
			}
			if got := b.get("/api/jobs/jobs/k/wait?waitTimeout=20"); got.StatusCode != 200 {
				t.Errorf("a short wait: %s", got.Status)
			}
			held.Release()
		})
	}
}

func TestProxyForgetsIdleConnections(t *testing.T) {
	for _, do := range []Action{Close, Reset, Stall} {
		sc := shopScenario()
		sc.Proxy.Idle = Limit{After: Duration(5 * time.Second), Do: do}
		inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
			conn, err := b.client.Transport.(*http.Transport).DialContext(t.Context(), "tcp", "simulator")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			answers := bufio.NewReader(conn)
			ask := func() error {
				_ = conn.SetDeadline(time.Now().Add(time.Minute))
				if _, err := io.WriteString(conn, "GET /api/ishealthy HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
					return err
				}
				resp, err := http.ReadResponse(answers, nil)
				if err != nil {
					return err
				}
				defer resp.Body.Close()
				if resp.Close {
					t.Errorf("%s: it is announced", do)
				}
				_, err = io.Copy(io.Discard, resp.Body)
				return err
			}
			for range 3 {
				if err := ask(); err != nil {
					t.Errorf("%s: a connection in use: %v", do, err)
				}
				<-time.After(4 * time.Second)
			}
			<-time.After(2 * time.Second)
			began := time.Now()
			err = ask()
			var timeout net.Error
			if err == nil || (do == Stall) != (errors.As(err, &timeout) && timeout.Timeout() && time.Since(began) == time.Minute) {
				t.Errorf("%s: an idle connection: %v after %s", do, err, time.Since(began))
			}
		})
	}
}

// TestResetOnTCP is the part that connections in memory cannot show.
func TestResetOnTCP(t *testing.T) {
	s := New(Options{Scenario: shopScenario()})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	s.launch("the test's listener", func() { served <- s.Serve(listener) })
	defer func() {
		if err := errors.Join(s.Close(), <-served); err != nil {
			t.Error(err)
		}
	}()
	for do, want := range map[Action]error{Reset: syscall.ECONNRESET, Close: io.ErrUnexpectedEOF, HalfClose: io.ErrUnexpectedEOF} {
		i, err := s.Inject(Fault{When: After, Do: do, At: "12", First: 1})
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "GET /api/ishealthy HTTP/1.1\r\nHost: x\r\n\r\n")
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		text := make([]byte, 20)
		n, err := io.ReadFull(conn, text)
		if !errors.Is(err, want) || do != Reset && string(text[:n]) != "HTTP/1.1 200" {
			t.Errorf("%s: %q and %v", do, text[:n], err)
		}
		if i.Struck() != 1 {
			t.Errorf("%s struck %d times", do, i.Struck())
		}
		_ = conn.Close()
	}
}
