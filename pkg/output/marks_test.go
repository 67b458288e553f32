package output_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/output"
)

func TestMarks(t *testing.T) {
	marks := output.Marks{
		{Mark: "✓", Tone: output.Good, Name: "name", Text: "all is well and there is more to say of it"},
		{Mark: "✗", Tone: output.Bad, Name: "短い", Text: "bad \x1b[2J", Note: "mend it now or as soon as you can manage"},
	}
	for _, c := range []struct {
		screen output.Screen
		want   string
	}{
		{output.Screen{Width: 42}, `✓ name  all is well and there is more to
        say of it
✗ 短い  bad ␛[2J
        → mend it now or as soon as you
        can manage
`},
		{output.Screen{Width: 30}, `✓ name
  all is well and there is
  more to say of it
✗ 短い
  bad ␛[2J
  → mend it now or as soon as
  you can manage
`},
	} {
		var b strings.Builder
		if err := output.Print(&b, c.screen, output.Document{Blocks: []output.Block{marks}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, b.String()); diff != "" {
			t.Errorf("width %d (-want +got):\n%s", c.screen.Width, diff)
		}
	}
	var b strings.Builder
	if err := output.Print(&b, output.Screen{Width: 80, Color: true}, output.Document{Blocks: []output.Block{marks[:1]}}); err != nil {
		t.Fatal(err)
	}
	if want := "\x1b[32m✓\x1b[0m name  all is well and there is more to say of it\n"; b.String() != want {
		t.Errorf("in colour %q, want %q", b.String(), want)
	}
}
