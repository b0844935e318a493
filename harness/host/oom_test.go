package host

import "testing"

// TestParseOOMKills: the count is read from its own line, and a kernel without it is an error.
func TestParseOOMKills(t *testing.T) {
	if n, err := parseOOMKills("pgfault 7\noom_kill 12\nnuma_hit 3\n"); n != 12 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	for _, text := range []string{"", "oom_killer 3\n", "oom_kill x\n"} {
		if n, err := parseOOMKills(text); err == nil {
			t.Errorf("%q: %d", text, n)
		}
	}
}
