package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnused names what each kind of source hides of the others.
func TestUnused(t *testing.T) {
	files := map[string]string{defaultPlace: tokenProfile, home + "/.config/dqoctl/prod.token": secret, "/t": secret}
	const profile = "profile prod in " + defaultPlace
	for _, c := range []struct {
		name       string
		env, flags map[string]string
		environ    []string
		want       []Unused
	}{
		{"nothing", nil, nil, []string{"HOME=/x", "DQOCTL_SERVER=https://x.test", "DQOCTL_EMPTY="}, []Unused{}},
		{"variable over profile", map[string]string{"DQOCTL_SERVER": "https://x.test"}, nil, nil, []Unused{{"server from " + profile, "environment DQOCTL_SERVER overrides it"}}},
		{"flag over both", map[string]string{"DQOCTL_SERVER": "https://x.test"}, map[string]string{"server": "https://y.test"}, nil, []Unused{
			{"server from environment DQOCTL_SERVER", "flag --server overrides it"}, {"server from " + profile, "flag --server overrides it"},
		}},
		{"token over file", map[string]string{"DQOCTL_TOKEN": secret}, nil, nil, []Unused{{"token-file from " + profile, "environment DQOCTL_TOKEN overrides it"}}},
		{"file over token", map[string]string{"DQOCTL_TOKEN": secret}, map[string]string{"token-file": "/t"}, nil, []Unused{
			{"token-file from " + profile, "flag --token-file overrides it"}, {"environment DQOCTL_TOKEN", "flag --token-file overrides it"},
		}},
		{"unknown", nil, nil, []string{"DQOCTL_TOKN=" + secret, "DQOCTL_FAILON=x", "DQOCTL_ZZZZZZ=1", "OTHER=1"}, []Unused{
			{"environment DQOCTL_FAILON", "no setting has this name, did you mean DQOCTL_FAIL_ON?"},
			{"environment DQOCTL_TOKN", "no setting has this name, did you mean DQOCTL_TOKEN?"},
			{"environment DQOCTL_ZZZZZZ", "no setting has this name"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := world{files: files, env: c.env, flags: c.flags}.source()
			source.Environ = func() []string { return c.environ }
			_, view, err := Resolve(source)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, view.Unused); diff != "" {
				t.Errorf("unused (-want +got):\n%s", diff)
			}
			for _, v := range view.Values {
				if v.Value == secret {
					t.Errorf("%s shows the token", v.Name)
				}
			}
			if len(view.Values) != len(Options()) {
				t.Errorf("%d values of %d settings", len(view.Values), len(Options()))
			}
		})
	}
}
