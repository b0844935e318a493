package sim

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// drawn returns how many worlds are asked for (PM2DRILL_SIM_WORLDS; make test-sim), or a
// few, and whether they were asked for.
func drawn(t *testing.T) (n uint64, asked bool) {
	t.Helper()
	text := os.Getenv("PM2DRILL_SIM_WORLDS")
	if text == "" {
		return 8, false
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n, true
}

// shownWorlds bounds how many worlds that break something are shown.
const shownWorlds = 10

// TestWorlds plays worlds of many seeds.
func TestWorlds(t *testing.T) {
	n, _ := drawn(t)
	begun := time.Now()
	var next, bad atomic.Uint64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for seed := next.Add(1) - 1; seed < n; seed = next.Add(1) - 1 {
				w := Draw(seed)
				if len(Check(w, Sabotage{})) == 0 || bad.Add(1) > shownWorlds {
					continue
				}
				small := Shrink(w, Sabotage{})
				t.Errorf("%s\n  %q", small, Check(small, Sabotage{}))
			}
		})
	}
	all.Wait()
	t.Logf("%d worlds in %s, %d broken", n, time.Since(begun).Round(time.Millisecond), bad.Load())
}

// TestPlantedMistakes: each mistake is found, within a bounded number of worlds, and the
// world that shows it is small.
func TestPlantedMistakes(t *testing.T) {
	without := func(action string) func([]plan.Decision) []plan.Decision {
		return func(all []plan.Decision) []plan.Decision {
			return slices.DeleteFunc(all, func(d plan.Decision) bool { return d.Kind == plan.Act && d.Action == action })
		}
	}
	for _, mistake := range []struct {
		name     string
		seed     uint64 // of the first world that shows it, when it was last looked for
		sabotage Sabotage
	}{
		{"it never tries again", 19, Sabotage{Decide: without(engine.ActionRestart)}},
		{"it restarts twice", 1, Sabotage{Decide: func(all []plan.Decision) []plan.Decision {
			var out []plan.Decision
			for _, d := range all {
				out = append(out, d)
				if d.Kind == plan.Act && d.Action == engine.ActionRestart {
					out = append(out, d)
				}
			}
			return out
		}}},
		{"it stops whoever complains", 2, Sabotage{Decide: func(all []plan.Decision) []plan.Decision {
			var out []plan.Decision
			for _, d := range all {
				out = append(out, d)
				if d.Kind == plan.Detect && d.Cause == engine.Undetermined {
					for _, id := range d.Diagnosis.IDs {
						out = append(out, plan.Decision{Kind: plan.Act, Action: engine.ActionStop, ID: id, Cause: d.Cause})
					}
				}
			}
			return without(engine.ActionRestart)(out)
		}}},
		{"it tells nobody", 3, Sabotage{Decide: func(all []plan.Decision) []plan.Decision {
			return slices.DeleteFunc(all, func(d plan.Decision) bool { return d.Kind == plan.Raise })
		}}},
		{"it forgets at its restart", 19, Sabotage{Forgets: true}},
	} {
		t.Run(mistake.name, func(t *testing.T) {
			t.Parallel()
			from, n := mistake.seed, mistake.seed+1
			if _, asked := drawn(t); asked {
				from, n = 0, 10_000
			}
			for seed := from; seed < n; seed++ {
				if w := Draw(seed); len(Check(w, mistake.sabotage)) > 0 {
					small := Shrink(w, mistake.sabotage)
					t.Logf("seed %d: %s\n  %q", seed, small, Check(small, mistake.sabotage))
					return
				}
			}
			t.Errorf("the worlds from %d to %d show nothing", from, n-1)
		})
	}
}
