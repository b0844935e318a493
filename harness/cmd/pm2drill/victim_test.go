package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/host"
)

// victim is a run that is ended.
type victim struct {
	cmd   *exec.Cmd
	rand  *rand.Rand
	host  string // its Docker engine
	label string // of what it has there, "" for all of an engine of its own
	owner string
	out   string        // report folder
	home  string        // of its caches and temporary files
	said  string        // file with what it has said; no pipe, for the reaper has it, too
	at    time.Duration // when it was ended
	done  chan struct{} // it has ended
}

// start starts a run of the quick incident.
func start(t *testing.T, binary, engine string, alone bool, r *rand.Rand) *victim {
	t.Helper()
	return startCommand(t, engine, alone, r, binary, "run", "./testdata/quick", "--arms", "engine")
}

// startCommand starts a run by a command that takes --out.
func startCommand(t *testing.T, engine string, alone bool, r *rand.Rand, words ...string) *victim {
	t.Helper()
	dir := t.TempDir()
	v := &victim{rand: r, host: engine, out: filepath.Join(dir, "report"), home: filepath.Join(dir, "home"), said: filepath.Join(dir, "said"), done: make(chan struct{})}
	if err := os.MkdirAll(filepath.Join(v.home, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	v.cmd = exec.Command(words[0], append(words[1:], "--out", v.out)...)
	v.cmd.Env = append(os.Environ(), "DOCKER_HOST="+engine, "XDG_CACHE_HOME="+v.home, "TMPDIR="+filepath.Join(v.home, "tmp"))
	said, err := os.Create(v.said)
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	v.cmd.Stdout, v.cmd.Stderr = said, said
	// What this process ignores, as a shell has it do in the background, its children do.
	// What it takes they do not.
	taken := make(chan os.Signal, 1)
	signal.Notify(taken, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(taken)
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v.owner = cluster.Owner(v.cmd.Process.Pid)
	if !alone {
		v.label = "pm2drill.owner=" + v.owner
	}
	go func() {
		_ = v.cmd.Wait() // how it ended is in its state
		close(v.done)
	}()
	return v
}

// left is what there is of the run: on its engine, among the processes and among the
// files of this host, but for its report.
func (v *victim) left(t *testing.T) string {
	var found []string
	things, err := owned(t.Context(), v.host, v.label)
	if err != nil {
		found = append(found, err.Error())
	}
	found = append(found, things)
	for pid, words := range processes(t, v.owner) {
		found = append(found, fmt.Sprintf("process %d: %s", pid, words))
	}
	labelled, err := host.WithVariable("PM2DRILL_OWNER")
	if err != nil {
		t.Fatal(err)
	}
	for pid, owner := range labelled {
		if owner == v.owner {
			found = append(found, fmt.Sprintf("process %d", pid))
		}
	}
	for _, dir := range []string{filepath.Join(v.home, "pm2drill", "runs"), filepath.Join(v.home, "tmp")} {
		files, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			found = append(found, err.Error())
		}
		for _, f := range files {
			found = append(found, filepath.Join(dir, f.Name()))
		}
	}
	return strings.TrimSpace(strings.Join(found, "\n"))
}

// vanish waits until nothing is left of a run that was ended at some time, and says how
// long that took.
func (v *victim) vanish(t *testing.T, ended time.Time) time.Duration {
	t.Helper()
	for left := v.left(t); left != ""; left = v.left(t) {
		if took := time.Since(ended); took > goneWithin {
			t.Errorf("%s after its end it has left\n%s", took.Round(time.Millisecond), left)
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(ended)
}

// processes are those of this host whose command line has these words in it, such as a
// reaper's has its owner.
func processes(t *testing.T, words string) map[int]string {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	found := map[int]string{}
	for _, dir := range all {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if line, err := host.Cmdline(pid); err == nil && strings.Contains(line, words) && host.Alive(pid) {
			found[pid] = line
		}
	}
	return found
}

// words are what the run has said.
func (v *victim) words(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(v.said)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// phase is the last one that the run told of.
func (v *victim) phase(t *testing.T) string {
	all := phaseLine.FindAllStringSubmatch(v.words(t), -1)
	if len(all) == 0 {
		return "set-up"
	}
	return all[len(all)-1][1]
}

var phaseLine = regexp.MustCompile(`(?m)^\[1/1\] quick engine +(\w+) `)
