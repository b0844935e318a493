package operate

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

func TestAdvice(t *testing.T) {
	const s = time.Second
	well := drain.Replacement{
		New: 200, Habit: drain.HabitExits, KillTimeout: 8 * s, ListenTimeout: 3 * s, Serve: s / 2, Drain: drain.Result{Took: 2 * s},
	}
	for _, c := range []struct {
		name string
		edit func(*drain.Replacement)
		want engine.Cause
	}{
		{"streams that its deadline ended", func(p *drain.Replacement) {
			p.Habit, p.Drain.InFlight, p.Drain.Streams = drain.HabitUnknown, 3, 3
		}, engine.StreamsCut},
		{"streams, and it drains for longer than its kill timeout", func(p *drain.Replacement) {
			p.KillTimeout, p.Drain.Took, p.Drain.InFlight, p.Drain.Streams = s, 11*s, 1, 1
		}, engine.StreamsCut},
		{"all is well", func(*drain.Replacement) {}, ""},
		{"no listener", func(p *drain.Replacement) { p.Habit = drain.HabitNone }, engine.NoDrainSupport},
		{"a listener that does not end it", func(p *drain.Replacement) { p.Habit = drain.HabitIgnores }, engine.SigintIgnored},
		{"killed before it is done", func(p *drain.Replacement) { p.KillTimeout = s }, engine.KillTimeoutShort},
		{"no listener, so no timeout helps", func(p *drain.Replacement) { p.KillTimeout, p.Habit = s, drain.HabitNone }, engine.NoDrainSupport},
		{"nothing is known of its end", func(p *drain.Replacement) { p.KillTimeout, p.Habit = s, drain.HabitUnknown }, ""},
		{"slow to serve", func(p *drain.Replacement) { p.Serve = 6 * s }, engine.SlowReady},
		{"slow because one died before", func(p *drain.Replacement) { p.Serve, p.Deaths = 6*s, 1 }, ""},
		{"slow, and nobody knows how long PM2 waits", func(p *drain.Replacement) { p.Serve, p.ListenTimeout = 6*s, 0 }, ""},
		{"it did not say that it was ready: for neverReady to see", func(p *drain.Replacement) { p.WaitReady, p.Online = true, 3*s }, ""},
		{"it never served", func(p *drain.Replacement) { p.Serve, p.New = 30*s, 0 }, ""},
	} {
		p := well
		c.edit(&p)
		f, ok := diagnoseReplacement(p)
		if f.Cause != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, want %q", c.name, f.Cause, c.want)
		}
		if ok && (len(f.Evidence) == 0 || len(f.RuledOut) == 0 || f.Human == "") {
			t.Errorf("%s: a finding without its reasons: %+v", c.name, f)
		}
	}
}

// TestDrift: what the roll sets right is more than what was seen to be needed.
func TestDrift(t *testing.T) {
	const s = time.Second
	short := drain.Replacement{New: 200, Habit: drain.HabitExits, KillTimeout: s, ListenTimeout: 3 * s, Serve: s / 2, Drain: drain.Result{Took: 11 * s / 10}}
	slow := short
	slow.KillTimeout, slow.Serve = 8*s, 31*s/10
	for _, c := range []struct {
		p    drain.Replacement
		want engine.Drift
	}{
		{short, engine.Drift{Key: engine.KeyKillTimeout, Was: 1000, Now: 3000}},
		{slow, engine.Drift{Key: engine.KeyListenTimeout, Was: 3000, Now: 7000}},
	} {
		if f, _ := diagnoseReplacement(c.p); len(f.Drift) != 1 || f.Drift[0] != c.want {
			t.Errorf("drift %+v, want %+v", f.Drift, c.want)
		}
	}
}

func TestNeverReady(t *testing.T) {
	const s = time.Second
	silent := drain.Replacement{New: 200, WaitReady: true, ListenTimeout: 10 * s, Serve: s, Online: 101 * s / 10}
	for _, c := range []struct {
		name string
		edit func(*drain.Replacement)
		want bool
	}{
		{"PM2 waited as long as it may", func(*drain.Replacement) {}, true},
		{"it said so late", func(p *drain.Replacement) { p.Online = 4 * s }, false},
		{"nobody knows what PM2 answered", func(p *drain.Replacement) { p.Online = 0 }, false},
		{"PM2 was not to wait", func(p *drain.Replacement) { p.WaitReady = false }, false},
		{"it did not serve before either", func(p *drain.Replacement) { p.Serve = 10 * s }, false},
		{"one died before", func(p *drain.Replacement) { p.Deaths = 1 }, false},
	} {
		p := silent
		c.edit(&p)
		f, ok := diagnoseNeverReady(p)
		if ok != c.want || ok && (f.Cause != engine.ReadyNeverSent || len(f.Evidence) == 0 || len(f.RuledOut) == 0 || f.Human == "") {
			t.Errorf("%s: %v %+v", c.name, ok, f)
		}
	}
}
