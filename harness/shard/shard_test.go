package shard

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for s, want := range map[string]Shard{"1/1": {1, 1}, "1/4": {1, 4}, "4/4": {4, 4}, "8/1000": {8, 1000}} {
		if got, err := Parse(s); got != want || err != nil || got.String() != s {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "1", "/", "0/4", "5/4", "-1/4", "1/0", "1/1001", "a/4", "1/4/2", "1.5/4", " 1/4"} {
		if got, err := Parse(s); err == nil || got != (Shard{}) {
			t.Errorf("%q is taken for %v", s, got)
		}
	}
}

func TestPlan(t *testing.T) {
	groups := []Group{{"b", 5}, {"a", 5}, {"long", 9}, {"short", 1}, {"mid", 3}}
	got := Plan(groups, 2)
	want := [][]Group{{{"long", 9}, {"mid", 3}}, {{"a", 5}, {"b", 5}, {"short", 1}}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if e := Efficiency(got); e < 0.95 || e > 0.96 {
		t.Errorf("efficiency %v, want 23/24", e)
	}
	if e := Efficiency(Plan(nil, 3)); e != 1 {
		t.Errorf("efficiency of nothing: %v", e)
	}
}

// TestPlanIsAPartition: whatever the groups and their order, each is in exactly one shard, the
// plan is the same, and no shard takes longer than the bound of the longest-first rule.
func TestPlanIsAPartition(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		groups := make([]Group, rnd.IntN(40))
		for i := range groups {
			groups[i] = Group{fmt.Sprint("g", i), time.Duration(1 + rnd.IntN(100))}
		}
		n := 1 + rnd.IntN(12)
		plan := Plan(groups, n)
		if len(plan) != n {
			t.Fatalf("%d shards, want %d", len(plan), n)
		}
		seen := map[string]int{}
		longest, most := time.Duration(0), time.Duration(0)
		for _, s := range plan {
			longest = max(longest, Sum(s))
			for _, g := range s {
				seen[g.Name]++
				most = max(most, g.Duration)
			}
		}
		for _, g := range groups {
			if seen[g.Name] != 1 {
				t.Fatalf("%s is in %d shards", g.Name, seen[g.Name])
			}
		}
		if bound := Sum(groups)/time.Duration(n) + most; longest > bound {
			t.Fatalf("a shard takes %d, and the bound is %d", longest, bound)
		}
		rnd.Shuffle(len(groups), func(a, b int) { groups[a], groups[b] = groups[b], groups[a] })
		if again := Plan(groups, n); fmt.Sprint(again) != fmt.Sprint(plan) {
			t.Fatal("the order of the groups changes the plan")
		}
	}
}

func TestDurations(t *testing.T) {
	all, err := Durations()
	if err != nil || len(all) < 20 || all[Drill{"port-taken", "engine"}] < 10*time.Second {
		t.Errorf("%d durations, %v", len(all), err)
	}
	for _, bad := range []string{"port-taken engine", "port-taken engine x", "port-taken engine -1", "port-taken engine NaN", "a b 3 4"} {
		if got, err := parseDurations(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, got)
		}
	}
	if got, err := parseDurations("# a\n\na b 1.5\n"); err != nil || got[Drill{"a", "b"}] != 1500*time.Millisecond || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1/4", "0/0", "9999999999999999999/1", "/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := Parse(s); err == nil && (got.Index < 1 || got.Index > got.Of || got.Of > Most) {
			t.Errorf("%q is taken for %v", s, got)
		}
	})
}
