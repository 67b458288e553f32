package follow_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// FuzzKeys holds that a key which is not refused comes to the server as it is: as
// one step of the path that asks for its job, which nothing on the way shortens.
func FuzzKeys(f *testing.F) {
	for _, seed := range []string{"nightly", "nightly/orders", "a b+c%2F", ".", "..", "...", "7", "-7", "٧", "ä 表", "a\xff", "\x00\n", "@last", "?x#y;z"} {
		f.Add(seed)
	}
	var asked string
	client, err := dqops.New(dqops.Options{
		BaseURL:     "http://127.0.0.1:8888",
		DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("nobody is there") },
		Trace:       func(e dqops.Exchange) { asked = e.URL },
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if follow.CheckKey(key) != nil {
			return
		}
		asked = ""
		if _, err := client.GetJob(t.Context(), key); err == nil || asked == "" {
			t.Fatalf("%q: asked %q, %v", key, asked, err)
		}
		u, err := url.Parse(asked)
		if err != nil {
			t.Fatalf("%q is asked for at %q: %v", key, asked, err)
		}
		const before = "/api/jobs/jobs/"
		escaped := u.EscapedPath()
		if u.Path != before+key || strings.Count(escaped, "/") != strings.Count(before, "/") || path.Clean(escaped) != escaped || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("%q is asked for at %q", key, asked)
		}
	})
}
