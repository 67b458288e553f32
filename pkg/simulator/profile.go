package simulator

import "net/http"

// getProfile answers who the caller is. Without a cloud key the server says the
// same of anybody (wire 3.10); with one there is a user, and the limit is that of
// the scenario. Everybody is an administrator here.
func (s *Server) getProfile(x *exchange) error {
	key := s.settings.cloudKey
	profile := map[string]any{
		"tenant": "Standalone", "license_type": "FREE", "jobs_limit": 1, "account_role": "admin",
		"data_quality_data_warehouse_enabled": key,
	}
	if key {
		profile["user"], profile["tenant"] = "simulated@example.test", "simulated"
		profile["license_type"], profile["jobs_limit"] = "TEAM", s.settings.parallelJobs
	}
	for name, can := range map[string]bool{
		"manage_account": key, "view_any_object": true, "manage_scheduler": true, "cancel_jobs": true, "run_checks": true,
		"delete_data": true, "collect_statistics": true, "manage_data_sources": true, "synchronize": key,
		"edit_comments": true, "edit_labels": true, "manage_definitions": true, "compare_tables": true,
		"manage_users": key, "manage_and_view_shared_credentials": true, "change_own_password": key,
		"use_data_domains": false, "synchronize_to_data_catalog": false, "use_ai_anomaly_detection": false, "logout": key,
	} {
		profile["can_"+name] = can
	}
	return x.json(http.StatusOK, profile)
}
