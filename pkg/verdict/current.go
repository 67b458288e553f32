package verdict

import "github.com/dqoctl/dqoctl/pkg/exit"

// JudgeCurrent judges how checks stand without a run. Checks is how many matched;
// err is why not all could be read.
func JudgeCurrent(s *Standing, checks int, err error, p Policy) Result {
	r := Result{Standing: s, Outcome: exit.OK}
	var held []holding
	if err != nil {
		problem := Explain(err)
		r.Problem = &problem
		held = append(held, holding{OutcomeOf(err), problem.Message})
	}
	if s != nil {
		held = append(held, holdsOfFindings(s, s.ExecutionErrors, p)...)
	}
	if err == nil && checks == 0 && !p.AllowEmpty {
		held = append(held, holding{exit.NothingRan, "no check matched, or nothing is stored of those that did"})
	}
	r.decide(held)
	return r
}
