package reproduce

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/capture"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/scenarios"
)

func TestLikeCaptured(t *testing.T) {
	sc := scenarios.PortTaken()
	row := pm2.Process{Mode: "cluster", Autorestart: true, KillTimeout: 3 * time.Second, Backoff: 100 * time.Millisecond}
	got := applyCaptured(&sc, capture.Bundle{Processes: []pm2.Process{row, row, row}})
	for key, want := range map[string]any{
		"instances": 3, "kill_timeout": int64(3000), "exp_backoff_restart_delay": int64(100), "autorestart": true,
		"max_restarts": nil, "min_uptime": nil, "restart_delay": nil, "listen_timeout": nil,
	} {
		if v, ok := got[key]; !ok || v != want {
			t.Errorf("%s is %v, want %v", key, v, want)
		}
	}
	if sc.App.Workers != 3 {
		t.Errorf("%d workers are expected", sc.App.Workers)
	}
	sc = scenarios.PortTaken()
	if got := applyCaptured(&sc, capture.Bundle{}); got != nil || sc.App.Workers != 4 {
		t.Errorf("a host without the app gives %v", got)
	}
}

func TestConfigOf(t *testing.T) {
	for name, c := range map[string]struct {
		files, onHost []string
		want, fails   string
	}{
		"the host's":     {[]string{"prod.config.js", "ecosystem.config.js"}, []string{"/srv/app/prod.config.js"}, "prod.config.js", ""},
		"the only one":   {[]string{"ecosystem.config.js", "server.js"}, []string{"/srv/app/prod.config.js"}, "ecosystem.config.js", ""},
		"one of several": {[]string{"ecosystem.config.js", "pm2.json"}, nil, "", "several ecosystem files"},
		"none":           {[]string{"server.js"}, nil, "", "there is no ecosystem file"},
	} {
		dir := t.TempDir()
		for _, f := range c.files {
			if err := os.WriteFile(filepath.Join(dir, f), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := findConfig(dir, c.onHost)
		if got != c.want || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestPrintCaptureCounts: one worker is no "1 workers".
func TestPrintCaptureCounts(t *testing.T) {
	for n, want := range map[int]string{1: "web, 1 worker, PM2", 2: "web, 2 workers, PM2"} {
		var out strings.Builder
		printCapture(cli.Call{Stdout: &out}, capture.Bundle{Manifest: capture.Manifest{App: "web"}, Processes: make([]pm2.Process, n)}, nil, capture.Symptom{})
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q: %s", want, out.String())
		}
	}
}
