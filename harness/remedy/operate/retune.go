package operate

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

// retuner tells people, once for a roll, what the replacements show that they
// must mend. A timeout of PM2's that the canary shows to be wrong is set right by
// the roll itself: the canary is replaced once more with what would do, people are
// told what differs from the app's file by then, and the others follow.
//
//	canary ──> advice ──> no drift: told at once
//	             └──> drift ──> canary again, with it ──> told ──> the others ──> verified
type retuner struct {
	operator *Operator
	replaced int                 // replacements
	told     bool                // or about to be
	drift    *diagnose.Diagnosis // what is being set right; nil for nothing
}

// addReplacement takes in how a replacement went.
func (c *retuner) addReplacement(p drain.Replacement, err error) {
	c.replaced++
	if c.drift != nil && c.replaced == 2 {
		c.alertDrift(err)
	}
	if err != nil || c.told {
		return // a successor that never served is not a slow one
	}
	f, ok := diagnoseReplacement(p)
	if !ok {
		return
	}
	c.told = true
	if c.replaced > 1 || len(f.Drift) == 0 {
		f.Drift = nil // too late for this roll
		c.operator.alertAdvice(f)
		return
	}
	c.drift = &f
	c.operator.sayDetected(f)
	c.operator.Say(buildConfigureLine(f.Drift[0], engine.PhaseBegin))
}

// chooseTimeouts returns what the roll is to give PM2 from now on.
func (c *retuner) chooseTimeouts(drain.Replacement) drain.Timeouts {
	if c.drift == nil {
		return drain.Timeouts{}
	}
	d := c.drift.Drift[0]
	now := time.Duration(d.Now) * time.Millisecond
	if d.Key == engine.KeyKillTimeout {
		return drain.Timeouts{Kill: now}
	}
	return drain.Timeouts{Listen: now}
}

// alertDrift alerts people of what the canary runs with now, or does not.
func (c *retuner) alertDrift(err error) {
	f, d := *c.drift, c.drift.Drift[0]
	next := fmt.Sprintf("each worker is given %s %d as it is replaced; that lasts until the app is started from its file again", d.Key, d.Now)
	if err != nil {
		f.Drift, next = nil, forPeople
	}
	in := alert.Incident{Diagnosis: f, Opened: host.Now(), Seen: host.Now(), Next: next}
	c.operator.Desk.Send(engine.StatusFiring, in)
}

// verify says whether every worker runs with what was set right, once the
// roll is over.
func (c *retuner) verify(ctx context.Context, client *pm2.Client, rolled error) {
	if c.drift == nil {
		return
	}
	l := buildConfigureLine(c.drift.Drift[0], engine.PhaseDone)
	err := rolled
	if err == nil {
		var list []pm2.Process
		if list, err = client.List(ctx); err == nil {
			err = findWithout(list, c.operator.Executor.App, c.drift.Drift[0])
		}
	}
	if err != nil {
		l.Phase, l.Error = engine.PhaseFailed, err.Error()
	}
	c.operator.Say(l)
}

// findWithout names a worker that does not run with the setting.
func findWithout(list []pm2.Process, app string, d engine.Drift) error {
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

func buildConfigureLine(d engine.Drift, phase string) engine.Line {
	return engine.Line{
		Type: engine.TypeAction, Action: engine.ActionConfigure, Phase: phase,
		Why: fmt.Sprintf("%s %d, the app's file has %d", d.Key, d.Now, d.Was),
	}
}

// addAnswer takes in what PM2 has answered about a replacement.
func (c *retuner) addAnswer(p drain.Replacement) {
	if f, ok := diagnoseNeverReady(p); ok && !c.told {
		c.told = true
		c.operator.alertAdvice(f)
	}
}
