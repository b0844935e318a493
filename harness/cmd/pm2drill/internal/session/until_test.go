package session

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// TestUntilRules: the bound holds, breaks, or is undecided; what proves nothing counts for
// nothing.
func TestUntilRules(t *testing.T) {
	for _, c := range []struct {
		name                  string
		kept, broken, nothing int
		until                 Until
		want                  promise.Verdict
		says                  string
	}{
		{"holds", 35, 0, 0, Until{Bound: 0.1}, promise.Kept, "0 of 35 drills that prove something broke a promise, a rate of 0–9.9 %: it is below 10%"},
		{"one is missing", 34, 0, 5, Until{Bound: 0.1}, promise.Inconclusive, "undecided; 39 drills were done of at most 140"},
		{"breaks", 1, 4, 0, Until{Bound: 0.1}, promise.Broken, "it is above 10%"},
		{"nothing", 0, 0, 3, Until{Bound: 0.1, AtMost: 3}, promise.Inconclusive, "0 of 0 drills that prove something broke a promise: undecided after 3 drills"},
		{"at most", 20, 1, 0, Until{Bound: 0.1, AtMost: 21}, promise.Inconclusive, "undecided after 21 drills"},
	} {
		var drills []report.Drill
		for verdict, n := range map[promise.Verdict]int{promise.Kept: c.kept, promise.Broken: c.broken, promise.Inconclusive: c.nothing} {
			for range n {
				drills = append(drills, report.Drill{Verdict: verdict})
			}
		}
		counted := countBroken(drills)
		if got := c.until.rule(counted); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if got := c.until.describe(counted); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q does not say %q", c.name, got, c.says)
		}
	}
}

// TestRateFlag: a rate is read as people write it, and written so that it is read again.
func TestRateFlag(t *testing.T) {
	for text, want := range map[string]float64{"0.1%": 0.001, "0.001": 0.001, " 5 % ": 0.05, "0.5": 0.5, "1e-3": 0.001, "33.3%": 0.333} {
		var got, again float64
		if err := (rateFlag{&got}).Set(text); err != nil || got-want > 1e-12 || want-got > 1e-12 {
			t.Errorf("%q is %v (%v), want %v", text, got, err, want)
		}
		if err := (rateFlag{&again}).Set(rateFlag{&got}.String()); err != nil || again != got {
			t.Errorf("%q is written %q, which is %v (%v)", text, rateFlag{&got}, again, err)
		}
	}
	for _, text := range []string{"", "0", "1", "100%", "-1%", "x", "%", "NaN", "0.1%%"} {
		if err := (rateFlag{new(float64)}).Set(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
