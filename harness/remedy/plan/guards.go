package plan

import (
	"fmt"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// guard says why an action must not be done, or "" when it may. Every action
// passes here, whatever its incident.
func (d *decider) guard(in *Incident, x Decision) string {
	for _, r := range []func(*Incident, Decision) string{
		d.guardPaused, d.guardPolicy, d.guardTaken, d.guardStranger, d.guardOperator, d.guardBudget, d.guardFlapping, d.guardCooldown, d.guardCommonCause, d.guardMinHealthy,
	} {
		if why := r(in, x); why != "" {
			return why
		}
	}
	return ""
}

// guardPaused refuses everything while the kill switch is on.
func (d *decider) guardPaused(*Incident, Decision) string {
	if d.o.Paused {
		return "the kill switch is on"
	}
	return ""
}

// guardTaken refuses a second action on a worker while one is under way.
func (d *decider) guardTaken(_ *Incident, x Decision) string {
	if was := d.s.Busy[x.ID]; was != "" {
		return "it is still under the engine's own " + was
	}
	return ""
}

// guardStranger refuses an action on a pid that another process has by now: PM2 keeps the pid of a dead process while it waits to restart it,
// and a stop signals that pid, whoever has it by now.
func (d *decider) guardStranger(_ *Incident, x Decision) string {
	if w, ok := d.o.FindWorker(x.ID); ok && w.Reused {
		return fmt.Sprintf("pid %d belongs to another process by now", w.PID)
	}
	return ""
}

// guardOperator leaves alone what somebody else stopped.
func (d *decider) guardOperator(_ *Incident, x Decision) string {
	w, ok := d.o.FindWorker(x.ID)
	_, held := d.s.Held[x.ID]
	switch {
	case x.ID == nobody:
		return ""
	case !ok:
		return "PM2 does not know it any more"
	case d.o.DeriveState(w, d.limits.Stall) == observe.DerivedStopped && !held:
		return "somebody stopped it"
	}
	return ""
}

// guardBudget bounds the number of actions: an engine that has to act often is not helping.
func (d *decider) guardBudget(_ *Incident, x Decision) string {
	worker := 0
	all := 0
	for _, a := range d.s.Acted {
		if a.trial {
			continue // their back-off bounds them
		}
		all++
		if a.ID == x.ID {
			worker++
		}
	}
	pending := len(d.s.Busy)
	switch {
	case d.s.isTrial(observe.ActionEvent{Action: x.Action, ID: x.ID}, d.o):
		return ""
	case worker >= d.limits.PerWorker:
		return fmt.Sprintf("its budget of %d actions in %s is used up", d.limits.PerWorker, diagnose.SpellSpan(d.limits.Span))
	case all+pending >= d.limits.PerApp:
		return fmt.Sprintf("the app's budget of %d actions in %s is used up", d.limits.PerApp, diagnose.SpellSpan(d.limits.Span))
	}
	return ""
}

// guardCooldown keeps cures apart: the same cure of the same worker must not be needed again at once.
func (d *decider) guardCooldown(in *Incident, x Decision) string {
	if x.Action != engine.ActionKill && x.Action != engine.ActionReplace {
		return ""
	}
	if last, wait := d.findCooldown(in.Diagnosis.Cause, x.ID); wait > 0 && d.o.At-last < wait {
		return fmt.Sprintf("it was cured of the same less than %s ago", diagnose.SpellSpan(wait))
	}
	return ""
}

// guardCommonCause refuses to act on one worker after the other: what ails half of the workers or more is not their own doing, and
// killing one after the other would only take down what still serves.
func (d *decider) guardCommonCause(in *Incident, x Decision) string {
	if x.Action != engine.ActionKill && x.Action != engine.ActionReplace {
		return ""
	}
	ill := 0
	for _, f := range d.findings {
		if f.Cause == in.Diagnosis.Cause {
			ill += len(f.IDs)
		}
	}
	if ill >= 2 && 2*ill >= len(d.o.Workers) {
		return fmt.Sprintf("%d of %d workers have the same: a common cause, not theirs", ill, len(d.o.Workers))
	}
	return ""
}

// isComing reports whether a worker serves, or boots and may be expected to: it was seen to
// serve, and has not died twice since.
func (d *decider) isComing(w observe.Worker) bool {
	switch d.o.DeriveState(w, d.limits.Stall) {
	case observe.DerivedServing:
		return true
	case observe.DerivedBooting:
		return d.s.Fell[w.ID] < 2
	}
	return false
}

// guardMinHealthy keeps enough workers serving: an action on a worker that serves, or is about to, must leave enough others.
func (d *decider) guardMinHealthy(_ *Incident, x Decision) string {
	if x.Action == engine.ActionRestart && x.PID > 0 {
		return "" // it is online and nobody listens
	}
	if observe.TouchesNone(x.Action) {
		return ""
	}
	serving := 0
	target := false
	for _, w := range d.o.Workers {
		if !d.isComing(w) {
			continue
		}
		target = target || w.ID == x.ID
		if was := d.s.Busy[w.ID]; observe.TouchesNone(was) || was == "" {
			serving++
		}
	}
	least := d.limits.MinHealthy
	if least == 0 {
		least = max(1, len(d.o.Workers)-1)
	}
	if target && serving-1 < least {
		return fmt.Sprintf("it serves, and %d of the others do: fewer than %d", serving-1, least)
	}
	return ""
}
