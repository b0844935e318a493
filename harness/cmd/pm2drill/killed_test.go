package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/scenarios"
)

// TestJudgeKilledRun judges what a run has left that was killed: one drill was over, one
// was under way for the second time, one had just begun and one never did.
func TestJudgeKilledRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	quick, err := scenarios.Own("testdata/quick")
	if err != nil {
		t.Fatal(err)
	}
	var plan report.Report
	for _, j := range []session.Job{
		{Scenario: quick, Arm: evidence.ArmEngine}, {Scenario: quick, Arm: evidence.ArmControl},
		{Scenario: quick, Arm: evidence.ArmHealthy}, {Scenario: scenarios.StoppedWorker(), Arm: evidence.ArmEngine},
	} {
		d := j.Scenario.Judge(j.Arm, &evidence.Record{Cut: "it had not begun when the run ended"})
		d.Record = nil
		plan.Drills = append(plan.Drills, d)
	}
	if err := folder.Begin(dir, plan); err != nil {
		t.Fatal(err)
	}
	whole := unpacked(t, "testdata/evidence/format-2")
	engine, control := stored(t, whole, "quick-engine"), stored(t, whole, "quick-control")
	for _, x := range []struct {
		place int
		text  string
	}{{0, engine}, {1, control}, {1, control[:len(control)/2]}, {2, ""}} {
		f, err := folder.Grow(dir, plan, x.place)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(x.text)); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr := pm2drill(t, nil, "judge", dir)
	if code != cli.ExitInconclusive {
		t.Errorf("exit code %d, want %d: %s%s", code, cli.ExitInconclusive, stdout, stderr)
	}
	said := strings.Join(strings.Fields(stdout), " ")
	for _, says := range []string{"quick engine 4 kept", "its harness was killed", "quick control 1 inconclusive", "quick healthy 4 inconclusive", "stopped-worker engine 10 inconclusive", "it had not begun when the run ended"} {
		if !strings.Contains(said, says) {
			t.Errorf("it does not say %q:\n%s", says, stdout)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "unfinished", "evidence", "void-quick-control.jsonl")); err != nil {
		t.Errorf("the evidence of the first try is gone: %v", err)
	}
	// Its report can be written, elsewhere and where it was to be.
	for _, out := range []string{filepath.Join(t.TempDir(), "again"), dir} {
		r, err := judgeFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := folder.Write(out, report.DigestOf(r)); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(out, "unfinished")); err == nil {
			t.Error("a report that is written is unfinished")
		}
		if code, stdout, _ := pm2drill(t, nil, "judge", out); code != cli.ExitInconclusive {
			t.Errorf("exit code %d of the report that was written: %s", code, stdout)
		}
	}
}

func stored(t *testing.T, dir, key string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "evidence", key+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
