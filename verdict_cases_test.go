package main

import (
	"sync"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// verdictCase is one row: a scenario and what happens in it, command by command
// with what each must say.
type verdictCase struct {
	name     string
	scenario string
	present  bool // the server's day is today, not the scenario's
	tables   int  // so many copies of the first table
	prepare  func(*simulator.Scenario)
	steps    []step
}

// TestVerdicts runs the program itself against simulated servers whose data,
// jobs and stored results change between the runs.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	var cases []verdictCase
	for _, table := range [][]verdictCase{rerunCases, groupCases, periodCases, doubtCases, jobCases, filterCases(), statusCases, faultCases()} {
		cases = append(cases, table...)
	}
	// The cases mostly wait, so that more of them than processors run at once.
	places := make(chan struct{}, 16)
	var running sync.WaitGroup
	for _, c := range cases {
		running.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			t.Run(c.name, func(t *testing.T) {
				w := newWorld(t, c)
				for _, step := range c.steps {
					step(w)
				}
			})
		})
	}
	running.Wait()
}
