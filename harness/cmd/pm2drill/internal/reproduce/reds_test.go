package reproduce

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// newDrill returns a drill of port-taken's engine arm with one ruling.
func newDrill(name string, verdict promise.Verdict) report.Drill {
	rulings := []promise.Ruling{{Name: name, Verdict: verdict, Expected: promise.Kept}}
	return report.Drill{Scenario: "port-taken", Arm: evidence.ArmEngine, Rulings: rulings, Verdict: promise.Verdicts(rulings),
		Record: &evidence.Record{Header: evidence.Header{Scenario: "port-taken", Arm: evidence.ArmEngine, Seed: 7}}}
}

// TestListReds: only what is broken is red, with its own seed.
func TestListReds(t *testing.T) {
	r := report.Report{Drills: []report.Drill{newDrill("recovers", promise.Kept), newDrill("recovers", promise.Inconclusive), newDrill("spares-requests", promise.Broken)}}
	got, err := listReds(r, nil)
	if err != nil || len(got) != 1 || got[0].Seed != 7 || got[0].Promises[0] != "spares-requests" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := listReds(r, []string{"port-self"}); err == nil || !strings.Contains(err.Error(), "nothing to reproduce") {
		t.Errorf("a scenario that is not red: %v", err)
	}
	own := newDrill("recovers", promise.Broken)
	own.Record.Header.Definition = "name: mine"
	if _, err := listReds(report.Report{Drills: []report.Drill{own}}, nil); err == nil || !strings.Contains(err.Error(), "pm2drill run FOLDER") {
		t.Errorf("a scenario from outside: %v", err)
	}
}

// TestCountReds: the same promise must break; what proves nothing counts neither way.
func TestCountReds(t *testing.T) {
	reds := []red{{Scenario: "port-taken", Arm: "engine", Seed: 7, Promises: []string{"recovers"}}, {Scenario: "x", Promises: []string{"alerts"}}}
	drills := []report.Drill{
		newDrill("recovers", promise.Broken), newDrill("recovers", promise.Broken), newDrill("alerts", promise.Broken),
		newDrill("recovers", promise.Kept), newDrill("recovers", promise.Inconclusive),
	}
	for range 5 {
		drills = append(drills, newDrill("alerts", promise.Inconclusive))
	}
	countReds(reds, drills)
	if x := reds[0]; x.Times != 5 || x.Judged != 4 || x.Reproduced != 2 || x.Interval == nil || x.Interval.Low > 0.5 || x.Interval.High < 0.5 {
		t.Errorf("%+v", x)
	}
	var out bytes.Buffer
	if v := tellReds(cli.Call{Stdout: &out}, reds, "reports/x", false); v != promise.Inconclusive {
		t.Errorf("%s though one is unknown", v)
	}
	for _, want := range []string{"2 of 4 drills that prove something, a rate of 15–85 % (95 %)", "unknown: none of 5 drills"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("there is no %q in:\n%s", want, out.String())
		}
	}
	for reproduced, want := range map[int]promise.Verdict{0: promise.Broken, 1: promise.Kept} {
		if v := tellReds(cli.Call{Stdout: &out}, []red{{Judged: 3, Reproduced: reproduced}}, "", true); v != want {
			t.Errorf("reproduced in %d of 3: %s, want %s", reproduced, v, want)
		}
	}
}
