package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestDryRun: it tells every drill, and starts nothing, where there is no Docker.
func TestDryRun(t *testing.T) {
	quick, err := filepath.Abs("testdata/quick")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		says []string
	}{
		{"run " + quick + " --dry-run --seed 7", 0, []string{"quick control", "fault.Command{Run:kill -STOP", "(must break)", "3 drills", "Nothing was started", "--arms control --seed 7"}},
		{"run port-taken --dry-run --arms decoy --json", 0, []string{`"arm": "decoy"`, `"name": "acts-at-most"`, `"least_seconds"`}},
		{"run port-taken --dry-run --arms claim", 64, nil},
		{"gate --engine ./e.sh --engine-dir " + quick + " port-taken --dry-run", 0, []string{"port-taken decoy", "./e.sh"}},
		{"gate --engine x --dry-run", 0, []string{"stalled-worker engine", "operator-stop decoy"}},
	} {
		code, stdout, stderr := pm2drill(t, []string{"DOCKER_HOST=tcp://127.0.0.1:1"}, strings.Fields(c.args)...)
		if code != c.code {
			t.Errorf("pm2drill %s: exit code %d, want %d: %s", c.args, code, c.code, stderr)
		}
		for _, says := range c.says {
			if !strings.Contains(stdout, says) {
				t.Errorf("pm2drill %s: does not say %q: %s", c.args, says, stdout)
			}
		}
	}
}
