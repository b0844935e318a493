package remedy

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
		{"all is well", func(*drain.Replacement) {}, ""},
		{"no listener", func(p *drain.Replacement) { p.Habit = drain.HabitNone }, engine.NoDrainSupport},
		{"a listener that does not end it", func(p *drain.Replacement) { p.Habit = drain.HabitIgnores }, engine.SigintIgnored},
		{"killed before it is done", func(p *drain.Replacement) { p.KillTimeout = s }, engine.KillTimeoutShort},
		{"no listener, so no timeout helps", func(p *drain.Replacement) { p.KillTimeout, p.Habit = s, drain.HabitNone }, engine.NoDrainSupport},
		{"nothing is known of its end", func(p *drain.Replacement) { p.KillTimeout, p.Habit = s, drain.HabitUnknown }, ""},
		{"slow to serve", func(p *drain.Replacement) { p.Serve = 6 * s }, engine.SlowReady},
		{"slow because one died before", func(p *drain.Replacement) { p.Serve, p.Deaths = 6*s, 1 }, ""},
		{"slow, and nobody knows how long PM2 waits", func(p *drain.Replacement) { p.Serve, p.ListenTimeout = 6*s, 0 }, ""},
		{"it never served", func(p *drain.Replacement) { p.Serve, p.New = 30*s, 0 }, ""},
	} {
		p := well
		c.edit(&p)
		f, ok := advice(p)
		if f.Cause != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, want %q", c.name, f.Cause, c.want)
		}
		if ok && (len(f.Evidence) == 0 || len(f.RuledOut) == 0 || f.Human == "") {
			t.Errorf("%s: a finding without its reasons: %+v", c.name, f)
		}
	}
}
