package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/request"
)

// confirm shows what will be deleted and asks. Where the tables, the dates or the
// filters are open, the summary says so.
func (o *deleteDataOptions) confirm(ctx context.Context) error {
	var b strings.Builder
	screen := output.Screen{Width: o.app.Streams.ErrWidth(), Color: o.app.Streams.ColorErr()}
	if err := output.Print(&b, screen, o.summary()); err != nil {
		return exit.Internalf("show what will be deleted: %w", err)
	}
	o.app.say(b.String())
	for _, warning := range request.DeleteWarnings(o.body) {
		o.app.inform("warning: " + warning)
	}
	if o.yes {
		return nil
	}
	o.app.say("\nDelete this for good? Type yes: ")
	answer, err := o.app.typed(ctx)
	switch {
	case ctx.Err() != nil:
		return err
	case err == nil && strings.TrimSpace(answer) == "yes":
		return nil
	}
	return exit.Usagef("nothing was sent", "the deletion was not confirmed")
}

// typed reads a line from the terminal. Nothing can break such a read off: after
// an interrupt it is left behind, and ends with the process.
func (a *App) typed(ctx context.Context) (string, error) {
	type answer struct {
		line string
		err  error
	}
	read := make(chan answer, 1)
	var group exit.Group
	group.Go(func() error {
		line, err := bufio.NewReader(a.Streams.In).ReadString('\n')
		read <- answer{line, err}
		return nil
	})
	select {
	case got := <-read:
		if got.err != nil {
			a.say("\n")
		}
		return got.line, got.err
	case <-ctx.Done():
		a.say("\n")
		return "", context.Cause(ctx)
	}
}

func (o *deleteDataOptions) summary() output.Document {
	b := o.body
	fields := output.Fields{
		{Name: "Server", Value: o.settings.Server},
		{Name: "Connection", Value: b.Connection},
		{Name: "Tables", Value: orAll(b.FullTableName, "ALL tables of the connection")},
		{Name: "Dates", Value: datesText(b.DateStart, b.DateEnd)},
		{Name: "What", Value: strings.Join(deletedKinds(b), ", ")},
	}
	fields = append(fields, narrowed(b)...)
	return output.Document{Mark: "!", Tone: output.Doubtful, Headline: "to be deleted", Blocks: []output.Block{fields}}
}

// narrowed are the filters of the body beside those that are always shown.
func narrowed(b dqops.DeleteStoredDataQueueJobParameters) output.Fields {
	var values map[string]any
	data, err := json.Marshal(b)
	if err != nil || json.Unmarshal(data, &values) != nil {
		return nil
	}
	var fields output.Fields
	for _, filter := range request.DeleteFilters() {
		if value, ok := values[filter.Field]; ok && !slices.Contains([]string{"fullTableName", "dateStart", "dateEnd"}, filter.Field) {
			fields = append(fields, output.Field{Name: "Only " + filter.Flag, Value: fmt.Sprint(value)})
		}
	}
	return fields
}

func orAll(value, all string) string {
	if value == "" {
		return all
	}
	return value
}

func datesText(from, through string) string {
	switch {
	case from == "" && through == "":
		return "ALL dates"
	case from == "":
		return "from the beginning through " + through
	case through == "":
		return "from " + from + " on, without end"
	}
	return from + " through " + through
}

func deletedKinds(b dqops.DeleteStoredDataQueueJobParameters) []string {
	var names []string
	for _, kind := range request.DeleteKinds() {
		if kind.Chosen(b) {
			names = append(names, kind.Name)
		}
	}
	return names
}
