package simulator

import (
	"strconv"
	"strings"
	"time"
)

// The models of stored readouts, results and errors (wire 3.10).

// double is a number as Java prints it: always with a fraction, and with an
// exponent from ten million on and below a thousandth.
type double float64

func (d double) MarshalJSON() ([]byte, error) {
	value := float64(d)
	size := max(value, -value)
	if size != 0 && (size >= 1e7 || size < 1e-3) {
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(value, 'E', -1, 64), "E")
		power, err := strconv.Atoi(exponent)
		return []byte(withFraction(mantissa) + "E" + strconv.Itoa(power)), err
	}
	return []byte(withFraction(strconv.FormatFloat(value, 'f', -1, 64))), nil
}

func withFraction(text string) string {
	if strings.Contains(text, ".") {
		return text
	}
	return text + ".0"
}

func doubleOf(value *float64) *double {
	if value == nil {
		return nil
	}
	wire := double(*value)
	return &wire
}

// local is a date-time without zone.
type local time.Time

func (l local) MarshalText() ([]byte, error) {
	at := time.Time(l)
	plain := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	return []byte(strings.TrimSuffix(instant(plain).String(), "Z")), nil
}

type checkResultsList struct {
	CheckHash   int64              `json:"checkHash"`
	Category    string             `json:"checkCategory"`
	CheckName   string             `json:"checkName"`
	DisplayName string             `json:"checkDisplayName"`
	CheckType   string             `json:"checkType"`
	DataGroups  []string           `json:"dataGroups,omitempty"`
	DataGroup   string             `json:"dataGroup"`
	Entries     []checkResultEntry `json:"checkResultEntries"`
}

type checkResultEntry struct {
	ID           string   `json:"id"`
	CheckHash    int64    `json:"checkHash"`
	Category     string   `json:"checkCategory"`
	CheckName    string   `json:"checkName"`
	DisplayName  string   `json:"checkDisplayName"`
	CheckType    string   `json:"checkType"`
	ActualValue  double   `json:"actualValue"`
	Expected     *double  `json:"expectedValue,omitempty"`
	WarningLower *double  `json:"warningLowerBound,omitempty"`
	WarningUpper *double  `json:"warningUpperBound,omitempty"`
	ErrorLower   *double  `json:"errorLowerBound,omitempty"`
	ErrorUpper   *double  `json:"errorUpperBound,omitempty"`
	FatalLower   *double  `json:"fatalLowerBound,omitempty"`
	FatalUpper   *double  `json:"fatalUpperBound,omitempty"`
	Severity     int      `json:"severity"`
	ColumnName   string   `json:"columnName,omitempty"`
	DataGroup    string   `json:"dataGroup"`
	DurationMs   int      `json:"durationMs"`
	ExecutedAt   instant  `json:"executedAt"`
	TimeGradient string   `json:"timeGradient"`
	TimePeriod   local    `json:"timePeriod"`
	IncludeInKpi bool     `json:"includeInKpi"`
	IncludeInSLA bool     `json:"includeInSla"`
	Provider     string   `json:"provider"`
	Dimension    string   `json:"qualityDimension"`
	SensorName   string   `json:"sensorName"`
	Comparison   string   `json:"tableComparison,omitempty"`
	UpdatedAt    *instant `json:"updatedAt,omitempty"`
}

type sensorReadoutsList struct {
	CheckName   string               `json:"checkName"`
	DisplayName string               `json:"checkDisplayName"`
	CheckType   string               `json:"checkType"`
	CheckHash   int64                `json:"checkHash"`
	Category    string               `json:"checkCategory"`
	DataGroups  []string             `json:"dataGroupNames"`
	DataGroup   string               `json:"dataGroup"`
	Entries     []sensorReadoutEntry `json:"sensorReadoutEntries"`
}

type sensorReadoutEntry struct {
	ID           string  `json:"id"`
	CheckName    string  `json:"checkName"`
	DisplayName  string  `json:"checkDisplayName"`
	CheckType    string  `json:"checkType"`
	ActualValue  double  `json:"actualValue"`
	ColumnName   string  `json:"columnName,omitempty"`
	DataGroup    string  `json:"dataGroup"`
	DurationMs   int     `json:"durationMs"`
	ExecutedAt   instant `json:"executedAt"`
	TimeGradient string  `json:"timeGradient"`
	TimePeriod   local   `json:"timePeriod"`
	Provider     string  `json:"provider"`
	Dimension    string  `json:"qualityDimension"`
	Comparison   string  `json:"tableComparison"`
}

type errorsList struct {
	CheckName   string       `json:"checkName"`
	DisplayName string       `json:"checkDisplayName"`
	CheckType   string       `json:"checkType"`
	CheckHash   int64        `json:"checkHash"`
	Category    string       `json:"checkCategory"`
	DataGroups  []string     `json:"dataGroupsNames"`
	DataGroup   string       `json:"dataGroup"`
	Entries     []errorEntry `json:"errorEntries"`
}

type errorEntry struct {
	ActualValue  *double `json:"actualValue,omitempty"`
	ColumnName   string  `json:"columnName,omitempty"`
	DataGroup    string  `json:"dataGroup"`
	CheckType    string  `json:"checkType"`
	DurationMs   int     `json:"durationMs"`
	ExecutedAt   instant `json:"executedAt"`
	TimeGradient string  `json:"timeGradient"`
	TimePeriod   local   `json:"timePeriod"`
	Provider     string  `json:"provider"`
	Dimension    string  `json:"qualityDimension"`
	SensorName   string  `json:"sensorName"`
	ReadoutID    string  `json:"readoutId"`
	Message      string  `json:"errorMessage"`
	Source       string  `json:"errorSource"`
	Timestamp    local   `json:"errorTimestamp"`
	Comparison   string  `json:"tableComparison"`
}
