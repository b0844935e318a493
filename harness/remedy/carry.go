package remedy

import (
	"context"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/act"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// carryOut does what was decided, or starts doing it.
func (r *runner) carryOut(ctx context.Context, d plan.Decision) {
	switch d.Kind {
	case plan.Detect:
		r.desk.Chain(d)
		r.desk.NoteCounters(d.Diagnosis)
		l := engine.Line{Type: engine.TypeDetected, Cause: d.Cause, Evidence: d.Diagnosis.Evidence, RuledOut: d.Diagnosis.RuledOut}
		if d.Diagnosis.Symptom != "" {
			l.Type, l.Symptom = engine.TypeSymptom, d.Diagnosis.Symptom
		}
		r.sayWith(l, detail{Key: r.desk.Key(d.Cause, d.Subject), Confidence: d.Diagnosis.Confidence, Human: d.Diagnosis.Human})
	case plan.Withhold:
		r.desk.NoteAction(d, "withheld", d.Why)
		r.sayWith(engine.Line{Type: engine.TypeWithheld, Cause: d.Cause, Action: d.Action, ID: d.WorkerID(), Why: d.Why},
			detail{Key: r.desk.Key(d.Cause, d.Subject), Approve: d.Asks})
		if d.Asks != "" {
			r.noteAsk(d)
		}
	case plan.Act:
		r.startAction(ctx, d)
	case plan.Verified:
		r.sayWith(engine.Line{Type: engine.TypeVerified, Cause: d.Cause, By: d.By}, detail{Key: r.desk.Key(d.Cause, d.Subject)})
	case plan.Raise:
		r.sayWith(engine.Line{Type: engine.TypeIncident, Cause: d.Cause, Symptom: d.Began.Symptom, Incident: engine.IncidentOpened},
			detail{Key: r.desk.Key(d.Cause, d.Subject)})
		in := alert.IncidentOf(d)
		in.Approve = r.linkTo(d.Asks)
		r.desk.Send(engine.StatusFiring, in)
	case plan.Resolve:
		r.sayWith(engine.Line{Type: engine.TypeIncident, Cause: d.Cause, Symptom: d.Began.Symptom, Incident: engine.IncidentResolved},
			detail{Key: r.desk.Key(d.Cause, d.Subject)})
		r.desk.Send(engine.StatusResolved, alert.IncidentOf(d))
		r.desk.Forget(d)
		if err := r.notes.unask(d.Asks); err != nil {
			r.say(engine.Line{Type: engine.TypeWithheld, Action: "ask", Error: err.Error()})
		}
	}
}

// dryPause is how long a dry run leaves a worker alone after it has said what it
// would do to it.
const dryPause = 30 * time.Second

// startAction starts an action while the watching goes on, and files its begin and end
// for the next observation.
func (r *runner) startAction(ctx context.Context, d plan.Decision) {
	if r.cfg.DryRun {
		why := "dry run: " + d.Why
		r.desk.NoteAction(d, "withheld", why)
		r.say(engine.Line{Type: engine.TypeWithheld, Cause: d.Cause, Action: d.Action, ID: d.WorkerID(), PID: d.PID, Why: why})
		time.AfterFunc(dryPause, func() {
			r.watch.FileAction(observe.ActionEvent{At: host.Now(), Action: d.Action, Phase: engine.PhaseFailed, ID: d.ID, PID: d.PID, Error: "dry run"})
		})
		return
	}
	end := r.begin(d)
	// An action that has begun is brought to its end: half a restart is a worker less.
	r.acts.Go(func() { end(r.executor.Do(context.WithoutCancel(ctx), d)) })
}

// begin says and files that an action begins; what it returns does the same for
// its end, with what there is to say of it.
func (r *runner) begin(d plan.Decision) (end func(told string, err error)) {
	l := engine.Line{Type: engine.TypeAction, Cause: d.Cause, Action: d.Action, Phase: engine.PhaseBegin, ID: d.WorkerID(), PID: d.PID, Why: d.Why}
	more, begun := detail{Key: r.desk.Key(d.Cause, d.Subject), Command: act.Describe(d)}, host.Now()
	r.sayWith(l, more)
	r.watch.FileAction(observe.ActionEvent{At: host.Now(), Action: d.Action, Phase: l.Phase, ID: d.ID, PID: d.PID})
	return func(told string, err error) {
		l.Phase, l.Why = engine.PhaseDone, told
		result, why := "done", d.Why
		if told != "" {
			why += ": " + told
		}
		if err != nil {
			l.Phase, l.Error = engine.PhaseFailed, err.Error()
			result, why = "failed", d.Why+": "+err.Error()
		}
		r.desk.NoteAction(d, result, why)
		more.Took = (host.Now() - begun).Seconds()
		r.sayWith(l, more)
		r.watch.FileAction(observe.ActionEvent{At: host.Now(), Action: d.Action, Phase: l.Phase, ID: d.ID, PID: d.PID, Error: l.Error})
	}
}
