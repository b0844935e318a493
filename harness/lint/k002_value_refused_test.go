package lint_test

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// TestRefusedValuesSayTheForm: the remedy of a value that PM2 refuses says what it takes.
func TestRefusedValuesSayTheForm(t *testing.T) {
	for setting, want := range map[string]string{
		"exec_mode: 'clustr'":                    "exec_mode: 'cluster' or 'fork'",
		"cron_restart: '99 99 * *'":              "'0 4 * * *'",
		"max_memory_restart: 'lots'":             "'200M'",
		"min_uptime: 'long'":                     "'10s'",
		"kill_timeout: 'long'":                   "kill_timeout: a number, such as",
		"max_restarts: -1":                       "0 or more",
		"autorestart: 'maybe'":                   "true or false",
		"watch: 5":                               "true or false, a list or a text",
		"watch_options: 'x'":                     "an object",
		"autorestart: 'false', wait_ready: true": "Write autorestart: false.",
	} {
		var got []string
		for _, f := range lint.Check(subjectOf("{ script: 'a.js', "+setting+" }"), lint.Rules()) {
			if f.Rule == "K002" {
				got = append(got, f.Fix)
			}
		}
		if len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%s: %q, want %q", setting, got, want)
		}
	}
}
