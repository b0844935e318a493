package sandbox_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
)

// TestMain lets the test binary be the child that it starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "child" {
		if err := sandbox.Child(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestHostile: whatever a file does, there is an answer within three seconds.
func TestHostile(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const (
		nothing  = ecosystem.Class("")
		limited  = ecosystem.Class("whichever limit comes first")
		whatever = ecosystem.Class("any answer")
	)
	for _, x := range []struct {
		name, source string
		class        ecosystem.Class // nothing: it must be unsupported
	}{
		{"endless loop", "for (;;) {}", ecosystem.TooSlow},
		{"endless loop in a getter", "module.exports = { get apps() { for (;;) {} } };", ecosystem.TooSlow},
		{"endless generator", "module.exports = { apps: [...(function* () { for (;;) yield 1; })()] };", limited},
		{"ten gigabytes of text", "let s = 'x'; for (let i = 0; i < 34; i++) s += s; module.exports = { apps: [{ name: s + 1 }] };", limited},
		{"ten gigabytes of objects", "const a = []; for (;;) a.push({ a: 1, b: [1, 2, 3] });", limited},
		{"a huge array", "module.exports = { apps: new Array(1e9) };", limited},
		{"deep recursion", "const f = (n) => f(n + 1) + 1; f(0);", nothing},
		{"deep nesting", "module.exports = " + strings.Repeat("[", 200000) + strings.Repeat("]", 200000) + ";", limited},
		{"a regular expression that runs away", "module.exports = /^(?=(a+)+$)b/.test('a'.repeat(40) + 'c');", whatever},
		{"fork bomb", "const { fork } = require('child_process'); for (;;) fork(__filename);", nothing},
		{"a shell", "require('child_process').execSync('touch /tmp/pm2drill-was-here');", whatever},
		{"network", "require('http').get('http://127.0.0.1:1/');", nothing},
		{"NUL bytes", "module.exports = { apps: [\x00] };", ecosystem.Syntax},
		{"a device", "module.exports = require('fs').readFileSync('/dev/zero', 'utf8');", nothing},
		{"out through the constructor", "module.exports = this.constructor.constructor('return process.binding')();", nothing},
		{"exit", "process.exit(3);", ecosystem.Thrown},
	} {
		t.Run(x.name, func(t *testing.T) {
			began := time.Now()
			got, err := sandbox.Run(t.Context(), []string{self, "child"}, ecosystem.Request{
				Path: "ecosystem.config.js", Dialect: ecosystem.Module, Source: []byte(x.source),
				Target: ecosystem.Target{CPUs: 2, Node: "26.10.0", PM2: "7.0.4", Cwd: t.TempDir()},
			})
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("it took %s", took)
			}
			switch {
			case err != nil:
				t.Error(err)
			case strings.Contains(got.Unsupported, "busy host"):
				t.Skip("proves nothing: it needs " + got.Unsupported)
			case x.class == whatever:
			case x.class == limited && got.Failure != nil && (got.Failure.Class == ecosystem.TooSlow || got.Failure.Class == ecosystem.TooLarge):
			case x.class == nothing && got.Unsupported == "":
				t.Errorf("it is no wonder: %+v", got)
			case x.class != nothing && (got.Failure == nil || got.Failure.Class != x.class):
				t.Errorf("got %+v (%q), want %s", got.Failure, got.Unsupported, x.class)
			}
		})
	}
	if _, err := os.Stat("/tmp/pm2drill-was-here"); err == nil {
		t.Error("the shell has run")
	}
}

// BenchmarkEvaluate is a file in this process.
func BenchmarkEvaluate(b *testing.B) {
	req := ecosystem.Request{Path: "ecosystem.config.js", Dialect: ecosystem.Module, Source: []byte("module.exports = { apps: [{ name: 'web', script: 'x.js', instances: 2 }] };"),
		Target: ecosystem.Target{CPUs: 2, Node: "26.10.0", PM2: "7.0.4", Cwd: "/srv"}}
	for b.Loop() {
		if got := sandbox.Evaluate(req); got.Failure != nil {
			b.Fatal(got.Failure)
		}
	}
}

// TestRunJudgesNoYAMLByItsTime holds that a child that is broken off over YAML, which PM2
// may read in less time, says nothing of the file.
func TestRunJudgesNoYAMLByItsTime(t *testing.T) {
	for name, command := range map[string][]string{
		"time":   {"tail", "-f", "/dev/null"},
		"memory": {"sh", "-c", "echo out of memory >&2; exit 2"},
		"thread": {"sh", "-c", "echo runtime/cgo: pthread_create failed: Resource temporarily unavailable >&2; exit 2"},
	} {
		got, err := sandbox.Run(t.Context(), command, ecosystem.Request{Path: "ecosystem.yml", Dialect: ecosystem.YAML, Source: []byte("a: 1")})
		if err != nil || got.Failure != nil || got.Unsupported == "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
