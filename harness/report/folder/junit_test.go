package folder

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestJUnitRepetitions: an arm's repetitions have one name, and CI can tell which is which,
// how long each took, and what was drilled again.
func TestJUnitRepetitions(t *testing.T) {
	var b bytes.Buffer
	r := reporttest.GateSample()
	alone := reporttest.HealthySample()
	alone.Scenario = "alone"
	r.Drills = append(r.Drills, alone)
	if err := render.JUnit(&b, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	var doc render.JunitSuites
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	turn := map[string]int{}
	for i, s := range doc.Suites {
		turn[s.Name]++
		var took float64
		for _, c := range s.Cases {
			x, err := strconv.ParseFloat(c.Time, 64)
			if took += x; err != nil || c.Classname != s.Name {
				t.Errorf("%s: case %q has the time %q and the class %q", s.Name, c.Name, c.Time, c.Classname)
			}
		}
		if want := r.Drills[i].Took().Seconds(); want == 0 || math.Abs(took-want) > 0.1 {
			t.Errorf("%s: its cases took %.3f s, and the drill %.3f s", s.Name, took, want)
		}
		for _, p := range s.Properties {
			if p.Name == "repetition" || p.Name == "drilled_again" {
				got[fmt.Sprintf("%s %d %s", s.Name, turn[s.Name], p.Name)] = p.Value
			}
		}
	}
	for key, want := range map[string]string{
		"stalled-worker.healthy 1 repetition":    "1 of 3",
		"stalled-worker.healthy 2 repetition":    "2 of 3",
		"sigint-ignored.engine 3 repetition":     "3 of 3",
		"alone.healthy 1 repetition":             "", // drilled once
		"stalled-worker.healthy 1 drilled_again": "",
		"stalled-worker.healthy 3 drilled_again": "",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
	if why := got["stalled-worker.healthy 2 drilled_again"]; !strings.Contains(why, "too noisy") {
		t.Errorf("the second repetition was drilled again for %q", why)
	}
}
