package report

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
)

// TestJUnitRepetitions: CI can tell an arm's repetitions, and what was drilled again.
func TestJUnitRepetitions(t *testing.T) {
	var b bytes.Buffer
	r := gateSample()
	alone := healthySample()
	alone.Scenario = "alone"
	r.Drills = append(r.Drills, alone)
	if err := JUnit(&b, r); err != nil {
		t.Fatal(err)
	}
	var doc junitSuites
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range doc.Suites {
		for _, p := range s.Properties {
			if p.Name == "repetition" || p.Name == "drilled_again" {
				got[s.Name+" "+p.Name] = p.Value
			}
		}
	}
	for key, want := range map[string]string{
		"stalled-worker.healthy repetition":      "1 of 3",
		"stalled-worker.healthy.2 repetition":    "2 of 3",
		"sigint-ignored.engine.3 repetition":     "3 of 3",
		"alone.healthy repetition":               "", // drilled once
		"stalled-worker.healthy drilled_again":   "",
		"stalled-worker.healthy.3 drilled_again": "",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
	if why := got["stalled-worker.healthy.2 drilled_again"]; !strings.Contains(why, "too noisy") {
		t.Errorf("the second repetition was drilled again for %q", why)
	}
}
