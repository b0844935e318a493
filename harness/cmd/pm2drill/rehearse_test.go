package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

// TestRehearsals rehearses the shop by each of its configurations: what is right must
// be kept in every act, and what is careless must break where it is. It takes some
// minutes, Docker and npm's registry: make test-rehearsals.
func TestRehearsals(t *testing.T) {
	if os.Getenv("PM2DRILL_REHEARSE_TEST") == "" {
		t.Skip("PM2DRILL_REHEARSE_TEST is not set")
	}
	brisk := []string{"--rate", "150", "--jobs", "2"}
	for _, c := range []struct {
		file     string
		broken   []string // acts; all others are kept
		confirms []string // rules
		proposes []string // settings
		flags    []string
	}{
		{"express.config.js", nil, nil, nil, nil},
		{"fastify.config.js", nil, nil, nil, nil},
		{"express-careless.config.js", []string{"reload", "slow-start", "scale"}, []string{"T002", "T003"}, []string{"listen_timeout", "kill_timeout"}, nil},
		{"fastify-careless.config.js", []string{"reload", "slow-start", "scale"}, []string{"T002", "T003"}, []string{"listen_timeout", "kill_timeout"}, nil},
		// The handler exits after 8 s, whatever is under way on kept connections then. At 50
		// requests per second that is nothing now and then, where one worker goes every other time.
		{"advised.config.js", []string{"reload", "slow-start", "scale"}, nil, nil, brisk},
		{"advised-mended.config.js", nil, nil, nil, brisk},
	} {
		t.Run(c.file, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "report")
			cmd := exec.Command("../../../bin/pm2drill", append([]string{"validate", "../../../fixtures/node-apps/shop/" + c.file,
				"--rehearse", "--npm-ci", "--path", "/orders", "--long-path", "/report", "--out", dir}, c.flags...)...)
			out, _ := cmd.CombinedOutput() // the exit code is told by what follows
			t.Logf("%s", out)
			r, err := folder.Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			broken := map[string]bool{}
			for _, act := range c.broken {
				broken[act] = true
			}
			for _, d := range r.Drills {
				want := promise.Kept
				if broken[d.Scenario] {
					want = promise.Broken
				}
				if d.Verdict != want {
					t.Errorf("%s is %s, want %s", d.Scenario, d.Verdict, want)
				}
			}
			if len(r.Drills) < 5 {
				t.Errorf("only %d acts", len(r.Drills))
			}
			checkOutcome(t, dir, c.confirms, c.proposes)
		})
	}
}

func checkOutcome(t *testing.T, dir string, confirms, proposes []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "rehearsal.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out report.Rehearsal
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, x := range out.Checks {
		if x.Verdict == report.Confirmed {
			seen[x.Rule] = true
		}
	}
	for _, rule := range confirms {
		if !seen[rule] {
			t.Errorf("%s is not confirmed: %+v", rule, out.Checks)
		}
	}
	asked := map[string]bool{}
	for _, p := range out.Proposals {
		asked[p.Key] = true
	}
	for _, key := range proposes {
		if !asked[key] {
			t.Errorf("%s is not proposed: %+v", key, out.Proposals)
		}
	}
	if len(proposes) > 0 && out.Patch == "" {
		t.Error("there is no patch")
	}
}

// TestVerify: the advice for a careless app, which needs no module, brings its drops to 0 in a
// copy, and the app's own files stay as they were. It takes two minutes, and Docker.
func TestVerify(t *testing.T) {
	if os.Getenv("PM2DRILL_REHEARSE_TEST") == "" {
		t.Skip("PM2DRILL_REHEARSE_TEST is not set")
	}
	app, dir := t.TempDir(), filepath.Join(t.TempDir(), "report")
	files := map[string]string{
		"server.js":           "const http = require('http');\nhttp.createServer((req, res) => {\n  setTimeout(() => res.end('ok'), req.url === '/report' ? 2500 : 80);\n}).listen(3000);\n",
		"ecosystem.config.js": "module.exports = {\n  apps: [{\n    name: 'careless',\n    script: 'server.js',\n    instances: 2,\n    exec_mode: 'cluster',\n  }],\n};\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(app, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("../../../bin/pm2drill", "validate", app, "--rehearse", "--verify", "--acts", "reload", "--long-path", "/report", "--out", dir)
	out, _ := cmd.CombinedOutput() // the exit code is looked at
	t.Logf("%s", out)
	text, err := os.ReadFile(filepath.Join(dir, "rehearsal.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got report.Rehearsal
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	v := got.Verified
	if v == nil || v.Ruling != report.RepairDone || len(v.Acts) != 1 || v.Acts[0].Before.Dropped == 0 || v.Acts[0].After.Dropped > 0 || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("exit code %d, verified: %+v", cmd.ProcessState.ExitCode(), v)
	}
	if _, err := folder.Load(filepath.Join(dir, "verified")); err != nil {
		t.Errorf("the second rehearsal has no report: %v", err)
	}
	for name, want := range files {
		if now, err := os.ReadFile(filepath.Join(app, name)); err != nil || string(now) != want {
			t.Errorf("%s was changed: %v", name, err)
		}
	}
}
