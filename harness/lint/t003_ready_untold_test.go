package lint_test

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// TestDefaultsOfReload: the message agrees with what is not given.
func TestDefaultsOfReload(t *testing.T) {
	for settings, want := range map[string]string{
		"":                    "wait_ready and listen_timeout are not given",
		", listen_timeout: 9": "wait_ready is not given",
	} {
		s := subjectOf("{ name: 'web', script: 'a.js', exec_mode: 'cluster', instances: 2" + settings + " }")
		var got []string
		for _, f := range lint.Check(s, lint.Rules()) {
			if f.Rule == "T003" {
				got = append(got, f.Message)
			}
		}
		if len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%q: %q, want %q", settings, got, want)
		}
	}
}
