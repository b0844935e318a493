package sim

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// tick is the model's step.
const tick = 100 * time.Millisecond

// after is how long a world goes on once its faults are over: longer than the longest wait
// between two trials of what was stopped, and what a canary may take.
const after = 150 * time.Second

// Result is what a world came to.
type Result struct {
	Served   time.Duration   // of all workers together
	Outages  []Outage        // in which nobody served
	Told     []time.Duration // when people were told of an incident
	All      time.Duration   // since when all workers serve at the end, -1 if they do not
	Doubled  []string        // actions begun on a worker that was under one
	LongHeld time.Duration   // the longest that a worker was held without a trial
}

// Outage is a span in which no worker served.
type Outage struct{ From, To time.Duration }

// play is a world under way.
type play struct {
	world   World
	now     time.Duration
	pids    int
	workers []*worker
	events  []observe.Event // since the engine's last look
	pilot   *pilot          // nil for PM2 alone
	result  Result
	held    map[int]time.Duration // by worker id, since the last trial
	poison  time.Duration         // when the next such request comes
	turns   int                   // whose turn it is to answer
}

// Play plays a world, with the engine or without it. sabotage, if given, changes what the
// engine has decided: to prove that a mistake is found.
func Play(world World, engine bool, sabotage Sabotage) Result {
	p := &play{world: world, pids: 100, result: Result{All: -1}, held: map[int]time.Duration{}}
	for id := range world.Workers {
		w := &worker{id: id, status: "online", pid: 200 + id, serves: true, started: -time.Hour, beats: observe.MinBeats}
		p.workers = append(p.workers, w)
	}
	if engine {
		p.pilot = newPilot(nil, sabotage)
	}
	for ; p.now < world.End()+after; p.now += tick {
		p.inject()
		for _, w := range p.workers {
			p.turn(w)
		}
		p.account()
		if p.pilot != nil {
			p.pilot.fly(p)
		}
	}
	return p.result
}

// inject has the faults of this moment happen.
func (p *play) inject() {
	for _, f := range p.world.Faults {
		w := p.workers[f.Worker%len(p.workers)]
		begins := p.now >= f.At && p.now-tick < f.At
		switch {
		case f.Kind == Poison && p.now >= f.At && p.now < f.At+f.For && p.now >= p.poison:
			p.poison = p.now + 1200*time.Millisecond
			if w := p.nextServing(); w != nil {
				p.end(w, "TypeError: Cannot read properties of undefined (reading 'id')")
			}
		case !begins:
		case f.Kind == Blocked && w.pid != 0:
			w.blocked = f.At + f.For
		case f.Kind == Stopped && w.pid != 0:
			w.stopped = f.At + f.For
		case f.Kind == Killed && w.pid != 0:
			p.end(w, "")
		case f.Kind == Restarted:
			p.event(observe.KindAsked, w.id, "restart")
			p.restart(w)
		case f.Kind == EngineGone && p.pilot != nil:
			p.pilot = p.pilot.succeed(p.now + min(f.For, 10*time.Second))
		}
	}
}

// nextServing returns the worker that the next request goes to, nil if nobody serves.
func (p *play) nextServing() *worker {
	for range p.workers {
		p.turns++
		if w := p.workers[p.turns%len(p.workers)]; p.isServing(w) {
			return w
		}
	}
	return nil
}

// account adds up who serves.
func (p *play) account() {
	serving := 0
	for _, w := range p.workers {
		if p.isServing(w) {
			serving++
		}
	}
	p.result.Served += time.Duration(serving) * tick
	out := &p.result.Outages
	switch open := len(*out) > 0 && (*out)[len(*out)-1].To == p.now; {
	case serving == 0 && open:
		(*out)[len(*out)-1].To = p.now + tick
	case serving == 0:
		*out = append(*out, Outage{p.now, p.now + tick})
	}
	switch all := serving == len(p.workers); {
	case !all:
		p.result.All = -1
	case p.result.All < 0:
		p.result.All = p.now
	}
}

// event files what PM2's bus says.
func (p *play) event(kind string, id int, text string) {
	if p.pilot != nil && p.now >= p.pilot.from {
		p.events = append(p.events, observe.Event{At: p.now, Kind: kind, ID: id, Text: text})
	}
}

// find returns a worker by its id.
func (p *play) find(id int) *worker {
	i := slices.IndexFunc(p.workers, func(w *worker) bool { return w.id == id })
	return p.workers[i]
}
