package follow

import "time"

const (
	// auditAfter is how long a job may be silent before it is read all the same: a
	// synchronize job can vanish without a change (wire T18), any with a restart
	// that a proxy hides (wire L10).
	auditAfter = time.Minute
	// auditSize bounds how many are read so between two questions.
	auditSize = 5
)

// audit has some of those read that may be gone, since nothing was heard of them
// for long. Others vanish together, with a restart that no connection felt: when
// nothing was heard of any job, one is read for all.
func (c *crowd) audit() {
	picked, quiet := 0, true
	for _, m := range c.members {
		silent := time.Since(m.heard) > auditAfter
		quiet = quiet && silent
		if silent && picked < auditSize && !m.done && m.mayVanish() {
			m.due = true
			picked++
		}
	}
	if open := c.open(); quiet && len(open) > 0 {
		open[0].due = true
	}
}
