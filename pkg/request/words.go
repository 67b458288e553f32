package request

import "github.com/dqoctl/dqoctl/pkg/dqops"

// Words are what a flag with that name may be set to, dashes included in the
// name; nil when it takes any text. They are the same for every command that has
// the flag (wire 3.1).
func Words(flag string) []string {
	switch flag {
	case "--check-type":
		return []string{dqops.CheckTypeProfiling, dqops.CheckTypeMonitoring, dqops.CheckTypePartitioned}
	case "--time-scale":
		return []string{dqops.TimeScaleDaily, dqops.TimeScaleMonthly}
	case "--target", "--collector-target":
		return []string{"table", "column"}
	case "--scope":
		return []string{"table", "data_group"}
	case "--execution-target":
		return []string{string(dqops.TargetSensorsAndRules), string(dqops.TargetOnlySensors), string(dqops.TargetOnlyRules)}
	case "--direction":
		return []string{"full", "download", "upload"}
	case "--incident-status":
		return []string{"open", "acknowledged", "resolved", "muted"}
	case "--time-gradient":
		return []string{"year", "quarter", "month", "week", "day", "hour", "millisecond"}
	case "--what":
		return append(kindNames(DeleteKinds()), AllData)
	default:
		return nil
	}
}

// oneOfWords is oneOf for the words of a flag.
func oneOfWords(flag string) func(string) complaint { return oneOf(Words(flag)...) }
