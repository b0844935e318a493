package host

import (
	"os"
	"path/filepath"
	"testing"
)

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

// TestCgroupOOMKills: the kernel's count is read of both versions, and not that of killed groups.
func TestCgroupOOMKills(t *testing.T) {
	for file, text := range map[string]string{
		"memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
		"memory.events":             "low 0\nmax 7\noom 4\noom_kill 3\noom_group_kill 1\n",
	} {
		root := t.TempDir()
		if n := CgroupOOMKills(root); n != 0 {
			t.Errorf("of no group: %d", n)
		}
		name := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if n := CgroupOOMKills(root); n != 3 {
			t.Errorf("%s: %d, want 3", file, n)
		}
	}
}
