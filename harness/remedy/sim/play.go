package sim

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// tick is the model's grain: everything happens at multiples of it.
const tick = 100 * time.Millisecond

// after is how long a world goes on once its faults are over, unless all is well before:
// longer than the longest wait between two trials of what was stopped, and what a canary may take.
const after = 150 * time.Second

// Result is what a world came to.
type Result struct {
	Served   time.Duration   // of all workers together
	Outages  []Outage        // in which nobody served
	Told     []time.Duration // when people were told of an incident
	All      time.Duration   // since when all workers serve at the end, -1 if they do not
	Doubled  []string        // actions begun on a worker that was under one
	Meddled  []string        // actions on a worker that an operator had taken down, or that took one down that served
	LongHeld time.Duration   // the longest that a worker was held without a trial
	Exposed  time.Duration   // how long workers were down since what a start needs went away while the engine had ended one, or were being replaced
	Stuck    []engine.Cause  // incidents that are open at the end, though all is well and nothing is diagnosed any more
	Hit      []bool          // of each fault of one process: there was a process
	Leader   bool            // a worker has the number 0 at the end, or there is but one, which cannot be replaced without loss
}

// Outage is a span in which no worker served.
type Outage struct{ From, To time.Duration }

// play is a world under way.
type play struct {
	world    World
	now      time.Duration
	until    time.Duration
	pids     int
	daemon   int // pid
	workers  []*worker
	events   []observe.Event // since the engine's last look
	echoes   []observe.Event // of PM2's commands, which say what they did when they have ended
	pilot    *pilot          // nil for PM2 alone
	result   Result
	held     map[int]time.Duration // by worker id, since the last trial
	poison   time.Duration         // when the next such request comes
	turns    int                   // whose turn it is to answer the engine
	poisons  int                   // and to answer such a request
	gone     time.Duration         // until then there is no daemon, 0 while there is one
	phases   []int                 // of each fault: 0 before it, 1 while it is on, 2 after
	reloads  []int                 // workers that a reload has replaced, of each fault
	known    []observe.Server      // of which the engine knows
	listened bool                  // somebody listened a moment ago
	harsh    time.Duration         // until then it is bad luck if a worker that the engine has ended does not come back
	leaky    bool                  // a process may use too much memory: PM2 has a limit of it
}

// Play plays a world: with an engine, or with none for PM2 alone.
func Play(world World, e *Engine) Result {
	p := newPlay(world, e)
	for p.now < p.until {
		p.apply()
		p.deliverEchoes()
		for _, w := range p.workers {
			p.turn(w)
		}
		if p.pilot != nil {
			p.pilot.fly(p)
		}
		next := p.findNext()
		p.addServing(next)
		p.now = next
	}
	if p.pilot != nil && p.result.All >= 0 && p.until-p.result.All > after/2 {
		p.result.Stuck = p.pilot.listStuck(p)
	}
	p.result.Leader = len(p.workers) == 1 || slices.ContainsFunc(p.workers, func(w *worker) bool { return w.instance == observe.Leader })
	return p.result
}

// newPlay returns a world at its beginning: all workers serve.
func newPlay(world World, e *Engine) *play {
	p := &play{
		world: world, leaky: world.has(Leak), pids: 100, daemon: 50, until: world.End() + after, result: Result{All: -1, Hit: make([]bool, len(world.Faults))}, held: map[int]time.Duration{},
		phases: make([]int, len(world.Faults)), reloads: make([]int, len(world.Faults)),
	}
	for id := range world.Workers {
		p.workers = append(p.workers, &worker{
			id: id, instance: strconv.Itoa(id), status: "online", pid: 200 + id, serves: true, started: -time.Hour, beats: observe.MinBeats,
		})
	}
	if world.NeedsServer && world.Known {
		p.known = []observe.Server{{Address: server, By: observe.BySocket}}
	}
	if e != nil {
		p.pilot = newPilot(e)
	}
	return p
}

// findNext returns the next moment at which something may happen.
func (p *play) findNext() time.Duration {
	next := p.until
	if p.isOver() {
		return next
	}
	at := func(t time.Duration) {
		t = (t + tick - 1) / tick * tick
		if t <= p.now {
			t = p.now + tick
		}
		next = min(next, t)
	}
	for i, f := range p.world.Faults {
		switch p.phases[i] {
		case 0:
			at(f.At)
		case 1:
			at(f.At + f.For)
		}
		switch {
		case f.Kind == Poison && f.isOn(p.now):
			at(p.poison)
		case f.Kind == Reloaded && p.phases[i] > 0 && p.reloads[i] < len(p.workers):
			at(f.At + time.Duration(p.reloads[i]/2+1)*p.world.Boot)
		}
	}
	for _, w := range p.workers {
		p.findNextOf(w, at)
	}
	for _, e := range p.echoes {
		at(e.At - epoch)
	}
	if p.pilot != nil {
		p.pilot.findNext(p, at)
	}
	return next
}

// findNextOf calls at with the moments at which something may happen to a worker.
func (p *play) findNextOf(w *worker, at func(time.Duration)) {
	switch {
	case p.gone > 0:
	case w.pid == 0 && w.again > 0:
		at(w.again)
	case w.pid == 0:
	case p.now < w.stopped || p.now < w.blocked:
		at(max(w.stopped, w.blocked))
		at(w.blocked)
	case !w.serves:
		at(w.ready)
	}
	if p.now < w.leaks && w.pid != 0 {
		at(p.now/memoryEach*memoryEach + memoryEach)
	}
}

// isOver reports whether nothing happens any more: all faults are over, all workers serve, and
// the engine has had nothing to do or to say for long.
func (p *play) isOver() bool {
	if p.now < p.world.End()+idleFor || slices.ContainsFunc(p.phases, func(n int) bool { return n < 2 }) || slices.ContainsFunc(p.workers, func(w *worker) bool { return !p.isServing(w) }) {
		return false
	}
	for i, f := range p.world.Faults {
		if f.Kind == Reloaded && p.reloads[i] < len(p.workers) {
			return false
		}
	}
	return p.pilot == nil || p.pilot.isIdle(p)
}

// findNextServing returns the worker that the next request goes to, in turn, nil if
// nobody serves.
func (p *play) findNextServing(turn *int) *worker {
	for range p.workers {
		*turn++
		if w := p.workers[*turn%len(p.workers)]; p.isServing(w) {
			return w
		}
	}
	return nil
}

// addServing adds up who serves from now until then.
func (p *play) addServing(then time.Duration) {
	serving, wanted, well := 0, 0, 0
	if was := p.listened; was && !p.isListening() && p.hasEnded() {
		p.meetFaults(func(f Fault) bool { return f.Kind == PortTaken })
	}
	p.listened = p.isListening()
	for _, w := range p.workers {
		replaced := p.pilot != nil && p.pilot.isReplacing(w.id)
		if !w.takenDown {
			wanted++
		}
		switch {
		case p.isServing(w):
			serving, w.ended = serving+1, false
		case p.now < p.harsh || replaced:
			p.result.Exposed += then - p.now
		}
		if p.isServing(w) || replaced {
			well++
		}
	}
	p.result.Served += time.Duration(serving) * (then - p.now)
	out := &p.result.Outages
	switch open := len(*out) > 0 && (*out)[len(*out)-1].To == p.now; {
	case serving > 0 || wanted == 0 || p.pilot != nil && !p.pilot.isWatching(p):
	case open:
		(*out)[len(*out)-1].To = then
	default:
		*out = append(*out, Outage{p.now, then})
	}
	switch all := well == len(p.workers); {
	case !all:
		p.result.All = -1
	case p.result.All < 0:
		p.result.All = p.now
	}
	if p.pilot != nil {
		p.pilot.addHeld(p, then)
		p.findOverridden()
	}
}

// overriddenFor is how long a worker that an operator has taken down may run since the engine was
// starting it meanwhile: PM2's command says only at its end what it did.
const overriddenFor = 3 * time.Second

// findOverridden notes workers that run though an operator has taken them down.
func (p *play) findOverridden() {
	for _, w := range p.workers {
		if w.takenDown && w.pid != 0 && !w.unheard && p.gone == 0 && p.pilot.isWatching(p) && p.now-max(w.asked, w.started) > overriddenFor {
			w.unheard = true // once
			p.result.Meddled = append(p.result.Meddled, fmt.Sprintf("worker %d runs at %s, and an operator has taken it down at %s", w.id, p.now, w.asked))
		}
	}
}

// addEvent files what PM2's bus says.
func (p *play) addEvent(kind string, id int, text string) {
	if p.pilot != nil && p.now >= p.pilot.from && p.gone == 0 {
		p.events = append(p.events, observe.Event{At: p.now + epoch, Kind: kind, ID: id, Text: text})
	}
}

// deliverEchoes files what PM2's commands say by now.
func (p *play) deliverEchoes() {
	for len(p.echoes) > 0 && p.echoes[0].At-epoch <= p.now {
		e := p.echoes[0]
		p.echoes = p.echoes[1:]
		p.addEvent(e.Kind, e.ID, e.Text)
	}
}

// isOn reports whether a fault of a kind is on.
func (p *play) isOn(kind string) bool {
	for i, f := range p.world.Faults {
		if p.phases[i] == 1 && f.Kind == kind {
			return true
		}
	}
	return false
}

// find returns a worker by its id, nil if there is none.
func (p *play) find(id int) *worker {
	for _, w := range p.workers {
		if w.id == id {
			return w
		}
	}
	return nil
}
