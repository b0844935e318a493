package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// action is one under way.
type action struct {
	plan.Decision
	heard  bool // by the engine that began it, when it ends
	failed bool
	steps  []step
}

// step is a part of an action, and when it is done.
type step struct {
	at time.Duration
	do func(*worker)
}

// begin begins an action. Its steps take about what they take with PM2.
func (e *pilot) begin(p *play, d plan.Decision) {
	if i := slices.IndexFunc(e.under, func(a *action) bool { return a.ID == d.ID && a.heard }); i >= 0 {
		p.result.Doubled = append(p.result.Doubled, fmt.Sprintf("%s of worker %d at %s, under %s", d.Action, d.ID, p.now, e.under[i].Action))
		return
	}
	if d.Action == engine.ActionStop || d.Action == engine.ActionRestart {
		e.notes[d.ID] = note{action: d.Action, cause: d.Cause, at: p.now}
	}
	p.judge(d)
	e.under = append(e.under, &action{Decision: d, heard: true, steps: p.listSteps(d)})
	e.actions = append(e.actions, observe.ActionEvent{At: p.now + epoch, Action: d.Action, Phase: engine.PhaseBegin, ID: d.ID, PID: d.PID})
}

// listSteps returns the steps of an action.
func (p *play) listSteps(d plan.Decision) []step {
	nothing := func(*worker) {}
	switch d.Action {
	case engine.ActionStop:
		return []step{{p.now + 300*time.Millisecond, p.stop}}
	case engine.ActionRestart:
		p.held[d.ID] = 0
		return []step{{p.now + 200*time.Millisecond, p.restart}, {p.now + 600*time.Millisecond, nothing}}
	case engine.ActionKill:
		return []step{{p.now + 100*time.Millisecond, func(w *worker) {
			if w.pid == d.PID {
				w.ended = true
				p.end(w, "", "SIGKILL")
			}
		}}}
	case engine.ActionReplace:
		return []step{{p.now + time.Second, func(w *worker) {
			if number := d.Env[p.getVariable()]; number != "" {
				w.instance = number
			}
			w.ended = true
			p.restart(w)
		}}, {p.now + 3*time.Second + p.world.Boot, nothing}}
	}
	return []step{{p.now + tick, nothing}}
}

// judge notes an action on a worker that an operator has taken down, or that takes one down
// that serves. What happened in the last second the engine may not know yet.
func (p *play) judge(d plan.Decision) {
	w := p.find(d.ID)
	if w == nil || observe.TouchesNone(d.Action) {
		return
	}
	up := p.isServing(w) && p.now-max(w.ready, w.blocked, w.stopped) > time.Second
	switch {
	case w.takenDown && w.pid == 0 && !w.unheard && p.now-w.asked > time.Second:
		p.result.Meddled = append(p.result.Meddled, fmt.Sprintf("%s at %s of worker %d, which an operator has taken down", d.Action, p.now, d.ID))
	case up && d.Action != engine.ActionReplace:
		p.result.Meddled = append(p.result.Meddled, fmt.Sprintf("%s at %s of worker %d, which serves (%s)", d.Action, p.now, d.ID, d.Why))
	}
}

// carryOn does the steps that are due.
func (e *pilot) carryOn(p *play) {
	for _, a := range e.under {
		for len(a.steps) > 0 && p.now >= a.steps[0].at {
			w := p.find(a.ID)
			switch {
			case a.ID < 0:
			case w == nil || p.gone > 0:
				a.failed = true
			default:
				w.ended = w.ended || a.Action == engine.ActionStop
				if a.Action == engine.ActionKill || a.Action == engine.ActionReplace {
					p.meetFaults(Fault.isHarsh)
				}
				a.steps[0].do(w)
			}
			a.steps = a.steps[1:]
		}
		if len(a.steps) == 0 && a.heard {
			end := observe.ActionEvent{At: p.now + epoch, Action: a.Action, Phase: engine.PhaseDone, ID: a.ID, PID: a.PID}
			if a.failed {
				end.Phase, end.Error = engine.PhaseFailed, "PM2 does not do it"
			}
			e.actions = append(e.actions, end)
		}
	}
	e.under = slices.DeleteFunc(e.under, func(a *action) bool { return len(a.steps) == 0 })
}
