package sim

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

var update = flag.Bool("update", false, "write the worlds that show planted mistakes into testdata")

// drawn returns how many worlds are asked for (PM2DRILL_SIM_WORLDS; make test-sim), or a
// few, and whether they were asked for.
func drawn(t *testing.T, few uint64) (n uint64, asked bool) {
	t.Helper()
	text := os.Getenv("PM2DRILL_SIM_WORLDS")
	if text == "" {
		return few, false
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n, true
}

// first returns the seed to begin with (PM2DRILL_SIM_FROM), 0 if none is given.
func first(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("PM2DRILL_SIM_FROM")
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// shownWorlds bounds how many worlds that break something are shown.
const shownWorlds = 10

// TestWorlds plays worlds of many seeds.
func TestWorlds(t *testing.T) {
	n, _ := drawn(t, 300)
	from, begun := first(t), time.Now()
	var next, bad atomic.Uint64
	var all sync.WaitGroup
	next.Store(from)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			e := NewEngine(Sabotage{})
			for seed := next.Add(1) - 1; seed < from+n; seed = next.Add(1) - 1 {
				w := Draw(seed)
				if len(Check(w, e)) == 0 || bad.Add(1) > shownWorlds {
					continue
				}
				t.Error(describe(Shrink(w, e), e))
			}
		})
	}
	all.Wait()
	t.Logf("%d worlds in %s, %d broken", n, time.Since(begun).Round(time.Millisecond), bad.Load())
}

// describe puts a world into words, and what does not hold in it.
func describe(w World, e *Engine) string {
	return fmt.Sprintf("%s\n  -> %s\n", w, strings.Join(Check(w, e), "\n  -> "))
}

// without returns a mistake: the engine never does an action.
func without(action string) func([]plan.Decision) []plan.Decision {
	return func(all []plan.Decision) []plan.Decision {
		return slices.DeleteFunc(all, func(d plan.Decision) bool { return d.Kind == plan.Act && d.Action == action })
	}
}

// following returns a mistake: the engine decides more after some of its decisions.
func following(more func(plan.Decision) []plan.Decision) func([]plan.Decision) []plan.Decision {
	return func(all []plan.Decision) []plan.Decision {
		var out []plan.Decision
		for _, d := range all {
			out = append(append(out, d), more(d)...)
		}
		return out
	}
}

// listMistakes lists the mistakes that are planted, by the names of their files.
func listMistakes() map[string]Sabotage {
	return map[string]Sabotage{
		"never-tries-again": {Decide: without(engine.ActionRestart)},
		"restarts-twice": {Decide: following(func(d plan.Decision) []plan.Decision {
			if d.Kind == plan.Act && d.Action == engine.ActionRestart {
				return []plan.Decision{d}
			}
			return nil
		})},
		"ignores-instance-var": {Decide: func(all []plan.Decision) []plan.Decision {
			for i := range all {
				for _, number := range all[i].Env {
					all[i].Env = map[string]string{"NODE_APP_INSTANCE": number}
				}
			}
			return all
		}},
		"acts-on-text-alone": {Decide: following(func(d plan.Decision) (out []plan.Decision) {
			if d.Kind == plan.Detect && d.Cause == engine.Undetermined {
				for _, id := range d.Diagnosis.IDs {
					out = append(out, plan.Decision{Kind: plan.Act, Action: engine.ActionStop, ID: id, Cause: d.Cause})
				}
			}
			return out
		})},
		"forgets-at-its-restart": {Forgets: true},
		"tells-nobody": {Decide: func(all []plan.Decision) []plan.Decision {
			return slices.DeleteFunc(all, func(d plan.Decision) bool { return d.Kind == plan.Raise })
		}},
	}
}

// mostSeeds is within how many worlds each planted mistake must show.
const mostSeeds = 10_000

// TestPlantedMistakes: the world on file shows each mistake, and holds without it. Where worlds
// are asked for, the mistake shows within a bounded number of them.
func TestPlantedMistakes(t *testing.T) {
	_, asked := drawn(t, 0)
	for name, sabotage := range listMistakes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, e := filepath.Join("testdata", "planted", name+".txt"), NewEngine(sabotage)
			if asked || *update {
				shrunk := findMistake(t, e)
				t.Log(shrunk)
				if *update {
					if err := os.WriteFile(file, []byte(shrunk), 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := parseWorld(t, string(text))
			if len(Check(w, e)) == 0 {
				t.Errorf("%s\ndoes not show the mistake", w)
			}
			if broken := Check(w, NewEngine(Sabotage{})); len(broken) > 0 {
				t.Errorf("%s\nbreaks something without the mistake: %q", w, broken)
			}
		})
	}
}

// findMistake returns the first world that shows a mistake, shrunk.
func findMistake(t *testing.T, e *Engine) string {
	t.Helper()
	for seed := range uint64(mostSeeds) {
		if w := Draw(seed); len(Check(w, e)) > 0 {
			return describe(Shrink(w, e), e)
		}
	}
	t.Fatalf("%d worlds show nothing", mostSeeds)
	return ""
}

// TestIdleEngine: a world that ends when the engine has nothing to do any more comes to the
// same as one in which it looks on.
func TestIdleEngine(t *testing.T) {
	n, _ := drawn(t, 100)
	e, patient := NewEngine(Sabotage{}), NewEngine(Sabotage{})
	patient.patient = true
	for seed := range min(n, 2000) {
		w := Draw(seed)
		is, want := Play(w, e), Play(w, patient)
		if !reflect.DeepEqual(is, want) {
			t.Errorf("%s\n  %+v\n  %+v if the engine looks on", w, is, want)
		}
	}
}
