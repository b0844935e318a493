package reporttest

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"

	"github.com/pm2drill/pm2drill/harness/report"
)

// RehearsedSample is a rehearsal of two acts that has everything to say.
func RehearsedSample() report.Report {
	r := report.Report{Run: SampleRun(), Rehearsal: &report.Rehearsal{
		Schema: report.RehearsalSchema, File: "shop/ecosystem.config.js", App: "shop", Workers: 4, Verdict: "broken", Report: "reports/x",
		Settings: []report.Setting{{Key: "exec_mode", Value: "'cluster_mode'"}, {Key: "kill_timeout", Value: "1600"}},
		Figures:  report.Measured{Boots: []time.Duration{time.Second, 2 * time.Second}, Boot: 2 * time.Second, Longest: 3 * time.Second, Memory: 90 << 20, Reload: 8 * time.Second, Killed: 2},
		Checks: []report.Check{{Rule: "T002", Key: "kill_timeout", Verdict: report.Confirmed, Because: "PM2 had to kill 2 workers"}, {Rule: "C001", Key: "instances", Verdict: report.Refuted, Because: "no worker said EADDRINUSE"},
			{Rule: "K001", Key: "", Verdict: report.Unseen, Because: "a rehearsal does not show it"}},
		Proposals: []report.Proposal{{Key: "kill_timeout", Was: "1600", Value: "6000", Why: "the longest answer took 3s"}},
		Patch:     "--- a/ecosystem.config.js\n+++ b/ecosystem.config.js\n@@ -1,3 +1,4 @@\n   apps: [{\n     name: '<shop>',\n+    kill_timeout: 6000,\n     script: 'a.js',\n",
	}}
	for _, act := range []string{"reload", "worker-killed"} {
		d := HealthySample()
		d.Scenario, d.Arm, d.Story = act, evidence.ArmRehearsal, "The story of "+act+"."
		r.Drills = append(r.Drills, d)
	}
	return r
}
