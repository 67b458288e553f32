package config_test

import (
	"strings"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/config"
)

// TestNoPasswordOfAnAddressIsShown gives addresses in which somebody put a
// password, well formed or not.
func TestNoPasswordOfAnAddressIsShown(t *testing.T) {
	for _, server := range []string{
		"http://me:hunter2@host:8888", "me:hunter2@host:8888", "http:/me:hunter2@host", "http:me:hunter2@host",
		"://me:hunter2@host", "http://host?token=hunter2", "http://me:hunter2@host:badport", "ftp://me:hunter2@host",
	} {
		_, err := config.Load(config.Source{Flags: map[string]string{"server": server}})
		if err == nil {
			t.Errorf("%s was taken", server)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the password is shown: %v", server, err)
		}
	}
}
