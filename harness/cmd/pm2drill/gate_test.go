package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/scenarios"
)

// TestGateNames: names, labels and folders choose what a gate drills, and what of the
// profile is not among it is counted.
func TestGateNames(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  []string // scenarios drilled; nil for the profile's
		left  bool     // some of the profile is left out
	}{
		{nil, nil, false},
		{[]string{"profile:core"}, nil, false},
		{[]string{"port-taken"}, []string{"port-taken"}, true},
		{[]string{"port-taken", "hot-worker"}, []string{"port-taken", "hot-worker"}, true},
		{[]string{"./testdata/quick"}, []string{"quick"}, true},
		{[]string{"claim-wait-ready", "port-taken"}, []string{"port-taken"}, true},
	} {
		s := session.Session{Flags: session.Flags{Names: c.names, Arms: evidence.Arms(), Repeat: 2, Seed: 1}}
		whole := s.NewJobs(scenarios.Profile("core"))
		todo, _, err := chooseScenarios(c.names, scenarios.Profile("core"))
		if err != nil {
			t.Errorf("%v: %v", c.names, err)
			continue
		}
		jobs := s.NewJobs(todo)
		var got []string
		for _, j := range jobs {
			if !slices.Contains(got, j.Scenario.Name) {
				got = append(got, j.Scenario.Name)
			}
		}
		if c.want == nil {
			if len(jobs) != len(whole) {
				t.Errorf("%v: %d drills, and the profile has %d", c.names, len(jobs), len(whole))
			}
		} else if !slices.Equal(got, c.want) {
			t.Errorf("%v: drills %v, want %v", c.names, got, c.want)
		}
		of := 0
		for _, j := range jobs {
			if slices.ContainsFunc(whole, func(w session.Job) bool { return w.Scenario.Name == j.Scenario.Name }) {
				of++
			}
		}
		if n := countLeftOut(whole, jobs); n != len(whole)-of || (n > 0) != c.left {
			t.Errorf("%v: %d of %d drills are left out, %d of the profile are drilled", c.names, n, len(whole), of)
		}
	}
}

// TestGateVariants: what is drawn besides is of the scenarios that were named, and hides
// nothing that is left out.
func TestGateVariants(t *testing.T) {
	var out, errs bytes.Buffer
	code := cli.Execute(t.Context(), newRoot(), []string{"gate", "--engine", "true", "--variants", "3", "--seed", "5", "--dry-run", "--json", "stalled-worker"}, nil, &out, &errs)
	var drills []session.PlannedDrill
	if err := json.Unmarshal(out.Bytes(), &drills); code != cli.ExitKept || err != nil {
		t.Fatalf("exit code %d, %v: %s", code, err, errs.String())
	}
	drawn := 0
	for _, d := range drills {
		if d.Scenario != "stalled-worker" {
			t.Errorf("it drills %s", d.Scenario)
		}
		if strings.Contains(d.Command, "--variants 1") {
			drawn++
		}
	}
	if drawn != 9 || len(drills) != drawn+4 {
		t.Errorf("%d drills, of which %d are of variants", len(drills), drawn)
	}
}
