package remedy

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
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
	code = Command(context.Background(), args, func(string) string { return "" }, strings.NewReader(""), &out, &complaints)
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

// TestAuditFollowsNothing: what an app's user plants under the audit's name is left alone.
func TestAuditFollowsNothing(t *testing.T) {
	home, victim := t.TempDir(), filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := relink(home, auditFile, victim); err != nil {
		t.Fatal(err)
	}
	n, err := takeNotes(home, "web", false)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	if err := n.audit(engine.Line{Type: engine.TypeReady}); err == nil {
		t.Error("it says that it has written")
	}
	if err := os.Remove(filepath.Join(home, auditFile)); err != nil {
		t.Fatal(err)
	}
	if err := n.audit(engine.Line{Type: engine.TypeReady}); err != nil {
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

// TestPlantedLogSaysNothing: the last words of a worker that was given up are its own, not
// those of a file that its log leads to.
func TestPlantedLogSaysNothing(t *testing.T) {
	dir := t.TempDir()
	secret, log := filepath.Join(dir, "secret"), filepath.Join(dir, "error.log")
	const words = "Error: password hunter2\n"
	if err := os.WriteFile(secret, []byte(words), 0o600); err != nil {
		t.Fatal(err)
	}
	row := []pm2.Process{{Name: "web", Status: pm2.Errored, ErrLog: log}}
	if err := os.Symlink(secret, log); err != nil {
		t.Fatal(err)
	}
	if got := lastWords(row, "web", 0); len(got) != 0 {
		t.Errorf("by a symbolic link: %+v", got)
	}
	if err := os.Rename(secret, log); err != nil {
		t.Fatal(err)
	}
	if got := lastWords(row, "web", 0); len(got) != 1 || got[0].Text != strings.TrimSpace(words) {
		t.Errorf("its own: %+v", got)
	}
}

// TestCommandTraceIsPrivate: it holds what apps have said.
func TestCommandTraceIsPrivate(t *testing.T) {
	home, trace := pm2Home(t), filepath.Join(t.TempDir(), "trace")
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
