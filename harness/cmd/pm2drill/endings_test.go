package main

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
)

// goneWithin is how soon after the end of a harness nothing of it may be left.
const goneWithin = 10 * time.Second

// ending is a way for a run to end before its end.
type ending struct {
	name string
	end  func(t *testing.T, v *victim)
	code []int // what the harness may exit with, if the drill was not over; nil for a signal's death
}

// endings are those that need nothing but a signal.
func endings() []ending {
	signals := func(all ...syscall.Signal) func(*testing.T, *victim) {
		return func(_ *testing.T, v *victim) {
			for i, s := range all {
				if i > 0 { // the second comes while the first is seen to
					time.Sleep(time.Duration(v.rand.Int64N(int64(300 * time.Millisecond))))
				}
				v.at = host.Now()
				_ = v.cmd.Process.Signal(s) // it may have ended by itself
			}
		}
	}
	return []ending{
		{"Ctrl-C", signals(syscall.SIGINT), []int{exitInterrupted}},
		{"a polite end", signals(syscall.SIGTERM), []int{exitInterrupted}},
		{"a closed terminal", signals(syscall.SIGHUP), []int{exitInterrupted}},
		{"Ctrl-C twice", signals(syscall.SIGINT, syscall.SIGINT), []int{exitInterrupted, -1}},
		{"kill -9", signals(syscall.SIGKILL), []int{-1}},
	}
}

// restarted has the victim's engine stop and come back: by turns as its service manager
// does it, and killed.
func restarted(e *dockerd) ending {
	crash := false
	return ending{"Docker restarted", func(_ *testing.T, v *victim) {
		how := syscall.SIGTERM
		if crash = !crash; crash {
			how = syscall.SIGKILL
		}
		e.stop(how)
		e.start()
		v.at = host.Now()
	}, []int{exitInternal, exitInconclusive}}
}

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

// figures are what was found of one ending at one moment.
type figures struct {
	after time.Duration // from the run's start to its ending
	phase string
	ended time.Duration // from its ending until its process had ended
	gone  time.Duration // from its ending until nothing was left
	lost  time.Duration // from the last thing on record to a kill under load; 0 where there was none
	over  bool          // the drill was over by then
	begun bool          // there is evidence
}

// endAt starts a run, ends it some time later, and looks at what it leaves.
func endAt(t *testing.T, v *victim, e ending, after time.Duration) (f figures) {
	t.Helper()
	f.after = after
	select {
	case <-time.After(after): // the random moment: what is tested is that any will do
	case <-v.done:
	}
	e.end(t, v)
	at := time.Now()
	select {
	case <-v.done:
	case <-time.After(time.Minute):
		_ = v.cmd.Process.Kill()
		t.Fatalf("a minute after %s it had not ended", e.name)
	}
	f.ended, f.phase = time.Since(at), v.phase(t)
	f.gone = v.vanish(t, at)
	v.readEvidence(t, e, &f)
	t.Logf("%+v", f)
	if code := v.cmd.ProcessState.ExitCode(); !f.over && !slices.Contains(e.code, code) && f.phase != "set-up" {
		t.Errorf("exit code %d, want one of %v: %s", code, e.code, v.words(t))
	}
	return f
}

// readEvidence loads what the run has left of its drill, and has it judged.
func (v *victim) readEvidence(t *testing.T, e ending, f *figures) {
	t.Helper()
	for _, dir := range []string{v.out, filepath.Join(v.out, "unfinished")} {
		file := filepath.Join(dir, "evidence", "quick-engine.jsonl")
		if _, err := os.Stat(file); err != nil {
			continue
		}
		r, err := evidence.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		_, steady := r.Mark(evidence.MarkSteady)
		f.begun, f.over = true, r.Cut == ""
		if steady && len(r.Tallies) == 0 && slices.Contains(e.code, -1) && v.cmd.ProcessState.ExitCode() == -1 {
			f.lost = v.at - r.Last()
		}
		if f.lost > time.Second {
			t.Errorf("the last thing on record is %s older than the kill", f.lost)
		}
	}
	if _, err := os.Stat(v.out); err != nil {
		return // it had not even said what it would drill
	}
	code, stdout, stderr := pm2drill(t, nil, "judge", v.out)
	if !f.over && code != exitInconclusive {
		t.Errorf("judge exits with %d: %s%s", code, stdout, stderr)
	}
}

// TestEndings ends a run at random moments, over the whole of it, in every way: nothing
// may be left within ten seconds, what was seen must be there, and must prove nothing.
// It takes half an hour: make test-endings. SEED repeats its moments, ENDINGS says how
// many of each.
func TestEndings(t *testing.T) {
	if os.Getenv("PM2DRILL_ENDINGS_TEST") == "" {
		t.Skip("set PM2DRILL_ENDINGS_TEST=1; make test-endings does")
	}
	binary, err := filepath.Abs("../../../bin/pm2drill")
	if err != nil {
		t.Fatal(err)
	}
	seed, times := setting(t, "SEED", rand.IntN(1<<31)), setting(t, "ENDINGS", 20)
	fmt.Printf("SEED=%d ENDINGS=%d\n", seed, times)
	for n, e := range endings() {
		t.Run(strings.ReplaceAll(e.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			endOften(t, binary, sharedEngine(), false, e, times, rand.New(rand.NewPCG(uint64(seed), uint64(n))))
		})
	}
	t.Run("Docker-restarted", func(t *testing.T) {
		t.Parallel()
		engine := newDockerd(t, "pm2drill/node:"+cluster.DefaultNode+"-pm2-"+cluster.DefaultPM2)
		endOften(t, binary, engine.host(), true, restarted(engine), times, rand.New(rand.NewPCG(uint64(seed), 99)))
	})
}

// sharedEngine is the Docker engine that everybody uses.
func sharedEngine() string { return cmp.Or(os.Getenv("DOCKER_HOST"), "unix:///var/run/docker.sock") }

func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s is no number", name, text)
	}
	return n
}

// undisturbed is how long a run takes that nobody ends.
func undisturbed(t *testing.T, binary, engine string, alone bool, r *rand.Rand) time.Duration {
	t.Helper()
	since := time.Now()
	v := start(t, binary, engine, alone, r)
	<-v.done
	took := time.Since(since)
	if code := v.cmd.ProcessState.ExitCode(); code != exitKept && code != exitInconclusive {
		t.Fatalf("a run that nobody ended exits with %d: %s", code, v.words(t))
	}
	return took
}

// endOften ends runs at moments of which one lies in each of so many equal parts of a
// whole run, and sums up what was found.
func endOften(t *testing.T, binary, engine string, alone bool, e ending, times int, r *rand.Rand) {
	t.Helper()
	whole := undisturbed(t, binary, engine, alone, r)
	var all []figures
	for i := range times {
		after := time.Duration((float64(i) + r.Float64()) / float64(times) * float64(whole))
		t.Run(after.Round(time.Millisecond).String(), func(t *testing.T) {
			all = append(all, endAt(t, start(t, binary, engine, alone, r), e, after))
		})
	}
	over, begun, phases := 0, 0, map[string]int{}
	var ended, gone, lost time.Duration
	for _, f := range all {
		phases[f.phase]++
		if f.over {
			over++
		}
		if f.begun {
			begun++
		}
		ended, gone, lost = max(ended, f.ended), max(gone, f.gone), max(lost, f.lost)
	}
	fmt.Printf("%-18s %d endings within %.1f s; ended after %.1f s, nothing left after %.1f s at most; %d with evidence, %d of them over; at most %d ms lost; %v\n",
		e.name, len(all), whole.Seconds(), ended.Seconds(), gone.Seconds(), begun, over, lost.Milliseconds(), phases)
}
