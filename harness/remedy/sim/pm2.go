package sim

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// PM2's times (constants.js, MIN_UPTIME; God.js, exp_backoff_restart_delay).
const (
	minUptime  = time.Second
	backoffMin = 100 * time.Millisecond
	backoffMax = 15 * time.Second
)

// worker is a row of PM2's list, with its process.
type worker struct {
	id       int
	status   string // PM2's word
	pid      int    // 0 for no process
	started  time.Duration
	ready    time.Duration // when it serves, or dies of what it lacks
	serves   bool
	blocked  time.Duration // until then its event loop does not turn
	stopped  time.Duration // until then its process is stopped
	restarts int
	unstable int
	delay    time.Duration // the next of the back-off
	again    time.Duration // when PM2 starts it again, 0 for never
	lastBeat time.Duration
	beats    int
	ticks    int
}

// start has PM2 start a process.
func (p *play) start(w *worker) {
	p.pids++
	w.status, w.pid, w.started, w.ready, w.again = "online", p.pids, p.now, p.now+p.world.Boot, 0
	w.serves, w.blocked, w.stopped, w.beats, w.lastBeat = false, 0, 0, 0, 0
	p.event(observe.KindOnline, w.id, "")
}

// end has a process end by itself. PM2 starts another one, or gives the worker up.
func (p *play) end(w *worker, said string) {
	if said != "" {
		p.event(observe.KindError, w.id, said)
	}
	p.event(observe.KindExit, w.id, "")
	if p.now-w.started < minUptime {
		w.unstable++
	} else {
		w.unstable, w.delay = 0, 0
	}
	w.pid, w.serves = 0, false
	w.restarts++
	if w.unstable >= p.world.MaxRestarts {
		w.status, w.again = "errored", 0
		p.event(observe.KindOverlimit, w.id, "")
		return
	}
	wait := p.world.Delay
	if p.world.Backoff {
		w.delay = min(max(backoffMin, w.delay*3/2), backoffMax)
		wait = w.delay
	}
	w.status, w.again = "waiting restart", p.now+max(wait, tick)
}

// stop has PM2 end a process and keep it down.
func (p *play) stop(w *worker) {
	p.event(observe.KindStopping, w.id, "")
	if w.pid != 0 {
		p.event(observe.KindExit, w.id, "")
	}
	w.status, w.pid, w.serves, w.again = "stopped", 0, false, 0
}

// restart has PM2 end a process, if there is one, and start another.
func (p *play) restart(w *worker) {
	if w.pid != 0 {
		p.event(observe.KindStopping, w.id, "")
		p.event(observe.KindExit, w.id, "")
	}
	w.unstable, w.delay = 0, 0
	p.start(w)
}

// turn is one tick of a worker's process.
func (p *play) turn(w *worker) {
	switch {
	case w.pid == 0 && w.again > 0 && p.now >= w.again:
		p.start(w)
	case w.pid == 0 || p.now < w.stopped:
		return
	case p.now < w.blocked:
		w.ticks += int(tick / (10 * time.Millisecond))
		return
	}
	if p.now-max(w.lastBeat, w.started) >= observe.SlowLook {
		w.lastBeat, w.beats, w.ticks = p.now, w.beats+1, w.ticks+1
	}
	gone := p.world.NeedsServer && p.world.isOn(ServerGone, p.now)
	switch {
	case w.serves && gone && p.world.DiesServing:
		p.end(w, p.world.Words)
	case w.serves || p.now < w.ready:
	case p.world.isOn(FileGone, p.now):
		p.end(w, "Error: ENOENT: no such file or directory, open '/srv/app/settings.json'")
	case gone:
		p.end(w, p.world.Words)
	case p.world.isOn(PortTaken, p.now) && !p.isListening():
		p.end(w, "Error: listen EADDRINUSE: address already in use 0.0.0.0:3000")
	default:
		w.serves = true
	}
}

// isListening reports whether PM2's daemon listens for the app, as it does while any worker
// does: a stranger cannot take the port then.
func (p *play) isListening() bool {
	return slices.ContainsFunc(p.workers, func(w *worker) bool { return w.pid != 0 && w.serves })
}

// isServing reports whether a worker answers now.
func (p *play) isServing(w *worker) bool {
	return w.pid != 0 && w.serves && p.now >= w.blocked && p.now >= w.stopped
}
