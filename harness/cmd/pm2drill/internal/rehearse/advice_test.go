package rehearse

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/rehearsal"
	"github.com/pm2drill/pm2drill/harness/rehearsal/handler"
	"github.com/pm2drill/pm2drill/harness/report"
)

const careless = "module.exports = { apps: [{\n  name: 'shop',\n  script: './server.js',\n  instances: 2,\n  exec_mode: 'cluster',\n}] };\n"

// projectOf is a rehearsal of a project of these files, in a folder below the one that was named.
func projectOf(t *testing.T, files map[string]string) *rehearsalRun {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, "app", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "app", "ecosystem.config.js")
	req := ecosystem.Request{Path: file, Dialect: ecosystem.DialectOf(file), Source: []byte(files["ecosystem.config.js"]),
		Target: ecosystem.Target{CPUs: 2, Cwd: filepath.Dir(file), OS: map[string]string{}}}
	st := &rehearsalRun{subject: lint.NewSubject(req, sandbox.Evaluate(req), lint.Host{}), own: cluster.Own{Dir: dir, File: "app/ecosystem.config.js"}, app: drill.App{Name: "shop"}, cluster: true}
	st.redactor = newRedactor(st.subject, st.own)
	return st
}

// lossy is a reload that has dropped requests, the longest of which took a second.
func lossy() []rehearsal.Act {
	return []rehearsal.Act{{Name: "reload", Record: &evidence.Record{
		Requests: []evidence.Request{{Lane: evidence.LaneShort, Done: 1e9, Class: evidence.Answered}},
	}, Rulings: []promise.Ruling{{Name: promise.DropsNothing().Name, Verdict: promise.Broken, Because: "3 lost"}}}}
}

// TestAdviceApplies: git takes both patches for copies of the files, which are then as they are to
// be in the copy of the app, and the user's own stay as they were.
func TestAdviceApplies(t *testing.T) {
	files := map[string]string{"ecosystem.config.js": careless, "server.js": "const app = require('express')();\napp.listen(3000);\n"}
	st := projectOf(t, files)
	x := new(report.Rehearsal)
	if err := st.advise(x, lossy()); err != nil {
		t.Fatal(err)
	}
	changed, applied := st.applyAdvice(context.Background(), x)
	if got := strings.Join(applied, " "); got != "settings.patch handler.patch" || len(st.advice.left) > 0 || len(changed) != 3 {
		t.Fatalf("applied %s, left %q, changed %d files", got, st.advice.left, len(changed))
	}
	for name, want := range map[string]string{"app/ecosystem.config.js": "kill_timeout: 4000,", "app/server.js": "drainOnSigint(app.listen(3000));", "app/drain-on-sigint.js": "module.exports = function drainOnSigint("} {
		if !strings.Contains(string(changed[name]), want) {
			t.Errorf("%s has no %q:\n%s", name, want, changed[name])
		}
	}
	for name, text := range files {
		if now, err := os.ReadFile(filepath.Join(st.home(), name)); err != nil || string(now) != text {
			t.Errorf("%s was changed: %v", name, err)
		}
	}
	if all, err := os.ReadDir(st.home()); err != nil || len(all) != 2 {
		t.Errorf("the project's folder has %v: %v", all, err)
	}
	again := *st
	again.own.Changed = changed
	if text, ok := again.readOwn("drain-on-sigint.js"); !ok || string(text) != x.Handler.Code {
		t.Error("the second rehearsal does not see the handler")
	}
}

// TestAdviceIsLeft: what cannot be applied is named with the reason, and the rest is applied.
func TestAdviceIsLeft(t *testing.T) {
	computed := "const pairs = [['name', 'shop'], ['script', './server.js'], ['instances', 2], ['exec_mode', 'cluster']];\nmodule.exports = { apps: [Object.fromEntries(pairs)] };\n"
	handled := "require('http').createServer().listen(1);\nprocess.on('SIGINT', () => process.exit());\n"
	for _, c := range []struct {
		name           string
		config, server string
		applied, left  string
	}{
		{"a handler of its own", careless, handled, "settings.patch", "the handler: the app already handles SIGINT at server.js:2"},
		{"computed settings", computed, "require('express')().listen(1);\n", "handler.patch", "kill_timeout: ecosystem.config.js does not show"},
		{"a secret beside", strings.Replace(careless, "  script", "  env: { API_TOKEN: 'Zx9-qwertyuiop-4711' },\n  script", 1), "require('express')().listen(1);\n", "handler.patch", "would show a secret"},
	} {
		st := projectOf(t, map[string]string{"ecosystem.config.js": c.config, "server.js": c.server})
		x := new(report.Rehearsal)
		if err := st.advise(x, lossy()); err != nil {
			t.Fatal(err)
		}
		_, applied := st.applyAdvice(context.Background(), x)
		if left := strings.Join(st.advice.left, "; "); strings.Join(applied, " ") != c.applied || !strings.Contains(left, c.left) {
			t.Errorf("%s: applied %q, left %q", c.name, applied, left)
		}
	}
}

// TestNoAdvice: an app that lost nothing is told of no handler.
func TestNoAdvice(t *testing.T) {
	st := projectOf(t, map[string]string{"ecosystem.config.js": careless, "server.js": "require('express')().listen(1);\n"})
	acts := lossy()
	acts[0].Rulings[0].Verdict = promise.Kept
	x := new(report.Rehearsal)
	if err := st.advise(x, acts); err != nil || x.Handler != nil || x.Patch != "" {
		t.Errorf("%v: %+v, %q", err, x.Handler, x.Patch)
	}
}

// TestOwnHandlerNeedsTime: an app that handles SIGINT, and was killed meanwhile, is told of
// kill_timeout and of no other handler.
func TestOwnHandlerNeedsTime(t *testing.T) {
	st := projectOf(t, map[string]string{"ecosystem.config.js": careless, "server.js": "const drain = require('./drain');\ndrain(require('express')().listen(1));\n", "drain.js": "process.on('SIGINT', end);\n"})
	acts := lossy()
	acts[0].Record.Requests[0].Done = 3e9
	acts[0].Record.Events = []evidence.Event{{Text: "Process with pid 101 still alive after 1600ms, sending SIGKILL to it now..."}}
	x := new(report.Rehearsal)
	if err := st.advise(x, acts); err != nil || x.Handler != nil || !strings.Contains(x.Patch, "kill_timeout: 6000") || len(st.advice.left) > 0 {
		t.Errorf("%v: %+v, left %q: %s", err, x.Handler, st.advice.left, x.Patch)
	}
	acts[0].Record.Events = nil
	if err := st.advise(x, acts); err != nil || x.Handler == nil || !strings.Contains(x.Handler.NoPlace, "at drain.js:1") {
		t.Errorf("%v: a handler that loses requests by itself: %+v", err, x.Handler)
	}
}

// TestGitRefuses: git's own words say why a patch is not taken.
func TestGitRefuses(t *testing.T) {
	patch := "--- a/a.js\n+++ b/a.js\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n"
	if _, err := applyPatch(context.Background(), []handler.File{{Name: "a.js", Before: []byte("one\nother\n")}}, patch); err == nil || !strings.Contains(err.Error(), "git apply refuses the patch: error: patch failed: a.js:1") {
		t.Errorf("%v", err)
	}
	after, err := applyPatch(context.Background(), []handler.File{{Name: "a.js", Before: []byte("one\ntwo\n")}}, patch)
	if err != nil || string(after["a.js"]) != "one\nthree\n" {
		t.Errorf("%q: %v", after, err)
	}
}

// TestRuleRepair: the second verdict rules, and the drops of both are told.
func TestRuleRepair(t *testing.T) {
	acts := []report.Repaired{{Act: "reload", Before: report.Outturn{Dropped: 25}, After: report.Outturn{Verdict: promise.Broken, Dropped: 2}}, {Act: "scale", After: report.Outturn{Verdict: promise.Inconclusive}}}
	for v, want := range map[promise.Verdict]struct {
		ruling report.Repair
		says   string
	}{
		promise.Kept:         {report.RepairDone, "25 requests dropped without the advice, 2 with it"},
		promise.Broken:       {report.RepairFailed, "broken still: reload;"},
		promise.Inconclusive: {report.RepairUnknown, "proves nothing: scale;"},
	} {
		if got, because := ruleRepair(v, acts); got != want.ruling || !strings.Contains(because, want.says) {
			t.Errorf("%s: %s: %s", v, got, because)
		}
	}
}
