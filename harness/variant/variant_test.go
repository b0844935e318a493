package variant

import (
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestRules: what each rule is about, by an example that it bars and its neighbour that it
// does not.
func TestRules(t *testing.T) {
	space := Space{Modes(), Workers(1, 16), Frameworks(), Readiness(), Loads(), KillTimeouts(), Restarts()}
	fits := map[string]string{dimMode: "cluster", dimWorkers: "4", dimFramework: "http", dimReady: "no", dimLoad: "GET", dimKill: "8000", dimRestarts: restartsOfFile}
	cases := []struct {
		bars  map[string]string
		spare map[string]string
	}{
		{map[string]string{dimMode: "fork", dimWorkers: "2"}, map[string]string{dimWorkers: "1"}},
		{map[string]string{dimWorkers: "5", dimRestarts: "PM2's defaults"}, map[string]string{dimRestarts: "restart_delay 1000"}},
		{map[string]string{dimWorkers: "9", dimFramework: "nest"}, map[string]string{dimFramework: "koa"}},
		{map[string]string{dimWorkers: "6", dimReady: "listen_timeout 8000"}, map[string]string{dimReady: "listen_timeout 20000"}},
		{map[string]string{dimFramework: "nest", dimReady: "listen_timeout 8000"}, map[string]string{dimFramework: "express"}},
		{map[string]string{dimLoad: "GET and event streams", dimKill: "4000"}, map[string]string{dimLoad: "GET and POST"}},
	}
	if len(cases) != len(Rules()) {
		t.Fatalf("there are %d examples for %d rules", len(cases), len(Rules()))
	}
	for i, c := range cases {
		if v, err := choose(space, fits, c.bars); err == nil {
			t.Errorf("nothing bars %v, which is %s", v.Choices, Rules()[i].Says)
		}
		v, err := choose(space, fits, c.bars, c.spare)
		if err != nil {
			t.Errorf("rule %q: %v", Rules()[i].Says, err)
		}
		only := slices.DeleteFunc(slices.Clone(Rules()), func(r Rule) bool { return !r.Bars(v) })
		if len(only) > 0 {
			t.Errorf("%v is let through, and is %s", v.Choices, only[0].Says)
		}
	}
}

// choose has the space take the values that are named, the last word for each dimension.
func choose(space Space, names ...map[string]string) (Variant, error) {
	var choices []evidence.Choice
	for _, d := range space {
		c := evidence.Choice{Of: d.Name}
		for _, m := range names {
			if value, ok := m[d.Name]; ok {
				c.Value = value
			}
		}
		choices = append(choices, c)
	}
	return space.Of(choices)
}

// TestARuleWaitsForItsDimensions: a choice that another one may still allow is open.
func TestARuleWaitsForItsDimensions(t *testing.T) {
	forked := 0
	for seed := range int64(200) {
		v, err := Space{Modes(), Workers(1, 3)}.Draw("x", seed)
		if err != nil {
			t.Fatal(err)
		}
		if v.Fork {
			forked++
			if v.Workers != 1 {
				t.Errorf("seed %d: %d workers in fork mode", seed, v.Workers)
			}
		}
	}
	if forked < 60 || forked > 140 {
		t.Errorf("%d of 200 are in fork mode, about half should be", forked)
	}
	// Where the number of workers does not vary it is that of the catalogue.
	for seed := range int64(50) {
		if v, err := (Space{Modes()}).Draw("x", seed); err != nil || v.Fork {
			t.Fatalf("seed %d: fork mode with the scenario's workers (%v)", seed, err)
		}
	}
	if _, err := (Space{Modes().Only("fork"), Workers(2, 4)}).Draw("x", 1); err == nil {
		t.Error("a space that leaves no value was drawn")
	}
}

// TestDrawTellsScenariosApart: one seed draws different apps for different scenarios.
func TestDrawTellsScenariosApart(t *testing.T) {
	space := Space{Workers(1, 16), Ports(), Names()}
	a, _ := space.Draw("a", 7)
	b, _ := space.Draw("b", 7)
	if slices.Equal(a.Choices, b.Choices) {
		t.Errorf("both draw %v", a.Choices)
	}
}

// TestAVariantSharesNothing: what one choice sets is in no other variant.
func TestAVariantSharesNothing(t *testing.T) {
	d := Ports()
	v := Variant{Env: map[string]string{}}
	a, b := v.addChoice(d, d.Values[0]), v.addChoice(d, d.Values[1])
	if a.Env["PORT"] == b.Env["PORT"] || len(v.Env) > 0 || len(v.Choices) > 0 {
		t.Errorf("%v, %v and %v", a.Env, b.Env, v.Env)
	}
}
