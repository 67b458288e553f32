package dqops_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// TestHealthy: the answers of wire 1, and those of something else in between.
func TestHealthy(t *testing.T) {
	for _, tc := range []struct {
		name, text  string
		status      int
		healthy, ok bool
	}{
		{"up", "OK", http.StatusOK, true, true},
		{"starting", "UNAVAILABLE", http.StatusServiceUnavailable, false, true},
		{"another product", `{"status":"OK"}`, http.StatusOK, false, false},
		{"nothing there", `{"message":null}`, http.StatusNotFound, false, false},
		{"a proxy", "bad gateway", http.StatusBadGateway, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json;charset=UTF-8")
				w.WriteHeader(tc.status)
				fmt.Fprint(w, tc.text)
			})
			client, err := dqops.New(dqops.Options{BaseURL: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			defer client.CloseIdleConnections()
			healthy, err := client.Healthy(t.Context())
			if healthy != tc.healthy || (err == nil) != tc.ok {
				t.Errorf("%t, %v", healthy, err)
			}
			if asked := server.requests(); len(asked) != 1 || asked[0].Method != http.MethodGet || asked[0].Path != "/api/ishealthy" {
				t.Errorf("asked %v", asked)
			}
		})
	}
}

func TestHealthyWithoutContact(t *testing.T) {
	server := serve(t, nil)
	client, err := dqops.New(dqops.Options{BaseURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	_, err = client.Healthy(t.Context())
	if lost, ok := errors.AsType[*dqops.UnreachableError](err); !ok || lost.Sent {
		t.Errorf("%v", err)
	}
}
