package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestDockerNothingIsLeftBehind ends a harness by each signal, at a random moment of a
// drill's beginning. TestEndings does it all over a drill.
func TestDockerNothingIsLeftBehind(t *testing.T) {
	binary := built(t)
	r := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for _, e := range endings() {
		t.Run(e.name, func(t *testing.T) {
			after := time.Duration(r.Int64N(int64(5 * time.Second)))
			endAt(t, start(t, binary, sharedEngine(), false, r), e, after)
		})
	}
}

// TestDockerKilledAtItsBeginning kills harnesses while they say what they are going to make
// and start who is to remove it.
func TestDockerKilledAtItsBeginning(t *testing.T) {
	binary := built(t)
	killed := map[*victim]time.Time{}
	for after := time.Duration(0); after < 400*time.Millisecond; after += 20 * time.Millisecond {
		v := start(t, binary, sharedEngine(), false, nil)
		time.Sleep(after) // the moment: what is tested is that any will do
		if err := v.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		killed[v] = time.Now()
		<-v.done
	}
	for v, at := range killed {
		v.vanish(t, at)
	}
}

// TestDockerUnheardReaper starts a reaper whose harness has been killed before it could
// hear that it is watched over.
func TestDockerUnheardReaper(t *testing.T) {
	cmd := exec.Command(built(t), "agent", "reap", "--run", "unheard", "--owner", "nobody")
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+home)
	heard, said, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	heard.Close()
	cmd.Stdout = said
	if err := cmd.Run(); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(home, "pm2drill", "runs", "*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v (%v)", left, err)
	}
}

// TestDockerKilledInstallationEnds kills a rehearsal while npm installs the app's modules:
// npm, what that has started, and its files are gone soon.
func TestDockerKilledInstallationEnds(t *testing.T) {
	binary, bin := built(t), t.TempDir()
	npm := "#!/bin/sh\n(setsid sleep 600) &\ntouch installing\nsleep 600\n"
	if err := os.WriteFile(filepath.Join(bin, "npm"), []byte(npm), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	v := startCommand(t, sharedEngine(), false, nil, binary, "validate", "../../../fixtures/node-apps/shop/express.config.js",
		"--rehearse", "--npm-ci", "--path", "/orders")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if at, err := filepath.Glob(filepath.Join(v.home, "pm2drill", "runs", "*", "modules-*", "installing")); err == nil && len(at) == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("npm was not started: %s", v.words(t))
		}
	}
	if err := v.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	<-v.done
	v.vanish(t, at)
}

// built is the command that make has built, for a test that may use Docker.
func built(t *testing.T) string {
	t.Helper()
	if os.Getenv("PM2DRILL_DOCKER_TEST") == "" {
		t.Skip("set PM2DRILL_DOCKER_TEST=1 to run against Docker; make test-docker does")
	}
	binary, err := filepath.Abs("../../../bin/pm2drill")
	if err != nil {
		t.Fatal(err)
	}
	return binary
}
