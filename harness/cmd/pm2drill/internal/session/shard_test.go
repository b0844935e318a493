package session

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/shard"
	"github.com/pm2drill/pm2drill/scenarios"
)

// shardOf is the i-th of n shards of a run of these scenarios.
func shardOf(t *testing.T, todo []scenarios.Scenario, i, n, repeat int) (*Session, []Job) {
	t.Helper()
	s := &Session{Flags: Flags{Command: "run", Arms: evidence.Arms(), Repeat: repeat, Seed: 7, Shard: shard.Shard{Index: i, Of: n}}}
	jobs, err := s.TakeShard(s.NewJobs(todo))
	if err != nil {
		t.Fatal(err)
	}
	return s, jobs
}

// TestShards: the shards have each job of the whole run once, with the arms of a scenario and
// its repetitions together, and all say the same of the whole.
func TestShards(t *testing.T) {
	const n, repeat = 5, 2
	todo, _ := scenarios.Find(nil)
	whole := (&Session{Flags: Flags{Arms: evidence.Arms(), Repeat: repeat, Seed: 7}}).NewJobs(todo)
	seen, home := map[string]int{}, map[string]int{}
	first, _ := shardOf(t, todo, 1, n, repeat)
	for i := 1; i <= n; i++ {
		s, jobs := shardOf(t, todo, i, n, repeat)
		for _, j := range jobs {
			seen[j.Title+time.Duration(j.Seed).String()]++
			if at := home[j.Scenario.Name]; at != 0 && at != i {
				t.Errorf("%s is in shards %d and %d", j.Scenario.Name, at, i)
			}
			home[j.Scenario.Name] = i
		}
		if s.shard.Due != len(jobs) || !slices.Equal(s.shard.Whole, first.shard.Whole) || len(s.shard.Whole) != len(whole) ||
			s.shard.EngineSum != first.shard.EngineSum {
			t.Errorf("shard %d says %d of %d drills, and has %d of %d", i, s.shard.Due, len(s.shard.Whole), len(jobs), len(whole))
		}
	}
	for _, j := range whole {
		if n := seen[j.Title+time.Duration(j.Seed).String()]; n != 1 {
			t.Errorf("%s is in %d shards", j.Title, n)
		}
	}
}

// TestEmptyShard: of more shards than scenarios, some have nothing to drill, and that is no error.
func TestEmptyShard(t *testing.T) {
	todo, _ := scenarios.Find([]string{"port-taken"})
	if s, jobs := shardOf(t, todo, 2, 2, 1); len(jobs) != 0 || s.shard == nil || s.shard.Due != 0 {
		t.Errorf("%d jobs, %+v", len(jobs), s.shard)
	}
}

// TestEfficiencyOfEightShards: eight machines use at least 85 % of their time for the whole
// catalogue, by the recorded durations; what was not recorded is estimated.
func TestEfficiencyOfEightShards(t *testing.T) {
	todo, _ := scenarios.Find(nil)
	jobs := (&Session{Flags: Flags{Arms: evidence.Arms(), Repeat: 1, Seed: 7}}).NewJobs(todo)
	groups, err := groupJobs(jobs)
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := shard.Durations()
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, j := range jobs {
		if recorded[shard.Drill{Scenario: j.Scenario.Name, Arm: j.Arm}] > 0 {
			known++
		}
	}
	plan := shard.Plan(groups, 8)
	efficiency := shard.Efficiency(plan)
	t.Logf("efficiency of eight shards: %.1f %% (%d scenarios, %d drills, %d of them recorded, %v of work)",
		100*efficiency, len(groups), len(jobs), known, shard.Sum(groups).Round(time.Second))
	if efficiency < 0.85 {
		t.Errorf("efficiency %.1f %%, want 85 %%: %v", 100*efficiency, plan)
	}
}

// TestWholeCommand: a part says how to run all parts as one, with the versions that it found.
func TestWholeCommand(t *testing.T) {
	s := Session{Flags: Flags{Command: "gate", Seed: 7, Node: "26.10.0", PM2: "7.0.4", Jobs: 2, Shard: shard.Shard{Index: 1, Of: 4}}, Extra: []string{"--profile", "core"}}
	const rest = " --seed 7 --node 26.10.0 --pm2 7.0.4 --jobs 2 --profile core"
	if got := s.formatWholeCommand(); !strings.HasSuffix(got, " gate"+rest) {
		t.Errorf("all parts: %s", got)
	}
	if got := s.Command(); !strings.Contains(got, "--shard 1/4") {
		t.Errorf("one part: %s", got)
	}
}

// TestEngineSum: whatever of the engine's command, image or files differs, the sum does.
func TestEngineSum(t *testing.T) {
	sums := map[string]bool{}
	for _, f := range []Flags{{Engine: "a"}, {Engine: "b"}, {EngineImage: "a"}, {Engine: "a", EngineDir: "."}, {Engine: "a", EngineDir: ".."}} {
		sum, err := computeEngineSum(f)
		if err != nil || sums[sum] {
			t.Errorf("%+v: %q, %v", f, sum, err)
		}
		sums[sum] = true
	}
}
