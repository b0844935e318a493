package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Kinds of a Fault.
const (
	ServerGone = "server-gone" // the server that the app needs refuses connections
	PortTaken  = "port-taken"  // a stranger listens on the app's port as soon as nobody does
	FileGone   = "file-gone"   // a file that the app reads at boot is missing
	Blocked    = "blocked"     // the event loop of one worker is blocked
	Stopped    = "stopped"     // one worker's process is stopped (SIGSTOP)
	Killed     = "killed"      // one worker's process is killed
	Poison     = "poison"      // a request that kills its worker comes again and again
	Leak       = "leak"        // one worker's processes use more memory than PM2 lets them
	Restarted  = "restarted"   // an operator restarts one worker
	TakenDown  = "taken-down"  // an operator stops one worker, and starts it again later
	Reloaded   = "reloaded"    // an operator reloads the app
	Scaled     = "scaled"      // an operator adds a worker, and later scales the app down by one, which takes the lowest id
	DaemonGone = "daemon-gone" // PM2's daemon dies with its workers, and an operator restores them later
	EngineGone = "engine-gone" // the engine is killed, and another one starts
)

// listKinds lists the kinds of faults of an app, its host and its operators.
func listKinds() []string {
	return []string{ServerGone, PortTaken, FileGone, Blocked, Stopped, Killed, Poison, Leak, Restarted, TakenDown, Reloaded, Scaled, DaemonGone}
}

// Fault is one thing that goes wrong, or that an operator does.
type Fault struct {
	Kind   string
	At     time.Duration // from the beginning
	For    time.Duration // how long; of Blocked and Stopped at most, of Poison the time in which it comes
	Worker int           // of those about one worker: which of the list
}

func (f Fault) String() string {
	return fmt.Sprintf("%s at %s for %s, worker %d", f.Kind, f.At, f.For, f.Worker)
}

// isOn reports whether a fault is on at a time.
func (f Fault) isOn(at time.Duration) bool { return at >= f.At && at < f.At+f.For }

// isHarsh reports whether a worker that is down cannot start while a fault is on.
func (f Fault) isHarsh() bool {
	return f.Kind == ServerGone || f.Kind == FileGone || f.Kind == PortTaken
}

// hasEnded reports whether a worker is down since the engine has ended it.
func (p *play) hasEnded() bool {
	return slices.ContainsFunc(p.workers, func(w *worker) bool { return w.ended })
}

// meetFaults notes that a worker which the engine ends, or the port that it frees so, meets a
// fault that is on.
func (p *play) meetFaults(met func(Fault) bool) {
	for i, f := range p.world.Faults {
		if p.phases[i] == 1 && met(f) {
			p.harsh = max(p.harsh, f.At+f.For+slackAll)
		}
	}
}

// apply has the faults of this moment happen.
func (p *play) apply() {
	for i, f := range p.world.Faults {
		was := p.phases[i]
		if f.Kind == Poison && f.isOn(p.now) && p.now >= p.poison {
			p.poison = p.now + 1200*time.Millisecond
			if w := p.findNextServing(&p.poisons); w != nil {
				p.end(w, "TypeError: Cannot read properties of undefined (reading 'id')", "exit code 1")
			}
		}
		if was == 0 && p.now >= f.At {
			p.phases[i]++
			p.begin(i, f)
		}
		if was < 2 && p.phases[i] == 1 && p.now >= f.At+f.For {
			p.phases[i]++
			p.lift(f)
		}
		if f.Kind == Reloaded && p.phases[i] >= 1 {
			p.reload(i, f)
		}
	}
}

// begin has a fault begin.
func (p *play) begin(i int, f Fault) {
	w := p.workers[f.Worker%len(p.workers)]
	p.result.Hit[i] = w.pid != 0
	if f.isHarsh() && p.hasEnded() {
		p.harsh = max(p.harsh, f.At+f.For+slackAll)
	}
	switch {
	case f.Kind == EngineGone && p.pilot != nil:
		p.pilot = p.pilot.succeed(p.now + min(f.For, 10*time.Second))
	case f.Kind == DaemonGone && p.gone == 0:
		p.gone = f.At + f.For
		for _, w := range p.workers {
			w.pid, w.serves, w.again = 0, false, 0
		}
	case p.gone > 0: // nobody can be asked for anything
	case f.Kind == Blocked && w.pid != 0:
		w.blocked = f.At + f.For
	case f.Kind == Stopped && w.pid != 0:
		w.stopped = f.At + f.For
	case f.Kind == Killed && w.pid != 0:
		p.end(w, "", "SIGKILL")
	case f.Kind == Leak:
		w.leaks = f.At + f.For
	case f.Kind == Restarted:
		p.ask(w, "restart")
	case f.Kind == TakenDown:
		p.ask(w, "stop")
	case f.Kind == Scaled:
		id := p.workers[len(p.workers)-1].id + 1
		p.workers = append(p.workers, &worker{id: id, instance: p.findFreeNumber()})
		p.start(p.workers[len(p.workers)-1])
	}
}

// lift has a fault end.
func (p *play) lift(f Fault) {
	switch f.Kind {
	case DaemonGone:
		if p.now < p.gone {
			return // another one goes on
		}
		p.gone = 0
		p.daemon++
		for _, w := range p.workers {
			w.restarts, w.unstable, w.delay, w.takenDown = 0, 0, 0, false
			p.start(w)
		}
	case TakenDown:
		for _, w := range p.workers {
			if w.takenDown && p.gone == 0 {
				p.ask(w, "restart")
			}
		}
	case Scaled:
		if p.gone == 0 && len(p.workers) > 1 {
			p.stop(p.workers[0])
			p.workers = p.workers[1:]
		}
	}
}

// ask has an operator use PM2's command on a worker.
func (p *play) ask(w *worker, command string) {
	w.unheard = p.pilot != nil && w.status == "stopped" && !p.pilot.isWatching(p)
	if command == "stop" {
		p.stop(w)
	} else {
		p.restart(w)
	}
	w.takenDown, w.asked = command == "stop", p.now
	p.say(w, command)
}

// commandFor is how long PM2's command takes until it says what it did: longer where it waits
// for a process to be ready.
const commandFor = 300 * time.Millisecond

// say has PM2's command say on the bus what it did, when it has ended.
func (p *play) say(w *worker, command string) {
	after := commandFor
	if command != "stop" {
		after += p.world.Ready
	}
	p.echoes = append(p.echoes, observe.Event{At: p.now + after + epoch, Kind: observe.KindAsked, ID: w.id, Text: command})
	slices.SortStableFunc(p.echoes, func(a, b observe.Event) int { return int(a.At - b.At) })
}

// reload goes on with a reload: PM2 replaces two workers at a time, each once its successor
// is ready (God/Reload.js).
func (p *play) reload(i int, f Fault) {
	for ; p.gone == 0 && p.reloads[i] < len(p.workers) && p.now >= f.At+time.Duration(p.reloads[i]/2+1)*p.world.Boot; p.reloads[i]++ {
		w := p.workers[p.reloads[i]]
		if w.takenDown || w.pid == 0 {
			continue
		}
		p.restart(w)
		w.ready = p.now
		p.say(w, "reload")
	}
}
