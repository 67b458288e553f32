package dqops_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

func profileOf(t *testing.T, answer string) (*dqops.UserProfile, error) {
	t.Helper()
	return serve(t, says(200, answer)).client(t).UserProfile(t.Context())
}

// TestRecordedProfile reads what the real server says, and finds every name that
// the type has in it, but the one that only a server with an account sends.
func TestRecordedProfile(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "simulator", "testdata", "recordings", "profile.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	got, err := profileOf(t, string(r.body()))
	if err != nil {
		t.Fatal(err)
	}
	one := 1
	want := &dqops.UserProfile{
		Tenant: "Standalone", LicenseType: "FREE", JobsLimit: &one, AccountRole: "admin",
		CanManageScheduler: true, CanCancelJobs: true, CanRunChecks: true, CanDeleteData: true,
		CanCollectStatistics: true, CanManageDataSources: true,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(dqops.UserProfile{}, "Raw")); diff != "" {
		t.Errorf("profile (-want +got):\n%s", diff)
	}
	if !got.Standalone() {
		t.Error("it is not known as a server without an account")
	}
	var sent, kept map[string]any
	typed, err := json.Marshal(got)
	if err := errors.Join(err, json.Unmarshal(got.Raw, &sent), json.Unmarshal(typed, &kept)); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if _, known := sent[name]; !known && name != "user" {
			t.Errorf("the server sends no %s", name)
		}
	}
}

func TestOtherProfiles(t *testing.T) {
	got, err := profileOf(t, `{"user":"kim@example.test","tenant":"acme","license_type":"TEAM","jobs_limit":5,"account_role":"viewer","can_use_data_domains":true,"new":1}`)
	if err != nil {
		t.Fatal(err)
	}
	if got.Standalone() || got.User != "kim@example.test" || *got.JobsLimit != 5 || got.CanRunChecks || !got.CanUseDataDomains {
		t.Errorf("%+v", got)
	}
	for _, answer := range []string{`{}`, `{"license_type":"FREE"}`, `{"account_role":"admin"}`, `[]`, `{"account_role":"admin","license_type":"FREE","jobs_limit":"1"}`} {
		_, err := profileOf(t, answer)
		if _, ok := errors.AsType[*dqops.ProtocolError](err); !ok {
			t.Errorf("%s: %v, want a protocol error", answer, err)
		}
	}
}
