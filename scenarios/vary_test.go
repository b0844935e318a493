package scenarios

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

func varying() []Scenario {
	return slices.DeleteFunc(Catalogue(), func(s Scenario) bool { return len(s.Varies) == 0 })
}

// TestEveryValueIsDrawn: a thousand seeds draw every value of every dimension for every
// scenario that states it, and no variant that a rule bars.
func TestEveryValueIsDrawn(t *testing.T) {
	if n := len(varying()); n < 12 {
		t.Errorf("%d scenarios vary, 12 are to", n)
	}
	for _, s := range varying() {
		if len(s.Varies) < 5 {
			t.Errorf("%s varies in %d dimensions, 5 are the least", s.Name, len(s.Varies))
		}
		drawn := map[evidence.Choice]bool{}
		for seed := range int64(1000) {
			v, err := s.Varies.Draw(s.Name, seed)
			if err != nil {
				t.Fatalf("%s, seed %d: %v", s.Name, seed, err)
			}
			for _, r := range variant.Rules() {
				if r.Bars(v) {
					t.Fatalf("%s, seed %d draws %v, which is %s", s.Name, seed, v.Choices, r.Says)
				}
			}
			for _, c := range v.Choices {
				drawn[c] = true
			}
		}
		for _, d := range s.Varies {
			for _, value := range d.Values {
				if !drawn[evidence.Choice{Of: d.Name, Value: value.Name}] {
					t.Errorf("%s: nobody draws the %s %q", s.Name, d.Name, value.Name)
				}
			}
		}
	}
}

// TestVaryIsWhatTheRecordSays: a variant is the same for the same seed, another for another,
// and comes back from what its record has.
func TestVaryIsWhatTheRecordSays(t *testing.T) {
	for _, s := range varying() {
		different := 0
		for seed := range int64(50) {
			a, err := s.Vary(seed)
			if err != nil {
				t.Fatal(err)
			}
			b, err := s.VariedAs(a.Choices)
			if err != nil {
				t.Fatalf("%s, seed %d: %v", s.Name, seed, err)
			}
			if !reflect.DeepEqual(shape(a), shape(b)) {
				t.Errorf("%s, seed %d: drawn %v, and as recorded %v", s.Name, seed, shape(a), shape(b))
			}
			if c, _ := s.Vary(seed + 1); !reflect.DeepEqual(a.Choices, c.Choices) {
				different++
			}
		}
		if different < 40 {
			t.Errorf("%s: of 50 seeds %d draw another variant than the next one", s.Name, different)
		}
		if _, err := s.VariedAs([]evidence.Choice{{Of: "workers", Value: "400"}}); err == nil {
			t.Errorf("%s takes choices that it does not have", s.Name)
		}
	}
	if _, err := ClaimWaitReady().Vary(1); err == nil {
		t.Error("a scenario in which nothing may vary was varied")
	}
}

// shape is what a reader of a scenario sees, without its functions.
func shape(s Scenario) []string {
	out := []string{fmt.Sprintf("%+v %+v %+v %s %v", s.App, s.Load, s.Fault, s.Recover, s.Choices), fmt.Sprint(s.Arms())}
	for _, p := range s.Promises {
		out = append(out, p.Sentence)
	}
	if d := s.Decoy; d != nil {
		out = append(out, fmt.Sprintf("%+v %+v %s", d.App, d.Fault, d.Watch))
		for _, p := range d.Promises {
			out = append(out, p.Sentence)
		}
	}
	return out
}

// TestVaryBendsTheWholeScenario: what is drawn reaches the app, its decoy, the load, the
// fault and the deadlines, and the scenario itself stays as it was.
func TestVaryBendsTheWholeScenario(t *testing.T) {
	s := DatabaseOutage()
	before := fmt.Sprint(shape(s))
	v := variant.Variant{
		Workers: 10, Name: "My Shop", Port: 8080, Health: "/ping?x=1", Posts: true, Streams: true, OneLog: true, Words: "no {host}:{port}",
		Settings: map[string]any{"name": "My Shop", "instances": 10}, Env: map[string]string{"PORT": "8080"},
		Choices: []evidence.Choice{{Of: "workers", Value: "10"}},
	}
	got := s.as(v)
	for _, app := range []drill.App{got.App, got.Decoy.App} {
		if app.Name != "My Shop" || app.Workers != 10 || app.Port != 8080 || app.URL() != "http://127.0.0.1:8080/ping?x=1" {
			t.Errorf("app %+v", app)
		}
		if app.Words != "no 127.0.0.1:6379" {
			t.Errorf("it says %q", app.Words)
		}
		if app.Settings["instances"] != 10 || app.Settings["out_file"] != app.Settings["error_file"] || app.Settings["env"] == nil {
			t.Errorf("settings %v", app.Settings)
		}
	}
	lanes := map[string]load.Lane{}
	for _, l := range got.Load {
		lanes[l.Name] = l
	}
	if len(lanes) != len(s.Load)+2 || lanes[evidence.LanePost].Method != "POST" || lanes[evidence.LaneStream].Path == "" {
		t.Errorf("lanes %+v", got.Load)
	}
	if got.Recover <= s.Recover || got.Decoy.Watch <= s.Decoy.Watch || got.Promises[0].Sentence == s.Promises[0].Sentence {
		t.Errorf("ten workers are given no more time than four: %s, %s, %q", got.Recover, got.Decoy.Watch, got.Promises[0].Sentence)
	}
	if fmt.Sprint(shape(s)) != before {
		t.Error("the scenario has changed")
	}
}

// TestVariantArms: an engine arm beside its twin, and the decoy; the twin shows nothing but
// that the fault bites. What is asked of an engine has no twin.
func TestVariantArms(t *testing.T) {
	for _, s := range varying() {
		v, err := s.Vary(1)
		if err != nil {
			t.Fatal(err)
		}
		arms := v.Arms()
		if twin := slices.Contains(arms, evidence.ArmControl); twin != (s.Fault != nil && s.Fault.Kind() == evidence.KindFault) {
			t.Errorf("%s has the arms %v", s.Name, arms)
		}
		for _, arm := range arms {
			d, promises, breaks := v.Arm(arm, drill.Engine{Name: "e", Command: []string{"e"}})
			if len(promises) == 0 || len(breaks) > 0 || len(d.Varied) != len(s.Varies) {
				t.Errorf("%s %s: %d promises, breaks %v, %d choices", s.Name, arm, len(promises), breaks, len(d.Varied))
			}
			if arm == evidence.ArmControl && (d.Engine.Present() || promises[0].Name != promise.TakesEffect().Name) {
				t.Errorf("%s: the twin has an engine, or promises %s", s.Name, promises[0].Name)
			}
		}
	}
}

// TestNoPromiseOfAVariantIsEmpty: what is promised of the workers that serve asks for one at
// least, however few there are.
func TestNoPromiseOfAVariantIsEmpty(t *testing.T) {
	for _, s := range varying() {
		least := s.App.Workers
		for _, d := range s.Varies {
			if d.Name == "workers" {
				fmt.Sscan(d.Values[0].Name, &least)
			}
		}
		promises := s.Promises
		if s.Decoy != nil {
			promises = slices.Concat(promises, s.Decoy.Promises)
		}
		for _, p := range promises {
			var out int
			if _, err := fmt.Sscanf(p.Sentence, "never more than %d of the workers", &out); err == nil && out >= least {
				t.Errorf("%s: with %d workers %q asks nothing", s.Name, least, p.Sentence)
			}
			if s.App.Workers > 0 && least < s.App.Workers {
				var n int
				if _, err := fmt.Sscanf(p.Sentence, "never fewer than %d workers", &n); err == nil {
					t.Errorf("%s: with %d workers %q cannot be kept", s.Name, least, p.Sentence)
				}
			}
		}
	}
}

// TestWhatAFaultSaysStandsInAnyLog: loggers write JSON, in which a quotation mark is not what
// it was.
func TestWhatAFaultSaysStandsInAnyLog(t *testing.T) {
	for _, s := range varying() {
		faults := []fault.Fault{s.Fault}
		if s.Decoy != nil {
			faults = append(faults, s.Decoy.Fault)
		}
		for _, f := range faults {
			if f == nil {
				continue
			}
			if says := reflect.ValueOf(f).FieldByName("Says"); says.IsValid() {
				if text, _ := json.Marshal(says.String()); string(text) != `"`+says.String()+`"` {
					t.Errorf("%s looks for %s, which a line of JSON does not have", s.Name, says)
				}
			}
		}
	}
}
