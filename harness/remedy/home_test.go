package remedy

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// nobodyElse is a user that owns nothing here.
const nobodyElse = 65534

// pm2Home is a directory that looks like PM2's.
func pm2Home(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "pm2.pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		t.Fatal(err)
	}
	return home
}

// command runs the engine's command and returns its exit code and what it complained of.
func command(t *testing.T, home string, more ...string) (code int, complaint string) {
	t.Helper()
	var out, complaints bytes.Buffer
	args := append([]string{"--home", home, "--app", "web", "--url", "http://127.0.0.1:1/"}, more...)
	x, names := parseCommand(t, func(string) string { return "" }, args...)
	code = x.Run(context.Background(), names, strings.NewReader(""), &out, &complaints)
	return code, complaints.String()
}

// TestForeignHomes: the engine does not work over a home that others decide upon, the
// superuser's neither, and says what to do.
func TestForeignHomes(t *testing.T) {
	for name, c := range map[string]struct {
		change func(home string) error
		says   string
	}{
		"another user's":      {func(home string) error { return os.Chown(home, nobodyElse, nobodyElse) }, "sudo -u"},
		"writable by all":     {func(home string) error { return os.Chmod(home, 0o777) }, "chmod o-w"},
		"of another group":    {func(home string) error { return os.Chown(home, -1, nobodyElse) }, "chmod g-w"},
		"with a planted pid":  {func(home string) error { return relink(home, "pm2.pid", "/etc/hostname") }, "symbolic link"},
		"with a planted lock": {func(home string) error { return relink(home, lockFile, filepath.Join(home, "victim")) }, "symbolic link"},
	} {
		t.Run(name, func(t *testing.T) {
			home := pm2Home(t)
			if err := os.Chmod(home, 0o775); err != nil {
				t.Fatal(err)
			}
			if err := c.change(home); err != nil {
				t.Skipf("this user may not do that: %v", err)
			}
			if code, complaint := command(t, home); code != exitUsage || !strings.Contains(complaint, c.says) {
				t.Errorf("exit code %d: %s", code, complaint)
			}
			if _, err := os.Stat(filepath.Join(home, "victim")); err == nil {
				t.Error("it has written where a link leads to")
			}
		})
	}
}

func relink(home, name, to string) error {
	_ = os.Remove(filepath.Join(home, name)) // it need not be there
	return os.Symlink(to, filepath.Join(home, name))
}

// TestNamesWhatItCannotUse: what the command cannot use is an error in one line, with the
// thing and the remedy, and exit code 64. It does not wait for an app that PM2 does not have.
func TestNamesWhatItCannotUse(t *testing.T) {
	row := `{"pid":0,"pm_id":0,"name":"web","pm2_env":{"status":"stopped","namespace":"shop","exec_mode":"cluster_mode"}}`
	full, empty := newFakeDaemon(t, listing(row)), newFakeDaemon(t, listing())
	for _, f := range []fakeDaemon{full, empty} {
		if err := os.WriteFile(filepath.Join(f.home, "pm2.pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		home string
		args string
		says []string
	}{
		{full.home, "--app wbe", []string{"wbe", "PM2 has no such app", "it has web"}},
		{full.home, "--app web=foo", []string{"web=foo", `"foo" is not a URL`, "write NAME=http://"}},
		{full.home, "--app foo=bar", []string{"foo=bar", "PM2 has no such app", "it has web"}},
		{full.home, "--config /nowhere/engine.yaml", []string{"/nowhere/engine.yaml", "no such file", "`pm2drill engine init /nowhere/engine.yaml` writes one"}},
		{empty.home, "", []string{"web", "its list is empty", "start the app first"}},
		{full.home, "--namespace default", []string{"web", "in namespace default", "it is in shop"}},
		{full.home, "more", []string{`"more"`, "--help"}},
		{full.home, "--url 127.0.0.1:3000/healthz", []string{"health URL", "give one like http://"}},
		{full.home, "--url ftp://127.0.0.1/", []string{"health URL", "ftp://127.0.0.1", "give one like http://"}},
		{full.home, "--alert-url alerts", []string{"alert URL", "give one like http://"}},
	} {
		t.Run(c.args, func(t *testing.T) {
			var out, complaints bytes.Buffer
			args := append([]string{"--home", c.home, "--url", "http://127.0.0.1:1/"}, strings.Fields(c.args)...)
			if !strings.Contains(c.args, "--app") {
				args = append([]string{"--app", "web"}, args...)
			}
			ctx, stop := context.WithTimeout(t.Context(), 20*time.Second) // an engine that waits ends then, with 0
			defer stop()
			x, names := parseCommand(t, func(string) string { return "" }, args...)
			code := x.Run(ctx, names, strings.NewReader(""), &out, &complaints)
			if code != exitUsage || strings.Count(complaints.String(), "\n") != 1 {
				t.Errorf("exit code %d, and it complains: %q", code, complaints.String())
			}
			for _, want := range c.says {
				if !strings.Contains(complaints.String(), want) {
					t.Errorf("it does not say %q: %s", want, complaints.String())
				}
			}
			if out.Len() > 0 {
				t.Errorf("it has said %s", out.String())
			}
		})
	}
}

// TestDoubtsTheURL: where PM2 listens, and not on the port of the health URL, the operator is
// told. Nothing is said where somebody listens there, nor of an app that does not run.
func TestDoubtsTheURL(t *testing.T) {
	app, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	right := app.Addr().(*net.TCPAddr).Port
	for name, c := range map[string]struct {
		pid, port int
		says      bool
	}{"wrong": {sleeper(t), 1, true}, "right": {sleeper(t), right, false}, "down": {0, 1, false}} {
		t.Run(name, func(t *testing.T) {
			w := observe.NewWatcher(t.TempDir(), "web", "http://127.0.0.1/", c.port, new(redact.Redactor))
			said, _ := w.DoubtURL(observe.Observation{ // this process is the daemon: it listens for the app
				Daemon: observe.Daemon{PID: os.Getpid(), Alive: true}, Workers: []observe.Worker{{PID: c.pid, Alive: c.pid > 0}},
			})
			if (said != "") != c.says || c.says && !strings.Contains(said, strconv.Itoa(right)) {
				t.Errorf("it says %q", said)
			}
		})
	}
}

// TestAuditFollowsNothing: what an app's user plants under the audit's name is left alone.
func TestAuditFollowsNothing(t *testing.T) {
	home, victim := t.TempDir(), filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := relink(home, auditFile, victim); err != nil {
		t.Fatal(err)
	}
	n, err := takeNotes(home, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	if err := n.audit(audited{Line: engine.Line{Type: engine.TypeReady}}); err == nil {
		t.Error("it says that it has written")
	}
	if err := os.Remove(filepath.Join(home, auditFile)); err != nil {
		t.Fatal(err)
	}
	if err := n.audit(audited{Line: engine.Line{Type: engine.TypeReady}}); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(filepath.Join(home, auditFile))
	if info, _ := os.Stat(filepath.Join(home, auditFile)); err != nil || info.Mode() != 0o600 || !bytes.Contains(text, []byte(`"time":"2`)) || !bytes.Contains(text, []byte(`"host":"`)) {
		t.Errorf("the audit has %s (%v, %v)", text, info.Mode(), err)
	}
	if text, err := os.ReadFile(victim); err != nil || string(text) != "before" {
		t.Errorf("the victim has %q (%v)", text, err)
	}
}

// TestCommandTraceIsPrivate: it holds what apps have said.
func TestCommandTraceIsPrivate(t *testing.T) {
	home, trace := daemonWith(t, "api").home, filepath.Join(t.TempDir(), "trace")
	if code, complaint := command(t, home, "--trace", trace); code != exitUsage || !strings.Contains(complaint, "cannot look after web") {
		t.Fatalf("exit code %d: %s", code, complaint)
	}
	if info, err := os.Stat(trace); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v (%v)", info.Mode(), err)
	}
}

// sleeper is a process that does nothing until the test ends.
func sleeper(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd.Process.Pid
}
