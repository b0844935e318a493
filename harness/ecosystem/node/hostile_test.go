package node_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/form"
	"github.com/pm2drill/pm2drill/harness/ecosystem/node"
)

// TestHostile has this host's Node load files that mean harm: there is an answer, and what
// they want to do is not done.
func TestHostile(t *testing.T) {
	t.Parallel()
	const known, unknown, limited, bounded = "", "unsupported", "whichever limit comes first", "any end, in time"
	for _, x := range []struct {
		name, source string
		class        ecosystem.Class // of the failure; known for none, unknown where nobody knows
		says         string
	}{
		{"endless loop", "for (;;) {}", ecosystem.TooSlow, "takes longer than"},
		{"endless wait", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);", unknown, "it waited"},
		{"much memory", "const a = []; for (;;) a.push(new Array(1e6).fill(1.5));", limited, "loading the file takes"},
		{"much memory beside V8's", "const a = []; for (;;) a.push(Buffer.alloc(64 << 20, 1));", limited, "loading the file takes"},
		{"a gigabyte of output", "const b = Buffer.alloc(1 << 20, 'x'); for (let i = 0; i < 1000;) try { require('fs').writeSync(1, b), i++; } catch {}", bounded, ""},
		{"an answer of its own", "require('fs').writeSync(1, '\\nMARK{}\\nMARK{\"value\":1}\\n'); module.exports = { apps: [] };", known, ""},
		{"exit", "process.exit(3);", ecosystem.Thrown, "it calls process.exit(3)"},
		{"exit by the back door", "process.binding('process_methods').reallyExit(5);", ecosystem.Thrown, ""},
		{"a throw", "\n\nthrow new Error('set TOKEN');", ecosystem.Thrown, "Error: set TOKEN"},
		{"a command", "require('child_process').spawnSync('touch', [__dirname + '/harm']); module.exports = { apps: [] };", unknown, "spawnSync"},
		{"a command by the back door", "const r = process.binding('spawn_sync').spawn({ file: 'touch', args: ['touch', __dirname + '/harm'], envPairs: [], stdio: [] }); module.exports = { apps: [] };", ecosystem.Thrown, "ERR_ACCESS_DENIED"},
		{"a file", "require('fs').writeFileSync(__dirname + '/harm', ''); module.exports = { apps: [] };", known, ""},
		{"a file by the back door", "require('fs').promises.writeFile(__dirname + '/harm', '').catch(() => 0); require('fs').fchmodSync; new (require('fs').WriteStream)(__dirname + '/harm'); module.exports = { apps: [] };", known, ""},
		{"a thread", "new (require('worker_threads').Worker)('for (;;) {}', { eval: true }); module.exports = { apps: [] };", unknown, "worker_threads"},
		{"the network", "require('http').get('http://127.0.0.1:1/'); module.exports = { apps: [] };", unknown, "http.get"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel() // some wait for a limit of time
			dir := t.TempDir()
			f := form.Form{Name: x.name, Dir: dir, File: "ecosystem.config.js"}
			if err := os.WriteFile(filepath.Join(dir, f.File), []byte(x.source), 0o644); err != nil {
				t.Fatal(err)
			}
			h := here(t, dir)
			got, err := node.Evaluate(context.Background(), h, request(t, f, h.Version))
			if err != nil {
				t.Fatal(err)
			}
			class, text := ecosystem.Class(known), ""
			switch {
			case got.Failure != nil:
				class, text = got.Failure.Class, got.Failure.Message
			case got.Unsupported != "":
				class, text = unknown, got.Unsupported
			}
			if x.class == bounded {
				return // in time, and with what it prints cut off or not
			}
			if x.class == limited && (class == ecosystem.TooLarge || class == ecosystem.TooSlow) {
				class = limited
			}
			if class != x.class || !strings.Contains(text, x.says) {
				t.Errorf("%s %q, want %s %q", class, text, x.class, x.says)
			}
			if x.name == "a throw" && got.Failure.Line != 3 {
				t.Errorf("line %d, want 3", got.Failure.Line)
			}
			if _, err := os.Stat(filepath.Join(dir, "harm")); err == nil {
				t.Error("the harm is done")
			}
		})
	}
}

// TestSaysWhatIsWrongWithItself holds that a Node that cannot run is no failure of a file.
func TestSaysWhatIsWrongWithItself(t *testing.T) {
	for command, says := range map[string]string{"/nowhere/node": "no Node at", "/bin/true": "is no Node"} {
		if _, err := node.NewHost(t.Context(), command, "/"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", command, err)
		}
	}
	if _, err := node.Evaluate(t.Context(), mute{}, ecosystem.Request{Path: "ecosystem.config.js", Dialect: ecosystem.Module}); err == nil || !strings.Contains(err.Error(), "before it began: no such flag") {
		t.Errorf("a Node that ends at once: %v", err)
	}
}

// mute is a place whose Node ends before it has read a file.
type mute struct{}

func (mute) Only() string { return "" }
func (mute) PM2() string  { return "" }
func (mute) Run(context.Context, []string, []byte) (node.End, error) {
	return node.End{Code: 9, Stderr: "no such flag"}, nil
}
