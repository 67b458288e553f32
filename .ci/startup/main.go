// Startup times whole processes, dqoctl beside a cobra hello world and curl, and
// prints medians, ratios and our size. It measures and never judges: there is no
// limit in it.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"time"
)

const warmUp = 3

type program struct {
	name  string
	argv  []string
	times []time.Duration
}

func main() {
	rounds := flag.Int("rounds", 60, "how often each program is started")
	limit := flag.Duration("limit", 30*time.Second, "stop after this time with the rounds done so far")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: startup [--rounds N] [--limit DURATION] DQOCTL HELLO")
		os.Exit(64)
	}
	if err := run(flag.Arg(0), flag.Arg(1), *rounds, *limit); err != nil {
		fmt.Fprintln(os.Stderr, "startup:", err)
		os.Exit(1)
	}
}

func run(dqoctl, hello string, rounds int, limit time.Duration) error {
	version := &program{name: "dqoctl version", argv: []string{dqoctl, "version"}}
	help := &program{name: "dqoctl --help", argv: []string{dqoctl, "--help"}}
	cobra := &program{name: "cobra hello", argv: []string{hello}}
	programs := []*program{version, help, cobra}
	references := []*program{cobra}
	if path, err := exec.LookPath("curl"); err == nil {
		curl := &program{name: "curl --version", argv: []string{path, "--version"}}
		programs, references = append(programs, curl), append(references, curl)
	} else {
		fmt.Fprintln(os.Stderr, "startup: no curl here, compared with the hello world only")
	}

	ctx, stop := context.WithTimeout(context.Background(), limit)
	defer stop()
	if err := measure(ctx, programs, rounds); err != nil {
		return err
	}
	report(programs, []*program{version, help}, references)
	return reportSize(dqoctl)
}

// measure interleaves the programs, in another order each round, so that a load
// that comes and goes meets all of them.
func measure(ctx context.Context, programs []*program, rounds int) error {
	for round := range warmUp + rounds {
		for _, i := range rand.Perm(len(programs)) {
			p := programs[i]
			begin := time.Now()
			err := exec.CommandContext(ctx, p.argv[0], p.argv[1:]...).Run()
			took := time.Since(begin)
			if ctx.Err() != nil {
				return enough(programs)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			if round >= warmUp {
				p.times = append(p.times, took)
			}
		}
	}
	return nil
}

func enough(programs []*program) error {
	for _, p := range programs {
		if len(p.times) == 0 {
			return fmt.Errorf("%s did not end once within the limit", p.name)
		}
	}
	return nil
}

func report(programs, ours, references []*program) {
	fmt.Printf("%-32s %10s %10s %10s %7s\n", "process", "median", "fastest", "p90", "starts")
	for _, p := range programs {
		fmt.Printf("%-32s %10s %10s %10s %7d\n", p.name,
			milliseconds(p.quantile(0.5)), milliseconds(p.quantile(0)), milliseconds(p.quantile(0.9)), len(p.times))
	}
	fmt.Println("\nratio of medians")
	for _, p := range ours {
		for _, reference := range references {
			ratio := float64(p.quantile(0.5)) / float64(reference.quantile(0.5))
			fmt.Printf("%-32s %10.2f\n", p.name+" / "+reference.name, ratio)
		}
	}
}

func reportSize(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Printf("\nsize of dqoctl %23.2f MB\n", float64(info.Size())/1e6)
	return nil
}

// quantile is the time that the share q of the starts did not exceed.
func (p *program) quantile(q float64) time.Duration {
	times := slices.Sorted(slices.Values(p.times))
	return times[int(q*float64(len(times)-1))]
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}
