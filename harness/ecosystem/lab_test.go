package ecosystem

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onDisk is this host's disk.
type onDisk struct{}

func (onDisk) Head(name string) ([]byte, bool) {
	raw, err := os.ReadFile(name)
	return raw[:min(len(raw), 4096)], err == nil
}

// lab is a directory with apps, and a daemon of its own.
type lab struct {
	dir, home, elsewhere, version, node string
	cpus                                int
}

func newLab(t *testing.T) lab {
	t.Helper()
	_, version := installed(t)
	l := lab{dir: t.TempDir(), home: t.TempDir(), elsewhere: t.TempDir(), version: version}
	facts, err := exec.Command("node", "-p", "process.versions.node + ' ' + os.cpus().length").Output()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(string(facts), &l.node, &l.cpus); err != nil {
		t.Fatal(err)
	}
	report, err := os.ReadFile("testdata/report.js")
	if err != nil {
		t.Fatal(err)
	}
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(sleep)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"report.js": string(report), "report": string(report), "report.cjs": string(report), "report.ts": string(report), "program": string(program), "preload.js": "globalThis.loaded = true;\n",
		"run.sh": "node report.js\ntrue\n", "exec.sh": "#!/bin/sh\nexec node report.js\n", "package.json": `{"scripts":{"start":"node report.js"}}`,
		"node_modules/shell": "#!/bin/sh\nexec sh \"$@\"\n",
	} {
		file := filepath.Join(l.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(data), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	l.pm2(t, l.elsewhere, "ping")
	t.Cleanup(func() { l.pm2(t, l.elsewhere, "kill") })
	return l
}

// pm2 runs a command of pm2 in a directory, and returns what it prints. Its exit code
// is not looked at: pm2 start fails as a whole where one app of many does.
func (l lab) pm2(t *testing.T, dir string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, "pm2", args...)
	cmd.Dir, cmd.Env = dir, []string{"PM2_HOME=" + l.home, "HOME=" + l.home, "PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("pm2 %v hangs: %v\n%s", args, err, out)
	}
	return string(out)
}

// file is the configuration of one app, as JSON.
func (l lab) file(x started) string {
	return fmt.Sprintf(`{"name":%q,"cwd":%q,%s,"env":{"MARK":"file","REPORT":%q,"NODE_OPTIONS":%q}}`, x.name, l.dir, x.settings, l.report(x.name), l.options())
}

func (lab) options() string { return "--max-old-space-size=222" }

func (l lab) report(name string) string { return filepath.Join(l.home, name+".report") }

func (l lab) reported(name string) bool {
	_, err := os.Stat(l.report(name))
	return err == nil
}

// startAll starts every app by a file of its own, and returns what PM2 then lists.
func (l lab) startAll(t *testing.T) map[string][]seenByPM2 {
	t.Helper()
	for _, x := range starts() {
		name := filepath.Join(l.dir, x.name+".json")
		if err := os.WriteFile(name, []byte(`{"apps":[`+l.file(x)+`]}`), 0o644); err != nil {
			t.Fatal(err)
		}
		l.pm2(t, l.dir, "start", name)
	}
	out := l.pm2(t, l.elsewhere, "jlist")
	var rows []seenByPM2
	if err := json.Unmarshal([]byte(out[max(0, strings.Index(out, "[{")):]), &rows); err != nil {
		t.Fatalf("cannot read jlist: %v\n%.500s", err, out)
	}
	by := map[string][]seenByPM2{}
	for _, r := range rows {
		by[r.Name] = append(by[r.Name], r)
	}
	return by
}

// await waits for an app's report.
func (l lab) await(t *testing.T, name string, into *seenByApp) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for {
		if raw, err := os.ReadFile(l.report(name)); err == nil {
			if err := json.Unmarshal(raw, into); err != nil {
				t.Fatal(err)
			}
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s has reported nothing in 20 s", name)
		}
	}
}

// value is the app as the file has it.
func (l lab) value(t *testing.T, x started) Value {
	t.Helper()
	var plain map[string]any
	if err := json.Unmarshal([]byte(l.file(x)), &plain); err != nil {
		t.Fatal(err)
	}
	return valueOf(plain)
}

// valueOf is a value of JSON.
func valueOf(v any) Value {
	switch v := v.(type) {
	case string:
		return text(v)
	case float64:
		return num(v)
	case bool:
		return Value{Kind: Bool, True: v}
	case []any:
		out := Value{Kind: Array}
		for _, x := range v {
			out.Items = append(out.Items, valueOf(x))
		}
		return out
	case map[string]any:
		out := Value{Kind: Object}
		for k, x := range v {
			out.Set(k, valueOf(x))
		}
		return out
	}
	return Value{Kind: Null}
}
