package promise

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestNoWorseThanPM2: an engine's drill beside the same with PM2 alone.
func TestNoWorseThanPM2(t *testing.T) {
	same := func(h history) history { return h }
	down := func(from, to float64) func(history) history { // nobody is there to answer
		return func(h history) history {
			for i := range h.Requests {
				if q := &h.Requests[i]; q.Lane == evidence.LaneShort && q.Due >= sec(from) && q.Due < sec(to) {
					q.Class, q.PID = evidence.Refused, 0
				}
			}
			return h
		}
	}
	out := func(from, to float64) func(history) history { // one of four is away, and loses nothing
		return func(h history) history { return h.silence(from, to, 101, 102) }
	}
	lost := func(n int) func(history) history {
		return func(h history) history {
			for i := range n {
				h = h.drop(12+float64(i)/100, evidence.Reset)
			}
			return h
		}
	}
	for _, c := range []struct {
		name        string
		mine, alone func(history) history
		want        Verdict
	}{
		{"alike", same, same, Kept},
		{"it heals what PM2 does not", out(10, 14), out(10, 99), Kept},
		{"it heals an outage that PM2 does not", down(11, 15), down(11, 99), Kept},
		{"PM2 heals it and the engine stops the workers", down(11, 99), down(11, 15), Broken},
		{"PM2 loses none, and it takes a worker away for long", out(10, 20), same, Broken},
		{"a little longer", out(10, 12.5), out(10, 11), Kept},
		{"it is back much later", out(10, 19), out(10, 14), Broken},
		{"it is back later by chance, and did nothing", out(10, 17), out(10, 14), Kept},
		{"it is back later and did something", func(h history) history { return out(10, 17)(h).act(11, "restart", 1, 102) }, out(10, 14), Broken},
		{"it loses more", lost(8), same, Broken},
		{"it loses one more", lost(1), same, Kept},
		{"more were lost before it did anything", func(h history) history { return lost(8)(h).act(17, "kill", 0, 101) }, same, Kept},
		{"it loses more once it has done something", func(h history) history { return lost(8)(h).act(11, "kill", 0, 101) }, same, Broken},
		{"it replaces one that PM2 leaves alone", out(14, 18), same, Kept},
		{"both go down", down(11, 99), down(11, 99), Kept},
		{"the twin proves nothing", same, func(h history) history { h.Marks[0].Name = "x"; return h }, Inconclusive},
		{"the twin is of another seed", same, func(h history) history { h.Header.Seed = 7; return h }, Inconclusive},
		{"the twin has an engine", same, func(h history) history { h.Header.Arm = evidence.ArmDecoy; return h }, Inconclusive},
		{"it was asked for work", func(h history) history { h.Marks[2].Kind = evidence.KindRequest; return h }, same, Inconclusive},
		{"it was cut short", func(h history) history { h.Cut = "it was interrupted"; return h }, same, Inconclusive},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := NoWorseThanPM2(c.mine(faulted()).record(), c.alone(control(faulted())).record(), UsualTolerance())
			if got.Verdict != c.want || got.Because == "" {
				t.Errorf("%s, want %s: %s", got.Verdict, c.want, got.Because)
			}
		})
	}
}
