package reporttest

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
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
		Load: []report.Requested{{Lane: evidence.LaneShort, Rate: 50, Method: "POST", Path: "/orders", Headers: []string{"Authorization: [redacted]", "Content-Type: application/json"}, Body: 10},
			{Lane: evidence.LaneLong, Rate: 5, Method: "GET", Path: "/report"}, {Lane: evidence.LaneEvents, Clients: 10, Method: "GET", Path: "/live"}},
		Streams: []report.StreamSum{{Act: "reload", Lane: evidence.LaneEvents, Clients: 10, Opened: 21, Closed: 7, Cut: 4, Refused: 3, Left: 10, Apart: 2700 * time.Millisecond}},
		Handler: &report.Handler{Why: "reload: 25 lost", Framework: "Express", File: "drain-on-sigint.js", Code: "module.exports = f;\n", Places: []string{"server.js:14"},
			Patch: "--- a/server.js\n+++ b/server.js\n@@ -1,2 +1,2 @@\n const app = f('<shop>');\n-app.listen(3000);\n+drainOnSigint(app.listen(3000));\n"},
		Verified: &report.Verified{Ruling: report.RepairFailed, Because: "broken still: scale; 31 requests dropped without the advice, 2 with it", Applied: []string{"settings.patch"},
			Left: []string{"the handler: the app already handles SIGINT at server.js:12"}, Report: "reports/x/verified", Acts: []report.Repaired{
				{Act: "reload", Before: report.Outturn{Owed: 950, Dropped: 25, Streams: 21, Cut: 4, Verdict: promise.Broken}, After: report.Outturn{Owed: 1666, Verdict: promise.Kept}},
				{Act: "scale", Before: report.Outturn{Owed: 1792, Dropped: 6, Verdict: promise.Broken}, After: report.Outturn{Owed: 2011, Dropped: 2, Verdict: promise.Broken}}}},
	}}
	for _, act := range []string{"reload", "worker-killed"} {
		d := HealthySample()
		d.Scenario, d.Arm, d.Story = act, evidence.ArmRehearsal, "The story of "+act+"."
		r.Drills = append(r.Drills, d)
	}
	return r
}
