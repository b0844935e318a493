package remedy

import (
	"context"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// counsel tells people, once for a roll, what the replacements show that they
// must mend. A timeout of PM2's that the canary shows to be wrong is set right by
// the roll itself: the canary is replaced once more with what would do, people are
// told what differs from the app's file by then, and the others follow.
//
//	canary ──> advice ──> no drift: told at once
//	             └──> drift ──> canary again, with it ──> told ──> the others ──> verified
type counsel struct {
	runner *runner
	heard  int                 // replacements
	told   bool                // or about to be
	fix    *diagnose.Diagnosis // what is being set right; nil for nothing
}

// hear takes in how a replacement went.
func (c *counsel) hear(p drain.Replacement, err error) {
	c.heard++
	if c.fix != nil && c.heard == 2 {
		c.report(err)
	}
	if err != nil || c.told {
		return // a successor that never served is not a slow one
	}
	f, ok := advice(p)
	if !ok {
		return
	}
	c.told = true
	if c.heard > 1 || len(f.Drift) == 0 {
		f.Drift = nil // too late for this roll
		c.runner.advise(f)
		return
	}
	c.fix = &f
	c.runner.name(f)
	c.runner.say(configuring(f.Drift[0], engine.PhaseBegin))
}

// mend is what the roll is to give PM2 from now on.
func (c *counsel) mend(drain.Replacement) drain.Timeouts {
	if c.fix == nil {
		return drain.Timeouts{}
	}
	d := c.fix.Drift[0]
	now := time.Duration(d.Now) * time.Millisecond
	if d.Key == engine.KeyKillTimeout {
		return drain.Timeouts{Kill: now}
	}
	return drain.Timeouts{Listen: now}
}

// report alerts people of what the canary runs with now, or does not.
func (c *counsel) report(err error) {
	f, d := *c.fix, c.fix.Drift[0]
	next := fmt.Sprintf("each worker is given %s %d as it is replaced; that lasts until the app is started from its file again", d.Key, d.Now)
	if err != nil {
		f.Drift, next = nil, forPeople
	}
	in := alert.Incident{Diagnosis: f, Opened: host.Now(), Seen: host.Now(), Next: next}
	c.runner.desk.Send(engine.StatusFiring, in)
}

// configured says whether every worker runs with what was set right, once the
// roll is over.
func (c *counsel) configured(ctx context.Context, client *pm2.Client, rolled error) {
	if c.fix == nil {
		return
	}
	l := configuring(c.fix.Drift[0], engine.PhaseDone)
	err := rolled
	if err == nil {
		var list []pm2.Process
		if list, err = client.List(ctx); err == nil {
			err = without(list, c.runner.cfg.App, c.fix.Drift[0])
		}
	}
	if err != nil {
		l.Phase, l.Error = engine.PhaseFailed, err.Error()
	}
	c.runner.say(l)
}

// without names a worker that does not run with the setting.
func without(list []pm2.Process, app string, d engine.Drift) error {
	for _, p := range list {
		has := p.ListenTimeout
		if d.Key == engine.KeyKillTimeout {
			has = p.KillTimeout
		}
		if p.Name == app && has.Milliseconds() != d.Now {
			return fmt.Errorf("worker %d has %s %d", p.ID, d.Key, has.Milliseconds())
		}
	}
	return nil
}

func configuring(d engine.Drift, phase string) engine.Line {
	return engine.Line{
		Type: engine.TypeAction, Action: engine.ActionConfigure, Phase: phase,
		Why: fmt.Sprintf("%s %d, the app's file has %d", d.Key, d.Now, d.Was),
	}
}

// await takes in what PM2 has answered about a replacement.
func (c *counsel) await(p drain.Replacement) {
	if f, ok := neverReady(p); ok && !c.told {
		c.told = true
		c.runner.advise(f)
	}
}
