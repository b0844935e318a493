package reporttest

import (
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
)

// buildVariant returns a drill of a variant.
func buildVariant(arm string, seed int64, v promise.Verdict, log string) report.Drill {
	d := report.Drill{
		Scenario: "s", Arm: arm, Verdict: v, Command: "again", Varied: []evidence.Choice{{Of: "log format", Value: log}, {Of: "workers", Value: "3"}},
		Record: &evidence.Record{Header: evidence.Header{Scenario: "s", Arm: arm, Seed: seed}},
	}
	d.Record.Header.Varied = d.Varied
	d.Rulings = []promise.Ruling{{Name: "p", Promise: "it works", Verdict: v, Expected: promise.Kept, Because: "seen"}}
	return d
}

// DrawnReport has drills of drawn apps.
func DrawnReport() report.Report {
	return report.Report{Drills: []report.Drill{
		{Scenario: "s", Arm: evidence.ArmEngine, Verdict: promise.Kept, Record: &evidence.Record{Header: evidence.Header{Scenario: "s", Seed: 1}}},
		buildVariant(evidence.ArmControl, 1, promise.Broken, "pino"), buildVariant(evidence.ArmEngine, 1, promise.Kept, "pino"), buildVariant(evidence.ArmDecoy, 1, promise.Broken, "pino"),
		buildVariant(evidence.ArmEngine, 2, promise.Kept, "plain"),
		buildVariant(evidence.ArmEngine, 3, promise.Inconclusive, "pino"),
		buildVariant(evidence.ArmEngine, 4, promise.Broken, "pino"),
	}}
}
