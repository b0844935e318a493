package cluster

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/host"
)

func TestPick(t *testing.T) {
	tags := []string{
		"pm2drill/node:26.9.0-pm2-7.0.4", "pm2drill/node:26.10.0-pm2-7.0.4", "pm2drill/node:24.21.0-pm2-7.0.4",
		"pm2drill/node:26.10.0-pm2-6.0.14", "pm2drill/node:latest", "<none>:<none>",
	}
	for _, c := range []struct{ node, pm2, want string }{
		{"", "7.0.4", "pm2drill/node:26.10.0-pm2-7.0.4"},
		{"26", "7.0.4", "pm2drill/node:26.10.0-pm2-7.0.4"},
		{"26.9", "7.0.4", "pm2drill/node:26.9.0-pm2-7.0.4"},
		{"24", "7.0.4", "pm2drill/node:24.21.0-pm2-7.0.4"},
		{"26", "6.0.14", "pm2drill/node:26.10.0-pm2-6.0.14"},
		{"2", "7.0.4", ""},
		{"22", "7.0.4", ""},
		{"26", "5.4.3", ""},
	} {
		got, ok := pick(tags, c.node, c.pm2)
		if got.Node != c.want || ok != (c.want != "") {
			t.Errorf("Node %q with PM2 %s: %q, want %q", c.node, c.pm2, got.Node, c.want)
		}
	}
}

// TestDefaultsAreWhatIsBuilt: the versions drilled by default are those that the
// scripts of images/ build, test in and compare by default.
func TestDefaultsAreWhatIsBuilt(t *testing.T) {
	for _, name := range []string{"build.sh", "in-container.sh", "routes.sh"} {
		script, err := os.ReadFile("../../images/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"NODE=${NODE:-" + DefaultNode + "}", "PM2=${PM2:-" + DefaultPM2 + "}"} {
			if !strings.Contains(string(script), want) {
				t.Errorf("images/%s has no %s", name, want)
			}
		}
	}
}

func TestOwnerTellsTheDeadFromTheLiving(t *testing.T) {
	if me := Owner(os.Getpid()); isDead(me) {
		t.Errorf("this process counts as dead: %s", me)
	}
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	label := Owner(child.Process.Pid)
	if isDead(label) {
		t.Errorf("a living child counts as dead: %s", label)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it has been killed
	if !isDead(label) {
		t.Errorf("a dead child counts as living: %s", label)
	}
	f := strings.Split(label, "/")
	if reused := f[0] + "/" + strings.Split(Owner(os.Getpid()), "/")[1] + "/1"; !isDead(reused) {
		t.Errorf("a pid that is used again counts as its old owner: %s", reused)
	}
	for _, other := range []string{"another-boot/1/1", "", "nonsense"} {
		if isDead(other) {
			t.Errorf("%q counts as dead, and nobody here can know", other)
		}
	}
}

// TestOwnerOfAnEarlierBoot: who was declared on this machine and is of another start of it
// is dead; who was declared on another that shares this home may live.
func TestOwnerOfAnEarlierBoot(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if machine, err := host.Machine(); machine == "" || err != nil {
		t.Skipf("this machine has no id (%v)", err)
	}
	for machine, want := range map[string]bool{"": true, "another machine": false} {
		owner := "an-earlier-boot pid:[1]/1/1" + machine
		if isDead(owner) {
			t.Errorf("%q counts as dead, and nothing tells of it", owner)
		}
		if err := declare(owner, "unix:///engine.sock"); err != nil {
			t.Fatal(err)
		}
		if machine != "" {
			if err := os.WriteFile(filepath.Join(findFolder(owner), fileMachine), []byte(machine), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := isDead(owner); got != want {
			t.Errorf("declared on %q: dead %v, want %v", machine, got, want)
		}
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var w tail
	for range 10 {
		if _, err := w.Write([]byte(strings.Repeat("x", tailSize/4))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write([]byte("the end")); err != nil {
		t.Fatal(err)
	}
	if s := w.String(); len(s) != tailSize || !strings.HasSuffix(s, "the end") {
		t.Errorf("kept %d bytes that end in %q", len(s), s[len(s)-10:])
	}
}

func TestExplainNamesTheRemedy(t *testing.T) {
	for text, want := range map[string]string{
		"write /var/lib: no space left on device": "docker system df",
		"Error: No such image: pm2drill/node:1":   "make images",
		"something else":                          "something else",
	} {
		if got := explain(errors.New(text)).Error(); !strings.Contains(got, want) || !strings.Contains(got, text) {
			t.Errorf("%q is explained as %q, without %q", text, got, want)
		}
	}
}

func TestUnreachableDockerIsOneLine(t *testing.T) {
	t.Setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
	_, err := Connect(t.Context())
	if !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("error %v", err)
	}
}
