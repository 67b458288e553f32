package simulator

import (
	"errors"
	"testing"
	"time"
)

const orders = "files.orders.csv"

func (b *bench) stored(check string) StoredRow {
	b.t.Helper()
	for _, row := range b.Stored("shop", orders) {
		if row.Check == check {
			return row
		}
	}
	b.t.Fatalf("nothing is stored of %s", check)
	return StoredRow{}
}

func TestStoredIsTheTruth(t *testing.T) {
	sc := scenario(t, "clock: 2026-11-23T14:15:26Z\n"+shopCheck+`
              - {name: daily_nulls, type: monitoring, time-scale: daily, fatal: {upper: 0}, values: {DE: 4, FR: 0}}
              - {name: daily_crash, type: monitoring, time-scale: daily, fatal: {upper: 0}, values: 4, fails: {in: sensor, message: boom}}
              - {name: monthly_nulls, type: monitoring, time-scale: monthly, values: 4}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		b.run(shopRun)
		<-time.After(time.Minute)
		b.run(shopRun)
		rows := b.Stored("shop", orders)
		if len(rows) != 4 {
			t.Fatalf("%d rows, want 4: %+v", len(rows), rows)
		}
		de := rows[0]
		wantSame(t, "reference", CheckRef{"shop", orders, "amount", "daily_nulls", "DE", "2026-11-23"}, de.CheckRef)
		if de.Readout.Value != 4 || de.Result.Severity != severityFatal || de.Error != nil ||
			de.Readout.ExecutedAt.Sub(de.Result.ExecutedAt) < time.Minute {
			t.Errorf("DE: %+v %+v", de.Readout, de.Result)
		}
		if wire := b.one(amountPath + "/monitoring/daily/results?dataGroup=DE").rows()[0]; wire.ID != de.ID || !wire.ExecutedAt.Equal(de.Result.ExecutedAt) {
			t.Errorf("the wire says %+v, the truth %+v", wire, de)
		}
		crash := b.stored("daily_crash")
		if crash.Readout != nil || crash.Result != nil || crash.Error.Source != sourceSensor || crash.Error.Message != "boom" {
			t.Errorf("crash: %+v", crash)
		}
		monthly := b.stored("monthly_nulls")
		if monthly.Result != nil || monthly.Readout == nil || monthly.Period != "2026-11-01" {
			t.Errorf("monthly: %+v", monthly)
		}
		// A reference that comes from here is good for a change.
		if err := b.SetValue(de.CheckRef, 0); err != nil {
			t.Fatal(err)
		}
		b.run(shopRun)
		if got := b.stored("daily_nulls"); got.Result.Severity != severityValid {
			t.Errorf("repaired: %+v", got.Result)
		}
	})
}

func TestDeletions(t *testing.T) {
	sc := scenario(t, shopCheck+`
              - {name: daily_nulls, type: monitoring, time-scale: daily, fatal: {upper: 0}, values: {DE: 4, FR: 4}}
              - {name: daily_partition_nulls, type: partitioned, time-scale: daily, fatal: {upper: 0}, values: {-2..-1: 4}}
              - {name: daily_crash, type: monitoring, time-scale: daily, fatal: {upper: 0}, values: 4, fails: rule}
`)
	type counts struct{ readouts, results, failures int }
	full := counts{5, 4, 1}
	ref := func(check, group, period string) CheckRef {
		return CheckRef{"shop", orders, "amount", check, group, period}
	}
	for _, tc := range []struct {
		name   string
		delete func(b *bench) error
		want   counts
	}{
		{"results", func(b *bench) error { return b.DeleteResults(CheckRef{Connection: "shop", Table: orders}) }, counts{5, 0, 1}},
		{"readouts", func(b *bench) error { return b.DeleteReadouts(CheckRef{Connection: "shop", Table: orders}) }, counts{0, 4, 1}},
		{"errors", func(b *bench) error { return b.DeleteErrors(CheckRef{Connection: "shop", Table: orders}) }, counts{5, 4, 0}},
		{"a check", func(b *bench) error { return b.DeleteResults(ref("daily_nulls", "", "")) }, counts{5, 2, 1}},
		{"a group", func(b *bench) error { return b.DeleteResults(ref("daily_nulls", "DE", "")) }, counts{5, 3, 1}},
		{"a period", func(b *bench) error { return b.DeleteReadouts(ref("daily_partition_nulls", "", "-2")) }, counts{4, 4, 1}},
		{"another column", func(b *bench) error {
			return b.DeleteResults(CheckRef{Connection: "shop", Table: orders, Column: "other"})
		}, full},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
				<-time.After(12 * time.Hour)
				b.run(shopRun)
				if err := tc.delete(b); err != nil {
					t.Fatal(err)
				}
				var got counts
				for _, row := range b.Stored("shop", orders) {
					if row.Readout != nil {
						got.readouts++
					}
					if row.Result != nil {
						got.results++
					}
					if row.Error != nil {
						got.failures++
					}
				}
				if got != tc.want {
					t.Errorf("left %+v, want %+v", got, tc.want)
				}
				// The rule is skipped for as long as the readouts stay (wire L2a).
				run := b.run(shopRun)
				if again := run.Fatals > 0; again != (got.readouts < full.readouts) {
					t.Errorf("the next run says %+v", run)
				}
			})
		})
	}
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		for what, err := range map[string]error{
			"DeleteResults":     b.DeleteResults(CheckRef{Connection: "shop", Table: "no.such"}),
			"of a check":        b.DeleteErrors(ref("nosuch", "", "")),
			"DropColumn":        b.DropColumn("shop", orders, "nosuch"),
			"AddCheck":          b.AddCheck("shop", "no.such", "", monitoring("daily_more", 1)),
			"SetBroken of none": b.SetBroken(CheckRef{Connection: "nosuch", Table: orders, Column: "amount"}, true),
		} {
			if !errors.Is(err, ErrNoCheck) {
				t.Errorf("%s: %v, want %v", what, err, ErrNoCheck)
			}
		}
		if got := b.Stored("shop", "no.such"); got != nil {
			t.Errorf("stored of an unknown table: %v", got)
		}
	})
}

func TestDroppedColumnKeepsWhatItStored(t *testing.T) {
	sc := scenario(t, shopCheck+`
              - {name: daily_nulls, type: monitoring, time-scale: daily, error: {upper: 0}, values: 4}
          - name: price
            checks:
              - {name: daily_nulls, type: monitoring, time-scale: daily, error: {upper: 0}, values: 0}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		b.wantRun(shopRun, summary("error", 2, 1, 0, 1, 0, 0))
		if err := b.DropColumn("shop", orders, "amount"); err != nil {
			t.Fatal(err)
		}
		b.wantRun(shopRun, summary("valid", 1, 0, 0, 0, 0, 0))
		if got := b.status(ordersPath + "/status"); got.Columns["amount"].Checks["daily_nulls"].Errors != 1 {
			t.Errorf("status: %+v", got)
		}
		for _, kind := range []string{"results", "readouts", "errors"} {
			if got := b.get(amountPath + "/monitoring/daily/" + kind); got.StatusCode != 404 || string(got.body) != "[]" {
				t.Errorf("%s of the column: %s %q", kind, got.Status, got.body)
			}
		}
		if rows := b.Stored("shop", orders); len(rows) != 2 || rows[0].Dropped || !rows[1].Dropped {
			t.Errorf("stored: %+v", rows)
		}
	})
}

func TestAddedCheckRuns(t *testing.T) {
	sc := scenario(t, shopCheck+`
              - {name: daily_nulls, type: monitoring, time-scale: daily, error: {upper: 0}, values: 0}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		more := monitoring("daily_more", 1)
		more.Fatal = &Bounds{Upper: new(float64(0))}
		for _, column := range []string{"", "amount", "new"} {
			if err := b.AddCheck("shop", orders, column, more); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.AddCheck("shop", orders, "new", more); !errors.Is(err, ErrCheckExists) {
			t.Errorf("the same again: %v", err)
		}
		if err := b.AddCheck("shop", orders, "", Check{Name: "x", Type: "hourly"}); err == nil {
			t.Error("an impossible check is taken")
		}
		b.wantRun(shopRun, summary("fatal", 4, 1, 0, 0, 3, 0))
		b.one(ordersPath + "/columns/new/monitoring/daily/results")
	})
}

func TestRuleThatRewritesTheValue(t *testing.T) {
	sc := scenario(t, "clock: 2026-11-23T14:15:26Z\n"+shopCheck+`
              - {name: daily_table_availability, type: monitoring, time-scale: daily, rewrites: true, warning: {upper: 0}, error: {upper: 1}, values: [7, 7, 0]}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		for _, want := range []struct {
			readout, result float64
			severity        int
		}{{7, 1, severityWarning}, {7, 2, severityError}, {0, 0, severityValid}} {
			b.run(shopRun)
			read := b.one(amountPath + "/monitoring/daily/readouts").rows()[0]
			judged := b.one(amountPath + "/monitoring/daily/results").rows()[0]
			if *read.ActualValue != want.readout || *judged.ActualValue != want.result || judged.Severity != want.severity {
				t.Errorf("readout %v, result %v of severity %d; want %+v", *read.ActualValue, *judged.ActualValue, judged.Severity, want)
			}
			b.AdvanceClock(24 * time.Hour)
		}
	})
}

func TestAdvanceClockTurnsTheMonth(t *testing.T) {
	sc := scenario(t, "clock: 2026-11-30T14:59:30Z\ntime-zone: Asia/Tokyo\n"+shopCheck+`
              - {name: daily_nulls, type: monitoring, time-scale: daily, error: {upper: 0}, values: 4}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		b.run(shopRun)
		if got := b.status(ordersPath + "/status?months=1").Executed; got != 1 {
			t.Errorf("%d rows before midnight in Tokyo, want 1", got)
		}
		b.AdvanceClock(time.Minute)
		if got := b.status(ordersPath + "/status?months=1").Executed; got != 0 {
			t.Errorf("%d rows in the new month, want 0", got)
		}
		if got := b.status(ordersPath + "/status?months=2").Executed; got != 1 {
			t.Errorf("%d rows in two months, want 1", got)
		}
		b.wantRun(shopRun, summary("error", 1, 0, 0, 1, 0, 0))
	})
}

func TestNumbersAsJavaPrintsThem(t *testing.T) {
	for value, want := range map[float64]string{
		0: "0.0", 4: "4.0", -4.5: "-4.5", 5.882352941176471: "5.882352941176471", 9999999: "9999999.0",
		10000000: "1.0E7", 2339569617862656: "2.339569617862656E15", -25000000: "-2.5E7", 0.001: "0.001", 0.00025: "2.5E-4",
	} {
		got, err := double(value).MarshalJSON()
		if err != nil || string(got) != want {
			t.Errorf("%v is %s (%v), want %s", value, got, err, want)
		}
	}
}
