package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// examineToken makes a call that the server answers to known users only.
func (d *Doctor) examineToken(ctx context.Context) bool {
	if _, err := d.Client.GetAllJobs(ctx); err != nil {
		d.failBy(checkToken, err)
		return false
	}
	if d.Settings.Token == "" {
		d.ok(checkToken, "the server asks for none, and none is set")
	} else {
		d.ok(checkToken, "the server takes the token from %s", d.Settings.TokenSource)
	}
	return true
}

func (d *Doctor) examineAccount(ctx context.Context) {
	profile, err := d.Client.UserProfile(ctx)
	if err != nil {
		d.failBy(checkUser, err)
		return
	}
	if profile.Standalone() {
		d.ok(checkUser, "the server has no DQOps Cloud key and tells users not apart (role %s)", profile.AccountRole)
	} else {
		d.ok(checkUser, "%s of %s (role %s)", profile.User, profile.Tenant, profile.AccountRole)
	}
	d.checkLicence(profile)
	d.checkRights(profile)
	d.checkDomain(profile)
}

func (d *Doctor) checkLicence(profile *dqops.UserProfile) {
	switch limit := profile.JobsLimit; {
	case limit == nil:
		d.ok(checkLicence, "%s; the server does not tell how many jobs may run at a time", profile.LicenseType)
	case *limit == 1:
		d.ok(checkLicence, "%s: one job at a time, others wait for it", profile.LicenseType)
	default:
		d.ok(checkLicence, "%s: %d jobs at a time", profile.LicenseType, *limit)
	}
}

// checkRights names commands. Without an account behind the server the answer is
// the same for everybody (wire 3.10).
func (d *Doctor) checkRights(profile *dqops.UserProfile) {
	var may, mayNot []string
	for _, right := range []struct {
		command string
		given   bool
	}{
		{"run-checks", profile.CanRunChecks},
		{"collect-stats", profile.CanCollectStatistics},
		{"import-tables", profile.CanManageDataSources},
		{"delete-data", profile.CanDeleteData},
		{"sync", profile.CanSynchronize},
		{"jobs cancel", profile.CanCancelJobs},
		{"scheduler", profile.CanManageScheduler},
	} {
		if right.given {
			may = append(may, right.command)
		} else {
			mayNot = append(mayNot, right.command)
		}
	}
	text := "allowed: " + words(may)
	if len(mayNot) > 0 {
		text += "; not allowed: " + words(mayNot)
	}
	switch {
	case profile.Standalone():
		d.ok(checkRights, "%s. This is not reliable: without a DQOps Cloud key the server says the same of everybody", text)
	case len(mayNot) > 0:
		d.warn(checkRights, fmt.Sprintf("ask an administrator of %s for another role if you need them", profile.Tenant), "%s", text)
	default:
		d.ok(checkRights, "%s", text)
	}
}

func words(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

func (d *Doctor) checkDomain(profile *dqops.UserProfile) {
	domain := d.Settings.DataDomain
	switch {
	case domain == "":
		d.ok(checkDomain, "the server's default one")
	case !profile.CanUseDataDomains:
		d.warn(checkDomain, "leave --data-domain out; commands that start jobs end with 76 when a job lands in another domain",
			"%s is asked for, and this account cannot use data domains: the server's default one is used", domain)
	default:
		d.ok(checkDomain, "%s is asked for; every job that is started is compared with it", domain)
	}
}
