package remedy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// roll replaces every worker because an operator asked for it. What the app does
// with SIGINT shows on the way, and people are told if it is not fit for PM2's
// own reload.
//
// back is the operator's command that puts the previous release back, if any.
func (r *runner) roll(ctx context.Context, back []string) {
	if why := r.mayBegin(); why != "" {
		r.say(engine.Line{Type: engine.TypeWithheld, Action: engine.ActionRoll, Why: why})
		return
	}
	r.watch.CountRoll(1)
	defer r.watch.CountRoll(-1)
	r.acts.Add(1) // a roll that has begun is brought to its end
	defer r.acts.Done()
	asked := ctx
	ctx = context.WithoutCancel(ctx)
	before, begun := r.roster(), host.Now()
	r.say(engine.Line{Type: engine.TypeAction, Action: engine.ActionRoll, Phase: engine.PhaseBegin, Why: "an operator asked for it"})
	end := engine.Line{Type: engine.TypeAction, Action: engine.ActionRoll, Phase: engine.PhaseDone}
	c := counsel{runner: r}
	client, err := r.hand.Dial(ctx)
	var done []drain.Replacement
	if err == nil {
		defer client.Close()
		done, err = r.replaceAll(ctx, client, &c)
		c.configured(ctx, client, err)
	}
	if err != nil {
		end.Phase, end.Error = engine.PhaseFailed, err.Error()
		r.say(end)
		switch {
		case canaryLost(done) && r.mayGoBack(back):
			r.goBack(ctx, back, done[0], before, r.badRelease(done, err, begun))
		case !errors.Is(err, drain.ErrCrashing): // the worker goes on dying, and a rule will say of what
			r.advise(unfinished(done, err))
		}
		return
	}
	r.say(end)
	r.say(engine.Line{Type: engine.TypeVerified, By: []string{
		fmt.Sprintf("probe: %d of %d new workers answered on a new connection", len(done), len(done)),
		"proc: every old process is gone",
		"soak: each new worker lived on before the next was replaced",
	}})
	for i := range done { // PM2 may be waiting for some of them still
		done[i].Await(asked)
		c.await(done[i])
	}
}

// unfinished is what people must know of a roll that stopped half way: an
// operator asked for it and waits.
func unfinished(done []drain.Replacement, err error) diagnose.Diagnosis {
	f := diagnose.Diagnosis{
		Cause: engine.Undetermined, Subject: "roll", Confidence: 0.5,
		Evidence: []engine.Fact{
			{Source: "probe", Text: err.Error()},
			{Source: "proc", Text: fmt.Sprintf("%d workers were looked at before that", len(done))},
		},
		Human: "the rolling restart that was asked for is not done: see why, then ask for it again",
	}
	if errors.Is(err, pm2.ErrDaemonDead) {
		f.Cause = engine.DaemonDead
	} else {
		f.RuledOut = []engine.Ruled{{Cause: engine.DaemonDead, Fact: "PM2's daemon was asked and answered"}}
	}
	return f
}

// mayBegin says why nothing that an operator asks for may begin now, or "".
func (r *runner) mayBegin() string {
	engaged := r.desk.ListEngaged()
	switch {
	case r.cfg.DryRun:
		return "dry run"
	case r.desk.Latest().Paused:
		return "the kill switch is thrown"
	case len(engaged) > 0:
		return fmt.Sprintf("%s is not over", engaged[0])
	}
	return ""
}

// replaceAll has every worker replaced, and says so worker by worker.
func (r *runner) replaceAll(ctx context.Context, client *pm2.Client, c *counsel) ([]drain.Replacement, error) {
	if err := r.hand.CheckWorkers(ctx, client); err != nil {
		return nil, err
	}
	return drain.Roller{
		Drainer: r.hand.NewDrainer(client),
		Home:    r.cfg.Home, App: r.cfg.App, Port: r.cfg.Port, URL: r.cfg.URL,
		Begin: func(w drain.Worker) {
			id := w.ID
			r.noteDrain(ctx, client, id)
			r.say(engine.Line{Type: engine.TypeAction, Action: engine.ActionDrain, Phase: engine.PhaseBegin, ID: &id, PID: w.PID})
		},
		Done: func(p drain.Replacement, err error) {
			r.drained(p.ID)
			r.replaced(p, err)
			c.hear(p, err)
		},
		Mend: c.mend,
	}.Roll(ctx)
}

// replaced says how one worker's replacement ended.
func (r *runner) replaced(p drain.Replacement, err error) {
	id := p.ID
	l := engine.Line{
		Type: engine.TypeAction, Action: engine.ActionDrain, Phase: engine.PhaseDone, ID: &id, PID: p.Old,
		Why: fmt.Sprintf("drained %s; pid %d serves after %s", p.Drain, p.New, p.Took.Round(time.Millisecond)),
	}
	if err != nil {
		l.Phase, l.Why, l.Error = engine.PhaseFailed, "", err.Error()
	}
	r.say(l)
}

// advise tells people about a bad habit, once for a roll: it is not an incident
// that ends, it is something to mend.
func (r *runner) advise(f diagnose.Diagnosis) {
	r.tell(alert.Incident{Diagnosis: f, Opened: host.Now(), Seen: host.Now(), Next: forPeople})
}

const forPeople = "nothing: it is for people to mend"

// tell says what was diagnosed beside the rules, and alerts people.
func (r *runner) tell(in alert.Incident) {
	r.name(in.Diagnosis)
	r.desk.Send(engine.StatusFiring, in)
}

// name says what was diagnosed beside the rules.
func (r *runner) name(f diagnose.Diagnosis) {
	r.say(engine.Line{Type: engine.TypeDetected, Cause: f.Cause, Evidence: f.Evidence, RuledOut: f.RuledOut})
	r.say(engine.Line{Type: engine.TypeIncident, Cause: f.Cause, Incident: engine.IncidentOpened})
}
