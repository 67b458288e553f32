package dqops

import (
	"context"
	"encoding/json"
	"net/http"
)

// UserProfile is who the server takes the caller for and what it says that they
// may do (wire 3.10). Without a DQOps Cloud key it is the same for everybody.
type UserProfile struct {
	User        string `json:"user"` // "" without a cloud key
	Tenant      string `json:"tenant"`
	LicenseType string `json:"license_type"`
	JobsLimit   *int   `json:"jobs_limit"` // parallel jobs; nil: not said
	AccountRole string `json:"account_role"`

	CanManageScheduler   bool `json:"can_manage_scheduler"`
	CanCancelJobs        bool `json:"can_cancel_jobs"`
	CanRunChecks         bool `json:"can_run_checks"`
	CanDeleteData        bool `json:"can_delete_data"`
	CanCollectStatistics bool `json:"can_collect_statistics"`
	CanManageDataSources bool `json:"can_manage_data_sources"`
	CanSynchronize       bool `json:"can_synchronize"`
	CanUseDataDomains    bool `json:"can_use_data_domains"`

	// Raw is the object as the server sent it.
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps the object as it came.
func (p *UserProfile) UnmarshalJSON(data []byte) error {
	type plain UserProfile
	return keepRaw(data, (*plain)(p), &p.Raw)
}

// Standalone says that the server has no account behind it: what it tells of
// rights is a constant (wire 3.10).
func (p *UserProfile) Standalone() bool { return p.User == "" }

// UserProfile asks the server who the caller is.
func (c *Client) UserProfile(ctx context.Context) (*UserProfile, error) {
	profile := new(UserProfile)
	r := call{doing: "ask who the user is", method: http.MethodGet, path: "/api/environment/profile"}
	if err := c.whole(ctx, r, profile); err != nil {
		return nil, err
	}
	if profile.AccountRole == "" || profile.LicenseType == "" {
		return nil, c.lacks(r, http.StatusOK, "account_role and license_type")
	}
	return profile, nil
}
