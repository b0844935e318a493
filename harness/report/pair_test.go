package report_test

import (
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestStoppedHarness: a drill in which a process of the harness ended while an engine ran is
// attributed to the engine, in whichever arm, and is no void of the host's that is drilled again.
func TestStoppedHarness(t *testing.T) {
	control := reporttest.HealthySample()
	control.Arm, control.Record.Header.Arm = evidence.ArmControl, evidence.ArmControl
	control.Record.Marks = append(control.Record.Marks, evidence.Mark{Name: evidence.MarkInject}, evidence.Mark{Name: evidence.MarkBitten})
	stopped := reporttest.HealthySample()
	stopped.Verdict = promise.Inconclusive
	stopped.Rulings = []promise.Ruling{{Name: "stays-quiet", Verdict: promise.Inconclusive, Expected: promise.Kept}}
	stopped.Record.Cut = "cannot go on: the load generator has ended"
	stopped.Record.Header.Scenario, control.Record.Header.Scenario = stopped.Scenario, control.Scenario
	for i := range stopped.Record.Tallies { // the host is in trouble as well
		if x := &stopped.Record.Tallies[i]; x.Lane == evidence.LaneNoise {
			x.Counts = map[evidence.Class]int{evidence.TimedOut: x.Owed}
		}
	}
	if stopped.Spoiled() == "" {
		t.Fatal("the host has not spoiled it")
	}
	late := stopped
	record := *stopped.Record
	record.Marks = append(slices.Clone(record.Marks), evidence.Mark{Name: evidence.MarkStopped, Kind: evidence.KindLate, Note: "late"})
	late.Record = &record
	if late.Spoiled() == "" {
		t.Error("a host that is too busy is taken for the engine's doing")
	}
	stopped.Record.Marks = append(stopped.Record.Marks, evidence.Mark{Name: evidence.MarkStopped, Kind: evidence.KindEnded, Note: stopped.Record.Cut})
	if why := stopped.Spoiled(); why != "" {
		t.Errorf("it would be drilled again: %s", why)
	}
	drills := []report.Drill{stopped, control}
	report.Pair(drills)
	if last := drills[0].Rulings[len(drills[0].Rulings)-1]; last.Name != "lets-run" || last.Verdict != promise.Broken || drills[0].Verdict != promise.Broken {
		t.Errorf("the drill is %s, by %+v", drills[0].Verdict, last)
	}
}
