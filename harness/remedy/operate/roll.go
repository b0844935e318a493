package operate

import (
	"cmp"
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
	"github.com/pm2drill/pm2drill/harness/remedy/intent"
)

// Roll replaces every worker because an operator asked for it. What the app does
// with SIGINT shows on the way, and people are told if it is not fit for PM2's
// own reload.
//
// back is the operator's command that puts the previous release back, if any.
func (o *Operator) Roll(ctx context.Context, back []string) {
	if why := cmp.Or(o.explainRefusal(), o.explainMode()); why != "" {
		o.Say(engine.Line{Type: engine.TypeWithheld, Action: engine.ActionRoll, Why: why})
		return
	}
	o.Watcher.CountRoll(1)
	defer o.Watcher.CountRoll(-1)
	o.Running.Add(1) // a roll that has begun is brought to its end
	defer o.Running.Done()
	asked := ctx
	ctx = context.WithoutCancel(ctx)
	before, begun := o.listPIDs(), host.Now()
	o.Say(engine.Line{Type: engine.TypeAction, Action: engine.ActionRoll, Phase: engine.PhaseBegin, Why: "an operator asked for it"})
	end := engine.Line{Type: engine.TypeAction, Action: engine.ActionRoll, Phase: engine.PhaseDone}
	c := retuner{operator: o}
	client, err := o.Executor.Dial(ctx)
	var done []drain.Replacement
	if err == nil {
		defer client.Close()
		done, err = o.replaceAll(ctx, client, &c)
		c.verify(ctx, client, err)
	}
	if err != nil {
		end.Phase, end.Error = engine.PhaseFailed, err.Error()
		o.Say(end)
		var spare *drain.SpareError
		switch {
		case errors.As(err, &spare): // no worker has been touched, and it is gone: no rule will say of what it died
			o.alertAdvice(o.diagnoseRelease([]drain.Replacement{{ID: spare.ID}}, err, begun))
		case hasLostCanary(done) && o.canRollBack(back):
			o.rollBack(ctx, back, done[0], before, o.diagnoseRelease(done, err, begun))
		case !errors.Is(err, drain.ErrCrashing): // the worker goes on dying, and a rule will say of what
			o.alertAdvice(buildUnfinished(done, err))
		}
		return
	}
	o.Say(end)
	o.Say(engine.Line{Type: engine.TypeVerified, By: []string{
		o.describeProof(len(done)),
		"proc: every old process is gone",
		"soak: each new worker lived on before the next was replaced",
	}})
	for i := range done { // PM2 may be waiting for some of them still
		done[i].Await(asked)
		c.addAnswer(done[i])
	}
}

// describeProof says how n workers, all there are, were seen to be well.
func (o *Operator) describeProof(n int) string {
	if o.Executor.URL == "" {
		return fmt.Sprintf("proc: %d of %d workers live; there is no URL to ask", n, n)
	}
	return fmt.Sprintf("probe: %d of %d workers answered on a new connection", n, n)
}

// buildUnfinished returns what people must know of a roll that stopped half way: an
// operator asked for it and waits.
func buildUnfinished(done []drain.Replacement, err error) diagnose.Diagnosis {
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

// explainRefusal says why nothing that an operator asks for may begin now, or "".
func (o *Operator) explainRefusal() string {
	engaged := o.Desk.ListEngaged()
	switch {
	case o.DryRun:
		return "dry run"
	case o.Desk.Latest().Paused:
		return "the kill switch is on"
	case len(engaged) > 0:
		return fmt.Sprintf("%s is not over", engaged[0])
	}
	return ""
}

// explainMode says why the app cannot be rolled as PM2 runs it, or "". In fork mode no
// other process takes the port over (God.js, executeApp).
func (o *Operator) explainMode() string {
	for _, w := range o.Desk.Latest().Workers {
		if w.Mode == "fork" {
			return fmt.Sprintf("worker %d runs in fork mode, in which a process cannot be replaced without a gap: `pm2 restart %s` makes one, and exec_mode cluster needs none", w.ID, o.Executor.App)
		}
	}
	return ""
}

// replaceAll has every worker replaced, and says so worker by worker.
func (o *Operator) replaceAll(ctx context.Context, client *pm2.Client, c *retuner) ([]drain.Replacement, error) {
	if err := o.Executor.CheckWorkers(ctx, client); err != nil {
		return nil, err
	}
	roller := o.Executor.NewRoller(client)
	roller.Begin = func(w drain.Worker) {
		id := w.ID
		o.noteDrain(ctx, client, id)
		o.Say(engine.Line{Type: engine.TypeAction, Action: engine.ActionDrain, Phase: engine.PhaseBegin, ID: &id, PID: w.PID})
	}
	roller.Done = func(p drain.Replacement, err error) {
		o.endNote(p.ID)
		o.sayReplaced(p, err)
		c.addReplacement(p, err)
	}
	roller.Mend, roller.Surge, roller.Spare = c.chooseTimeouts, o.Surge, o.hookSpare()
	return roller.Roll(ctx)
}

// sayReplaced says how one worker's replacement ended.
func (o *Operator) sayReplaced(p drain.Replacement, err error) {
	id := p.ID
	l := engine.Line{
		Type: engine.TypeAction, Action: engine.ActionDrain, Phase: engine.PhaseDone, ID: &id, PID: p.Old,
		Why: fmt.Sprintf("drained %s; pid %d serves after %s", p.Drain, p.New, p.Took.Round(time.Millisecond)),
	}
	if p.Ended {
		l.Why += fmt.Sprintf("; empty, it was ended %s after PM2's SIGINT, since an earlier one ignored that", p.Ending.Round(time.Millisecond))
	}
	if err != nil {
		l.Phase, l.Why, l.Error = engine.PhaseFailed, "", err.Error()
	}
	o.Say(l)
}

// alertAdvice tells people about a bad habit, once for a roll: it is not an incident
// that ends, it is something to mend.
func (o *Operator) alertAdvice(f diagnose.Diagnosis) {
	o.raise(alert.Incident{Diagnosis: f, Opened: host.Now(), Seen: host.Now(), Next: forPeople})
}

const forPeople = "nothing: it is for people to mend"

// raise says what was diagnosed beside the rules, and alerts people.
func (o *Operator) raise(in alert.Incident) {
	o.sayDetected(in.Diagnosis)
	o.Desk.Send(engine.StatusFiring, in)
}

// sayDetected says what was diagnosed beside the rules.
func (o *Operator) sayDetected(f diagnose.Diagnosis) {
	o.Say(engine.Line{Type: engine.TypeDetected, Cause: f.Cause, Evidence: f.Evidence, RuledOut: f.RuledOut})
	o.Say(engine.Line{Type: engine.TypeIncident, Cause: f.Cause, Incident: engine.IncidentOpened})
}

// noteDrain notes on the disk that a worker is about to be drained because an operator asked
// for it. Where that fails it is said, and the drain goes on: it undoes itself.
func (o *Operator) noteDrain(ctx context.Context, client *pm2.Client, id int) {
	if o.Executor.Book == nil {
		return
	}
	p, err := client.Describe(ctx, id)
	if err == nil {
		err = o.Executor.Book.Begin(intent.Of(p, engine.ActionDrain, "", "", time.Now()))
	}
	if err != nil {
		o.Say(engine.Line{Type: engine.TypeWithheld, Action: "note", ID: &id, Why: "a later run will not know that this worker was being drained", Error: err.Error()})
	}
}

// endNote says that the drain of a worker is over.
func (o *Operator) endNote(id int) {
	if o.Executor.Book != nil {
		o.Executor.Book.End(id)
	}
}
