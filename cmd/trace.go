package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// trace prints one exchange for --debug, in one piece: others may be under way.
func (a *App) trace(x dqops.Exchange) {
	outcome := fmt.Sprintf("HTTP %d", x.Status)
	if x.Status == 0 {
		outcome = "no answer"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "debug: %s %s: %s after %s\n", x.Method, iostreams.Clean(x.URL), outcome, x.Duration.Round(time.Millisecond))
	traceMessage(&b, ">", x.Sent)
	traceMessage(&b, "<", x.Answer)
	if x.Err != nil {
		b.WriteString(a.traceError(x.Err))
	}
	a.say(b.String())
}

// traceMessage shows one direction, the headers and then the body.
func traceMessage(b *strings.Builder, direction string, m dqops.Message) {
	for _, name := range slices.Sorted(maps.Keys(m.Header)) {
		for _, value := range m.Header[name] {
			fmt.Fprintf(b, "debug:   %s %s: %s\n", direction, name, iostreams.Clean(value))
		}
	}
	if len(m.Body) == 0 {
		return
	}
	cut := ""
	if m.Cut {
		cut = " ... (cut)"
	}
	fmt.Fprintf(b, "debug:   %s %s%s\n", direction, iostreams.Clean(string(m.Body)), cut)
}
