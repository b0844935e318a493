package field

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKills ends the engine with SIGKILL at PM2DRILL_KILLS seeded instants of remedies and rolls,
// starts another one each time, and looks for what is doubled or left half done.
// PM2DRILL_KILLS_TEST=1 asks for it, PM2DRILL_KILLS_SEED repeats a run, PM2DRILL_KILLS_ONLY
// names one kind of work; `make test-kills` sets them.
func TestKills(t *testing.T) {
	if os.Getenv("PM2DRILL_KILLS_TEST") == "" {
		t.Skip("PM2DRILL_KILLS_TEST is not set: `make test-kills` runs this for many minutes on this host")
	}
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop)
	tools := findTools(t)
	n := must(strconv.Atoi(cmp.Or(os.Getenv("PM2DRILL_KILLS"), "100")))(t)
	seed := must(strconv.ParseUint(cmp.Or(os.Getenv("PM2DRILL_KILLS_SEED"), "1"), 10, 64))(t)
	works := listWorks(os.Getenv("PM2DRILL_KILLS_ONLY"))
	if n < 1 || len(works) == 0 {
		t.Fatal("PM2DRILL_KILLS must be 1 or more, and PM2DRILL_KILLS_ONLY a kind of work")
	}
	out := must(filepath.Abs(cmp.Or(os.Getenv("PM2DRILL_FIELD_OUT"), "../../.cache/field/last")))(t)
	v := startVictim(ctx, t, tools, n)
	t.Logf("seed %d, %d kills", seed, n)
	kept := []killed{}
	for i := range n {
		// Of its own seed, so that one instant can be repeated without those before it.
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		w := works[i%len(works)]
		k := v.killDuring(ctx, w, random)
		kept = append(kept, k)
		t.Logf("%3d %s", i+1, k)
		write(t, filepath.Join(out, "kills.json"), kept)
		if ctx.Err() != nil {
			t.Fatal("interrupted")
		}
		for _, b := range k.Broken {
			t.Errorf("kill %d (%s, %s after it began, %s): %s", i+1, k.Work, k.After, k.Phase, b)
		}
		if len(k.Broken) > 0 {
			v.renew(ctx, t) // what is broken is not to be laid to the next one
		}
	}
}

// killed is one kill of the engine and what came of it.
type killed struct {
	Work    string
	Policy  string        // of the inspector
	After   time.Duration // after the engine has said what it does, or what is wrong
	Gap     time.Duration // until another engine was started
	Phase   string        // the last line of the engine that was killed
	Settled time.Duration // from the start of the other engine until all was well
	Broken  []string
	Lines   []string // of both engines, where something is broken
}

func (k killed) String() string {
	s := fmt.Sprintf("%-10s %-6s killed after %5.1f s, another came %.1f s later, well %5.1f s after that; last: %s",
		k.Work, k.Policy, k.After.Seconds(), k.Gap.Seconds(), k.Settled.Seconds(), k.Phase)
	for _, b := range k.Broken {
		s += "\n      " + b
	}
	return s
}

// work is something that the engine does about a fault, or for an operator.
type work struct {
	name   string
	begin  func(ctx context.Context, v *victim) error
	lift   func(ctx context.Context, v *victim) error // ends the fault; nil where the engine does
	within time.Duration                              // what it takes without a kill, and some more: the kill comes in it
	more   int                                        // workers that there may be besides, meanwhile
	starts int                                        // of each worker, at most; 0 where PM2 itself starts them again and again
	args   []string                                   // of the engine
}

// settledWithin is how long all may take to be well after a kill: the longest trial of a worker that
// was stopped on loan, and a loaded host.
const settledWithin = 5 * time.Minute

// killDuring has one engine work, kills it, starts another, and says what was wrong then.
func (v *victim) killDuring(ctx context.Context, w work, random *rand.Rand) killed {
	k := killed{Work: w.name, Policy: []string{"always", "never"}[random.IntN(2)]}
	k.After = time.Duration(random.Int64N(int64(w.within))).Round(time.Millisecond)
	k.Gap = time.Duration(random.Int64N(int64(2 * time.Second))).Round(time.Millisecond)
	lift := time.Duration(random.Int64N(int64(6 * time.Second))) // after the other engine came
	early := w.lift != nil && random.IntN(2) == 0                // or before the kill, between 0 and its time
	first := time.Duration(random.Int64N(int64(k.After + 1)))
	fail := func(what string, err error) killed {
		k.Broken = append(k.Broken, fmt.Sprintf("cannot %s: %v", what, err))
		return k
	}
	v.c.Engine.Args = append([]string{"--listen", "127.0.0.1:{alt}", "--inspector", k.Policy}, w.args...)
	v.note(func(r *Record) { r.Lines = nil })
	if err := v.startEngine(ctx); err != nil {
		return fail("start the engine", err)
	}
	before, err := v.look(ctx)
	if err != nil {
		return fail("look", err)
	}
	v.begin(before, w)
	if err := w.begin(ctx, v); err != nil {
		return fail("begin", err)
	}
	if err := v.awaitWork(ctx); err != nil {
		return fail("see the engine work", err)
	}
	began := time.Now()
	if early {
		waitUntil(ctx, began.Add(first))
		if err := w.lift(ctx, v); err != nil {
			return fail("end the fault", err)
		}
	}
	waitUntil(ctx, began.Add(k.After))
	if err := v.engine.kill(); err != nil {
		return fail("kill the engine", err)
	}
	k.Phase = v.lastLine()
	waitUntil(ctx, time.Now().Add(k.Gap))
	restarted := time.Now()
	if err := v.startEngine(ctx); err != nil {
		return fail("start another engine", err)
	}
	if w.lift != nil && !early {
		waitUntil(ctx, restarted.Add(lift))
		if err := w.lift(ctx, v); err != nil {
			return fail("end the fault", err)
		}
	}
	limit, cancel := context.WithTimeout(ctx, settledWithin)
	defer cancel()
	k.Broken = v.settle(limit)
	k.Settled = time.Since(restarted)
	k.Broken = append(k.Broken, v.findDoubled(w)...)
	v.engine.end()
	if len(k.Broken) > 0 {
		v.note(func(r *Record) {
			for _, l := range r.Lines {
				k.Lines = append(k.Lines, l.Text)
			}
		})
	}
	return k
}

// workWithin is how long it may take until the engine sees what it is to do something about.
const workWithin = 2 * time.Minute

// awaitWork waits until the engine has said what it does, or what is wrong.
func (v *victim) awaitWork(ctx context.Context) error {
	for deadline := time.Now().Add(workWithin); ; {
		seen := false
		v.note(func(r *Record) {
			seen = slices.ContainsFunc(r.Lines, func(l Said) bool {
				return strings.Contains(l.Text, `"type":"action"`) || strings.Contains(l.Text, `"type":"detected"`)
			})
		})
		switch {
		case seen || ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(deadline):
			return fmt.Errorf("it has said nothing for %s", workWithin)
		}
		waitUntil(ctx, time.Now().Add(10*time.Millisecond))
	}
}

// lastLine says in short what the engine has said last.
func (v *victim) lastLine() (last string) {
	v.note(func(r *Record) {
		if len(r.Lines) > 0 {
			last = r.Lines[len(r.Lines)-1].Text
		}
	})
	var words []string
	for _, key := range []string{"type", "cause", "action", "phase", "incident", "id"} {
		if _, rest, ok := strings.Cut(last, `"`+key+`":`); ok {
			word, _, _ := strings.Cut(rest, ",")
			words = append(words, strings.Trim(word, `"}`))
		}
	}
	return strings.Join(words, " ")
}
