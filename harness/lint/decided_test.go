package lint

import (
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

type emptyDisk struct{}

func (emptyDisk) Exists(string) bool         { return true }
func (emptyDisk) Head(string) ([]byte, bool) { return nil, false }
func (emptyDisk) Names(string) []string      { return nil }

// TestCheckKeepsWhatHoldsWhateverIsUnknown has a file whose number of workers nobody knows.
func TestCheckKeepsWhatHoldsWhateverIsUnknown(t *testing.T) {
	config := func(instances float64) ecosystem.Value {
		number := ecosystem.Value{Kind: ecosystem.Number, Num: instances}
		app := ecosystem.Value{Kind: ecosystem.Object, Fields: []ecosystem.Field{{Key: "name", Value: newText("web")}, {Key: "script", Value: newText("x.js")},
			{Key: "exec_mode", Value: newText("cluster")}, {Key: "instances", Value: number}, {Key: "kil_timeout", Value: number}}}
		list := ecosystem.Value{Kind: ecosystem.Array, Items: []ecosystem.Value{app}}
		return ecosystem.Value{Kind: ecosystem.Object, Fields: []ecosystem.Field{{Key: "apps", Value: list}}}
	}
	target := ecosystem.Target{CPUs: 4, Node: "26.10.0", PM2: "7.0.4", Cwd: "/srv"}
	rulesOf := func(values ...ecosystem.Value) []string {
		s := NewSubject(ecosystem.Request{Path: "ecosystem.config.js", Dialect: ecosystem.Module, Target: target},
			ecosystem.Evaluation{Value: values[0], Others: values[1:]}, emptyDisk{})
		var out []string
		for _, f := range Check(s, Rules()) {
			out = append(out, f.Rule)
		}
		if len(values) > 1 && !slices.Equal(s.Undecided(), []Setting{{0, "instances"}, {0, "kil_timeout"}}) {
			t.Errorf("undecided: %+v", s.Undecided())
		}
		return out
	}
	one, three, both := rulesOf(config(1)), rulesOf(config(3)), rulesOf(config(3), config(1))
	if !slices.Contains(three, "T002") || slices.Contains(one, "T002") || slices.Contains(both, "T002") {
		t.Errorf("T002 depends on the number: %v, %v, %v", one, three, both)
	}
	if !slices.Contains(both, "K001") {
		t.Errorf("K001 holds whatever the number is: %v", both)
	}
}
