package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Sabotage makes the engine wrong in one way. The zero value makes it what it is.
type Sabotage struct {
	Decide  func([]plan.Decision) []plan.Decision // what becomes of its decisions; nil for nothing
	Forgets bool                                  // an engine that follows another one knows nothing of what that has stopped
}

// Engine plays the engine in worlds, in one after the other.
type Engine struct {
	Sabotage Sabotage
	words    *nodeerr.Memo
	patient  bool // it looks on to the end of a world though it has nothing to do
}

// NewEngine returns an engine.
func NewEngine(sabotage Sabotage) *Engine {
	return &Engine{Sabotage: sabotage, words: nodeerr.NewMemo()}
}

// pilot is the engine at work on a world.
type pilot struct {
	*Engine
	from    time.Duration // when it starts to look
	due     time.Duration // of the next look
	looks   int
	stirred time.Duration // when it has last seen anything wrong, or done something
	facts   *diagnose.Reader
	state   plan.State
	focus   observe.Focus
	actions []observe.ActionEvent // since the last look
	under   []*action
	seen    map[int]seen // by pid
	checked time.Duration
	usual   observe.Usual // how the health URL has answered
	limits  plan.Limits
	rows    []observe.Worker // room for those of the next looks
	notes   map[int]note     // on the disk, by worker id
}

// seen is the first look at a process.
type seen struct {
	at    time.Duration
	beats int // that it had sent before, none of one that has run for long
}

// note is what is written down before a worker is stopped, or started again.
type note struct {
	action  string
	cause   engine.Cause
	at      time.Duration
	earlier bool // an earlier engine wrote it, and what became of it is not known yet
}

func newPilot(e *Engine) *pilot {
	limits := plan.DefaultLimits()
	return &pilot{Engine: e, facts: diagnose.NewReader(limits.Stall, e.words), state: plan.NewState(nil), seen: map[int]seen{}, notes: map[int]note{}, limits: limits}
}

// succeed returns the engine that follows one which is killed, from a time on. It knows what
// was noted of the workers that the first one has stopped, or was about to. What PM2 was asked
// for is done.
func (e *pilot) succeed(from time.Duration) *pilot {
	next := newPilot(e.Engine)
	if !e.Sabotage.Forgets {
		for id, n := range e.notes {
			n.earlier = true
			next.notes[id] = n
		}
	}
	next.from, next.due, next.stirred = from, from, from
	for _, a := range e.under {
		a.heard = false
		next.under = append(next.under, a)
	}
	return next
}

// fly carries on what is under way, and looks when it is time to.
func (e *pilot) fly(p *play) {
	e.carryOn(p)
	woken := len(p.events) > 0 && p.now-(p.events[0].At-epoch) >= tick
	switch {
	case p.now < e.from, p.now < e.due && !woken:
		return
	case e.looks == 0 && p.gone > 0:
		e.due = p.gone // without a daemon it does not begin
		return
	}
	o := e.look(p)
	e.reconcile(p)
	facts := e.facts.Read(o)
	found := diagnose.Diagnose(facts)
	var decisions []plan.Decision
	e.state, decisions = plan.Decide(e.state, o, found, e.limits)
	if len(found)+len(decisions)+len(e.state.Incidents)+len(e.state.Held) > 0 {
		e.stirred = p.now
	}
	if e.Sabotage.Decide != nil {
		decisions = e.Sabotage.Decide(decisions)
	}
	for _, d := range decisions {
		switch d.Kind {
		case plan.Raise:
			p.result.Told = append(p.result.Told, p.now)
		case plan.Act:
			e.begin(p, d)
		}
	}
	maps.DeleteFunc(e.notes, func(id int, n note) bool { return !n.earlier && !e.state.Keeps(id) })
	was := e.focus
	e.focus = plan.ChooseFocus(e.state, facts)
	e.looks++
	e.due = p.now + e.focus.PauseBefore(e.looks)
	if e.focus.Exceeds(was) {
		e.due = p.now
	}
}

// noteSlack is how long after the note of a stop PM2 may have started the process that the same action
// ended, and noteLate how long it may take to begin a stop (intent.Fate).
const (
	noteSlack = 2 * time.Second
	noteLate  = 15 * time.Second
)

// reconcile compares what an earlier engine has noted with PM2's list, as the engine does.
func (e *pilot) reconcile(p *play) {
	for id, n := range e.notes {
		w := p.find(id)
		switch {
		case !n.earlier:
			continue
		case w == nil, w.started > n.at+noteSlack, w.started > n.at && n.action == engine.ActionRestart:
		case w.pid != 0 && p.now < n.at+noteLate, w.status == "waiting restart":
			continue
		case w.status == "stopped" || w.status == "errored":
			e.state = e.state.Inherit(id, n.cause)
		}
		n.earlier = false
		e.notes[id] = n
	}
}

// findNext calls at with the moments at which the engine may have something to do.
func (e *pilot) findNext(p *play, at func(time.Duration)) {
	at(max(e.due, e.from))
	if len(p.events) > 0 {
		at(max(p.events[0].At-epoch+tick, e.from))
	}
	for _, a := range e.under {
		at(a.steps[0].at)
	}
}

// idleFor is how long the engine must have had nothing to do and to say, to have none any more.
const idleFor = 15 * time.Second

// isIdle reports whether the engine will do and say nothing any more if all goes on as it does.
func (e *pilot) isIdle(p *play) bool {
	return !e.patient && len(e.under)+len(p.events)+len(e.actions) == 0 && p.now-e.stirred >= idleFor
}

// listStuck lists the incidents that are open though what they are about is not diagnosed any
// more.
func (e *pilot) listStuck(p *play) []engine.Cause {
	var out []engine.Cause
	for _, in := range e.state.Incidents {
		if p.now-(in.Seen-epoch) > after/2 {
			out = append(out, in.Diagnosis.Cause)
		}
	}
	return out
}

// isWatching reports whether the engine runs.
func (e *pilot) isWatching(p *play) bool { return p.now >= e.from && e.looks > 0 }

// isReplacing reports whether a worker is being replaced.
func (e *pilot) isReplacing(id int) bool {
	return slices.ContainsFunc(e.under, func(a *action) bool { return a.ID == id && a.Action == engine.ActionReplace })
}

// addHeld adds up how long workers are held until then.
func (e *pilot) addHeld(p *play, then time.Duration) {
	for id := range e.state.Held {
		if e.state.Busy[id] == "" {
			p.held[id] += then - p.now
			p.result.LongHeld = max(p.result.LongHeld, p.held[id])
		}
	}
}
