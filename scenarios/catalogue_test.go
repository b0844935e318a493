package scenarios

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// TestCatalogue holds every literal to what a reader and the arms rely on.
func TestCatalogue(t *testing.T) {
	taken := map[string]bool{}
	for _, s := range Catalogue() {
		t.Run(s.Name, func(t *testing.T) {
			if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(s.Name) || taken[s.Name] {
				t.Errorf("name %q is taken or not in kebab case", s.Name)
			}
			taken[s.Name] = true
			if len(s.Story) < 200 {
				t.Errorf("the story is too short for a new user: %q", s.Story)
			}
			for _, prefix := range []string{"cause:", "tier:"} {
				if !slices.ContainsFunc(s.Labels, func(l string) bool { return strings.HasPrefix(l, prefix) }) {
					t.Errorf("labels %v have no %s", s.Labels, prefix)
				}
			}
			if s.Fault == nil && s.Claim == nil { // a decoy and nothing else
				if d := s.Decoy; d == nil || len(d.Promises) == 0 || d.Watch == 0 || len(s.Load) == 0 || d.App.Workers == 0 {
					t.Errorf("it lacks a promise, a deadline, a load or workers: %+v", d)
				}
				return
			}
			if !s.Holds() && !slices.ContainsFunc(s.Promises, func(p promise.Promise) bool { return p.Name == s.Breaks }) {
				t.Errorf("its control must break %q, which it does not promise", s.Breaks)
			}
			if c := s.Claim; c != nil && (len(c.Says) < 40 || strings.Contains(c.Says, "\"") || len(c.Instead) < 40 || len(s.Promises) == 0 || s.Decoy != nil) {
				t.Errorf("the claim lacks a sentence without a quotation, what holds or a promise, or it has a decoy: %+v", c)
			}
			if s.Recover == 0 || len(s.Load) == 0 || s.App.Workers == 0 {
				t.Error("it lacks a deadline, a load or workers")
			}
		})
	}
}

// TestArms checks what each arm is made of.
func TestArms(t *testing.T) {
	engine := drill.Engine{Name: "e", Command: []string{"e"}}
	for _, s := range Catalogue() {
		for _, arm := range s.Arms() {
			d, promises, breaks := s.Arm(arm, engine)
			if len(promises) == 0 {
				t.Errorf("%s %s promises nothing", s.Name, arm)
			}
			if s.Claim != nil {
				if mustBreak := arm == evidence.ArmClaim && !s.Holds(); d.Engine.Present() || mustBreak != (len(breaks) == 1) || d.Soak == 0 {
					t.Errorf("%s %s: engine %v, must break %v, soak %s", s.Name, arm, d.Engine, breaks, d.Soak)
				}
				continue
			}
			if hasFault := d.Fault != nil; hasFault == (arm == evidence.ArmHealthy) {
				t.Errorf("%s %s: fault %v", s.Name, arm, d.Fault)
			}
			if control := arm == evidence.ArmControl; control == d.Engine.Present() || control == (len(breaks) == 0) {
				t.Errorf("%s %s: engine %v, must break %v", s.Name, arm, d.Engine, breaks)
			}
		}
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		ask, want, unknown []string
	}{
		{ask: nil, want: names(Catalogue())},
		{ask: []string{"port-taken"}, want: []string{"port-taken"}},
		{ask: []string{"cause:graceful-shutdown"}, want: labelled("cause:graceful-shutdown")},
		{ask: []string{"tier:core", "port-taken"}, want: labelled("tier:core")},
		{ask: []string{"port-taken", "nonsense"}, want: []string{"port-taken"}, unknown: []string{"nonsense"}},
	} {
		found, unknown := Find(c.ask)
		if got := names(found); len(got) == 0 || !slices.Equal(got, c.want) || !slices.Equal(unknown, c.unknown) {
			t.Errorf("%v finds %v and does not know %v, want %v and %v", c.ask, got, unknown, c.want, c.unknown)
		}
	}
}

func names(found []Scenario) []string {
	var out []string
	for _, s := range found {
		out = append(out, s.Name)
	}
	return out
}

// labelled lists the names of the scenarios that carry a label.
func labelled(label string) []string {
	return names(slices.DeleteFunc(Catalogue(), func(s Scenario) bool { return !slices.Contains(s.Labels, label) }))
}
