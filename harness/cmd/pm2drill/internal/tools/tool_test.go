package tools

import (
	"slices"
	"strings"
	"testing"
)

var sample = Tool{Name: "drill", Verb: "run", Fixed: []string{"--json"}, Operand: Operand{Name: "names", Least: 1, Most: 2}, Flags: []string{"arms", "seed", "dry-run"}, Output: "report.json"}

// TestBuildArgs: a call becomes the command line that a person would type.
func TestBuildArgs(t *testing.T) {
	for _, c := range []struct {
		name, call string
		want       string // words, separated by blanks
	}{
		{"an operand", `{"names":["port-taken"]}`, "run --json -- port-taken"},
		{"a single word for a list", `{"names":"port-taken"}`, "run --json -- port-taken"},
		{"flags", `{"names":["a","b"],"seed":2147483647,"dry-run":true,"arms":"control,engine"}`, "run --json --arms=control,engine --dry-run=true --seed=2147483647 -- a b"},
		{"a large number as it is written", `{"names":["a"],"seed":9007199254740993}`, "run --json --seed=9007199254740993 -- a"},
		{"an array for a flag", `{"names":["a"],"arms":["control","engine"]}`, "run --json --arms=control,engine -- a"},
		{"an operand like a flag", `{"names":["--help"]}`, "run --json -- --help"},
	} {
		got, err := sample.buildArgs([]byte(c.call))
		if err != nil || !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %q (%v), want %q", c.name, got, err, c.want)
		}
	}
	got, err := Tool{Verb: "list", Operand: Operand{Name: "names"}}.buildArgs(nil)
	if err != nil || !slices.Equal(got, []string{"list"}) {
		t.Errorf("no arguments: %q, %v", got, err)
	}
}

// TestRefuseArgs: a refusal names the argument and what can be given instead.
func TestRefuseArgs(t *testing.T) {
	from := Tool{Name: "diagnose", Verb: "reproduce", Flags: []string{"from"}, Required: []string{"from"}}
	for _, c := range []struct {
		tool Tool
		call string
		says []string
	}{
		{sample, `[]`, []string{"no JSON object"}},
		{sample, `{"nmaes":["a"]}`, []string{`"nmaes"`, "did you mean names?", "the tool drill takes arms, dry-run, names, seed"}},
		{sample, `{"out":"x"}`, []string{`"out"`, "the tool drill takes"}},
		{sample, `{}`, []string{"names has 0 values", "1 or more"}},
		{sample, `{"names":["a","b","c"]}`, []string{"names has 3 values"}},
		{sample, `{"names":["a"],"seed":null}`, []string{"seed cannot be null", "give a text"}},
		{sample, `{"names":["a"],"arms":{"control":true}}`, []string{"arms cannot be an object"}},
		{sample, `{"names":[["a"],null]}`, []string{"names has an element"}},
		{from, `{}`, []string{"from is missing"}},
	} {
		_, err := c.tool.buildArgs([]byte(c.call))
		if err == nil {
			t.Errorf("%s is accepted", c.call)
			continue
		}
		for _, says := range c.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: does not say %q: %v", c.call, says, err)
			}
		}
	}
}
