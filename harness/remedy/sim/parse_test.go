package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// parseWorld reads a world as String writes it.
func parseWorld(t *testing.T, text string) World {
	t.Helper()
	var w World
	var boot, delay, ready string
	lines := strings.Split(strings.TrimSpace(text), "\n")
	_, err := fmt.Sscanf(lines[0], "seed %d: %d workers, boot %s max_restarts %d, restart_delay %s back-off %t, instance_var %q, listen_timeout %s needs its server %t (and while it serves %t, known %t: %q)",
		&w.Seed, &w.Workers, &boot, &w.MaxRestarts, &delay, &w.Backoff, &w.Variable, &ready, &w.NeedsServer, &w.DiesServing, &w.Known, &w.Words)
	if err != nil {
		t.Fatalf("%q: %v", lines[0], err)
	}
	w.Boot, w.Delay, w.Ready = parseSpan(t, boot), parseSpan(t, delay), parseSpan(t, ready)
	for _, line := range lines[1:] {
		var f Fault
		var at, span string
		if strings.HasPrefix(strings.TrimSpace(line), "->") {
			continue
		}
		if _, err := fmt.Sscanf(strings.TrimSpace(line), "%s at %s for %s worker %d", &f.Kind, &at, &span, &f.Worker); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		f.At, f.For = parseSpan(t, at), parseSpan(t, span)
		w.Faults = append(w.Faults, f)
	}
	return w
}

// parseSpan reads a duration, with or without a comma behind it.
func parseSpan(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(strings.TrimSuffix(text, ","))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestFoundWorlds: worlds that have shown faults of the engine hold by now.
func TestFoundWorlds(t *testing.T) {
	files, err := filepath.Glob("testdata/found/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no worlds: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		w := parseWorld(t, string(text))
		if got := strings.TrimSpace(w.String()); got != strings.TrimSpace(string(text)) {
			t.Errorf("%s is read as:\n%s", file, got)
		}
		if broken := Check(w, NewEngine(Sabotage{})); len(broken) > 0 {
			t.Errorf("%s: %q", file, broken)
		}
	}
}
