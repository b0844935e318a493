package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
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
		{"Ctrl-C", signals(syscall.SIGINT), []int{cli.ExitInterrupted}},
		{"a polite end", signals(syscall.SIGTERM), []int{cli.ExitInterrupted}},
		{"a closed terminal", signals(syscall.SIGHUP), []int{cli.ExitInterrupted}},
		{"Ctrl-C twice", signals(syscall.SIGINT, syscall.SIGINT), []int{cli.ExitInterrupted, -1}},
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
	}, []int{cli.ExitInternal, cli.ExitInconclusive}}
}

// figures are what was found of one ending at one moment.
type figures struct {
	after time.Duration // from the run's start to its ending
	phase string
	ended time.Duration // from its ending until its process had ended
	gone  time.Duration // from its ending until nothing was left
	lost  time.Duration // from the last thing on record to a kill under load; 0 where there was none
	late  bool          // the run had ended by itself before
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
		f.late = true
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
	for _, file := range []string{filepath.Join(v.out, "evidence", "quick-engine.jsonl.gz"), filepath.Join(v.out, "unfinished", "evidence", "quick-engine.jsonl")} {
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
	if !f.over && code != cli.ExitInconclusive {
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
	if code := v.cmd.ProcessState.ExitCode(); code != cli.ExitKept && code != cli.ExitInconclusive {
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
			f := endAt(t, start(t, binary, engine, alone, r), e, after)
			for ; f.late; f = endAt(t, start(t, binary, engine, alone, r), e, after) {
				after = after * 9 / 10 // the host is quicker by now: this was no ending in mid-run
			}
			all = append(all, f)
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
