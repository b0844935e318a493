package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Addresses and processes of the model.
const (
	server   = "10.0.0.5:5432"
	port     = 3000
	daemon   = 50
	stranger = 9999
)

// Sabotage makes the engine wrong in one way. The zero value makes it what it is.
type Sabotage struct {
	Decide  func([]plan.Decision) []plan.Decision // what becomes of its decisions; nil for nothing
	Forgets bool                                  // an engine that follows another one knows nothing of what that has stopped
}

// pilot is the engine at work on a world.
type pilot struct {
	sabotage Sabotage
	from     time.Duration // when it starts to look
	due      time.Duration // of the next look
	looks    int
	facts    *diagnose.Reader
	state    plan.State
	focus    observe.Focus
	actions  []observe.ActionEvent // since the last look
	under    []action
	seen     map[int]time.Duration // by pid
	checked  time.Duration         // when the health URL was last asked for its own sake
	usual    observe.Usual         // how it has answered
	beats    map[int]int           // heartbeats of a pid before the first look at it
	limits   plan.Limits
}

// action is one under way.
type action struct {
	plan.Decision
	steps []step
}

// step is a part of an action, and when it is done.
type step struct {
	at time.Duration
	do func(*worker)
}

func newPilot(held map[int]engine.Cause, sabotage Sabotage) *pilot {
	limits := plan.DefaultLimits()
	return &pilot{sabotage: sabotage, facts: diagnose.NewReader(limits.Stall, nodeerr.NewMemo()), state: plan.NewState(held), seen: map[int]time.Duration{}, beats: map[int]int{}, limits: limits}
}

// succeed returns the engine that follows one which is killed, from a time on. It knows what
// was noted of the workers that the first one has stopped. What PM2 was asked for is done.
func (e *pilot) succeed(from time.Duration) *pilot {
	held := map[int]engine.Cause{}
	for id, cause := range e.state.Held {
		held[id] = cause
	}
	for _, a := range e.under {
		if a.Action == engine.ActionStop {
			held[a.ID] = a.Cause
		}
	}
	if e.sabotage.Forgets {
		held = nil
	}
	next := newPilot(held, e.sabotage)
	next.from, next.due = from, from
	for _, a := range e.under {
		a.Kind = "" // nobody hears how it ends
		next.under = append(next.under, a)
	}
	return next
}

// fly carries on what is under way, and looks when it is time to.
func (e *pilot) fly(p *play) {
	e.carryOn(p)
	for id := range e.state.Held {
		if e.state.Busy[id] == "" {
			p.held[id] += tick
			p.result.LongHeld = max(p.result.LongHeld, p.held[id])
		}
	}
	woken := len(p.events) > 0 && p.now-p.events[0].At >= tick
	if p.now < e.from || p.now < e.due && !woken {
		return
	}
	o := e.look(p)
	facts := e.facts.Read(o)
	var decisions []plan.Decision
	e.state, decisions = plan.Decide(e.state, o, diagnose.Diagnose(facts), e.limits)
	if e.sabotage.Decide != nil {
		decisions = e.sabotage.Decide(decisions)
	}
	for _, d := range decisions {
		switch d.Kind {
		case plan.Raise:
			p.result.Told = append(p.result.Told, p.now)
		case plan.Act:
			e.begin(p, d)
		}
	}
	was := e.focus
	e.focus = plan.ChooseFocus(e.state, facts)
	e.looks++
	e.due = p.now + e.focus.PauseBefore(e.looks)
	if e.focus.Exceeds(was) {
		e.due = p.now
	}
}

// begin begins an action. Its steps take about what they take with PM2.
func (e *pilot) begin(p *play, d plan.Decision) {
	if i := slices.IndexFunc(e.under, func(a action) bool { return a.ID == d.ID && a.Kind != "" }); i >= 0 {
		p.result.Doubled = append(p.result.Doubled, fmt.Sprintf("%s of worker %d at %s, under %s", d.Action, d.ID, p.now, e.under[i].Action))
		return
	}
	a := action{Decision: d}
	add := func(after time.Duration, do func(*worker)) { a.steps = append(a.steps, step{p.now + after, do}) }
	nothing := func(*worker) {}
	switch d.Action {
	case engine.ActionStop:
		add(300*time.Millisecond, p.stop)
	case engine.ActionRestart:
		p.held[d.ID] = 0
		add(200*time.Millisecond, p.restart)
		add(400*time.Millisecond, nothing)
	case engine.ActionKill:
		add(100*time.Millisecond, func(w *worker) {
			if w.pid == d.PID {
				p.end(w, "")
			}
		})
	case engine.ActionReplace:
		add(time.Second, p.restart)
		add(3*time.Second+p.world.Boot, nothing)
	default:
		add(tick, nothing)
	}
	e.under = append(e.under, a)
	e.actions = append(e.actions, observe.ActionEvent{At: p.now, Action: d.Action, Phase: engine.PhaseBegin, ID: d.ID, PID: d.PID})
}

// carryOn does the steps that are due.
func (e *pilot) carryOn(p *play) {
	for i := range e.under {
		a := &e.under[i]
		for len(a.steps) > 0 && p.now >= a.steps[0].at {
			if a.ID >= 0 {
				a.steps[0].do(p.find(a.ID))
			}
			a.steps = a.steps[1:]
		}
		if len(a.steps) == 0 && a.Kind != "" {
			e.actions = append(e.actions, observe.ActionEvent{At: p.now, Action: a.Action, Phase: engine.PhaseDone, ID: a.ID, PID: a.PID})
		}
	}
	e.under = slices.DeleteFunc(e.under, func(a action) bool { return len(a.steps) == 0 })
}

// look is what the engine sees now.
func (e *pilot) look(p *play) observe.Observation {
	o := observe.Observation{At: p.now + time.Hour, Daemon: observe.Daemon{PID: daemon, Alive: true, Version: "7.0.4"}}
	for _, w := range p.workers {
		o.Workers = append(o.Workers, e.row(p, w))
	}
	for _, ev := range p.events {
		ev.At += time.Hour
		o.Events = append(o.Events, ev)
	}
	for _, a := range e.actions {
		a.At += time.Hour
		o.Actions = append(o.Actions, a)
	}
	p.events, e.actions = nil, nil
	if p.world.NeedsServer && p.world.Known {
		o.Known = []observe.Server{{Address: server, By: observe.BySocket}}
	}
	if e.focus.Port {
		o.Port = p.listeners()
	}
	for _, address := range e.focus.Addresses {
		probe := observe.Probe{Address: address, OK: address != server || !p.world.isOn(ServerGone, p.now)}
		if !probe.OK {
			probe.Error = "connection refused"
		}
		o.Probes = append(o.Probes, probe)
	}
	for range e.focus.Answers {
		o.Answers = append(o.Answers, p.ask())
	}
	if p.now-e.checked >= time.Second {
		o.Checks, e.checked = append(o.Checks, p.ask()), p.now
		if o.Checks[0].Good() {
			e.usual = observe.Usual{Status: o.Checks[0].Status, Took: o.Checks[0].Took}
		}
	}
	o.Usual = e.usual
	return o
}

// ask is one request of the health URL.
func (p *play) ask() observe.Answer {
	if w := p.nextServing(); w != nil {
		return observe.Answer{At: p.now + time.Hour, PID: w.pid, Status: 200, Took: 5 * time.Millisecond}
	}
	return observe.Answer{At: p.now + time.Hour, Error: "connection refused"}
}

// row is a worker as PM2 and the kernel show it.
func (e *pilot) row(p *play, w *worker) observe.Worker {
	r := observe.Worker{
		ID: w.id, Instance: fmt.Sprint(w.id), PID: w.pid, Status: w.status, Mode: "cluster", GaveUp: w.status == "errored",
		Alive: w.pid != 0, Restarts: w.restarts, Unstable: w.unstable, Ticks: w.ticks, RSS: 60 << 20,
	}
	if w.pid == 0 {
		return r
	}
	if _, ok := e.seen[w.pid]; !ok {
		e.seen[w.pid], e.beats[w.pid] = p.now, w.beats
	}
	r.State, r.Uptime, r.Since = "S", p.now-w.started, e.seen[w.pid]+time.Hour
	if w.started < 0 {
		e.beats[w.pid] = 0 // it had been beating for long
	}
	if r.Beats = w.beats - e.beats[w.pid]; r.Beats > 0 {
		r.Beat = w.lastBeat + time.Hour
	}
	switch {
	case p.now < w.stopped:
		r.State = "T"
	case p.now < w.blocked:
		r.State = "R"
	}
	return r
}

// listeners are those on the app's port.
func (p *play) listeners() *observe.Port {
	found := &observe.Port{Number: port}
	if p.world.isOn(PortTaken, p.now) && !p.isListening() {
		found.Listeners = append(found.Listeners, observe.Listener{PID: stranger, Command: "nc -l 3000", Address: "0.0.0.0:3000"})
	}
	if p.isListening() {
		found.Listeners = append(found.Listeners, observe.Listener{PID: daemon, Command: "PM2", Ours: true, Address: "0.0.0.0:3000"})
	}
	return found
}
