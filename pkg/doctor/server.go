package doctor

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// maxClockOffset is below what people confuse.
const maxClockOffset = 5 * time.Second

// examineServer says whether DQOps answers, and whether it is up.
func (d *Doctor) examineServer(ctx context.Context) bool {
	healthy, err := d.Client.Healthy(ctx)
	switch {
	case err != nil:
		d.failBy(checkServer, err)
		return false
	case healthy:
		d.ok(checkServer, "DQOps answers")
		d.ok(checkHealth, "the server is up and its job queues run")
	default:
		d.ok(checkServer, "something answers as DQOps does")
		d.fail(checkHealth, exit.Unreachable, "it may be starting: --wait-ready 5m waits for it", "the server says that its job queues do not run")
	}
	return true
}

// examineClock takes the time from the answer's Date or, as the server itself
// sends none, from an error, which has a timestamp (wire 1.3).
func (d *Doctor) examineClock(ctx context.Context, p *probe) {
	at, err := http.ParseTime(p.header.Get("Date"))
	at = at.Add(time.Second / 2) // it has whole seconds
	if err != nil {
		p = d.ask(ctx, "/api/dqoctl-asks-for-the-time", d.Settings.Token)
		var said struct {
			Timestamp string `json:"timestamp"`
		}
		if p.err != nil || json.Unmarshal(p.body, &said) != nil {
			d.skip(checkClock, "the server does not tell its time")
			return
		}
		if at, err = time.Parse("2006-01-02T15:04:05.999-07:00", said.Timestamp); err != nil {
			d.skip(checkClock, "the server does not tell its time")
			return
		}
	}
	here := p.sent.Add(p.came.Sub(p.sent) / 2)
	offset := at.Sub(here).Round(time.Second)
	switch {
	case offset.Abs() <= maxClockOffset:
		d.ok(checkClock, "the clocks of the server and of this machine agree")
	case offset > 0:
		d.warn(checkClock, clockHint, "the server's clock is %s ahead of this machine's", offset)
	default:
		d.warn(checkClock, clockHint, "the server's clock is %s behind this machine's", offset.Abs())
	}
}

const clockHint = "verdicts do not suffer, they use the server's clock alone; --since and dates that you type mean this machine's"

func (d *Doctor) examineScheduler(ctx context.Context) {
	running, err := d.Client.IsCronSchedulerRunning(ctx)
	switch {
	case err != nil:
		d.failBy(checkScheduler, err)
	case running:
		d.ok(checkScheduler, "it runs jobs by their cron schedules")
	default:
		d.warn(checkScheduler, "dqoctl scheduler start starts it", "it is stopped: jobs with a cron schedule do not start; those that dqoctl starts do")
	}
}
