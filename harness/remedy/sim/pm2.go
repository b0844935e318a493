package sim

import (
	"slices"
	"strconv"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// PM2's times (constants.js, MIN_UPTIME; God.js, exp_backoff_restart_delay; Worker.js:60).
const (
	minUptime   = time.Second
	backoffMin  = 100 * time.Millisecond
	backoffMax  = 15 * time.Second
	memoryEach  = 30 * time.Second
	memoryUsual = 60 << 20
	memoryLimit = 150 << 20
	memoryLeaky = 200 << 20
)

// worker is a row of PM2's list, with its process.
type worker struct {
	id        int
	instance  string
	status    string // PM2's word
	pid       int    // 0 for no process
	started   time.Duration
	ready     time.Duration // when it serves, or dies of what it lacks
	serves    bool
	blocked   time.Duration // until then its event loop does not turn
	stopped   time.Duration // until then its process is stopped
	leaks     time.Duration // until then its processes use too much memory
	takenDown bool          // by an operator
	ended     bool          // by the engine, for its own good, and it has not served since
	unheard   bool          // it was down already and no engine ran that could hear of it
	asked     time.Duration // when an operator used PM2's command on it last
	restarts  int
	unstable  int
	delay     time.Duration // the next of the back-off
	again     time.Duration // when PM2 starts it again, 0 for never
	turned    time.Duration // when its process was last looked after
	lastBeat  time.Duration
	beats     int
	said      string // the last error in its log
	ticks     int
}

// start has PM2 start a process.
func (p *play) start(w *worker) {
	p.pids++
	w.status, w.pid, w.started, w.ready, w.again = "online", p.pids, p.now, p.now+p.world.Boot, 0
	w.serves, w.blocked, w.stopped, w.beats, w.lastBeat, w.turned = false, 0, 0, 0, 0, p.now
	w.said = ""
	p.addEvent(observe.KindOnline, w.id, "")
}

// end has a process end by itself, or by a signal. PM2 starts another one, or gives the
// worker up.
func (p *play) end(w *worker, said, how string) {
	if said != "" {
		w.said = said
		p.addEvent(observe.KindError, w.id, said)
	}
	p.addEvent(observe.KindExit, w.id, "")
	p.addEvent(observe.KindEnded, w.id, how)
	if p.now-w.started < minUptime {
		w.unstable++
	} else {
		w.unstable, w.delay = 0, 0
	}
	w.pid, w.serves = 0, false
	w.restarts++
	if w.unstable >= p.world.MaxRestarts {
		w.status, w.again = "errored", 0
		p.addEvent(observe.KindOverlimit, w.id, "")
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
	p.addEvent(observe.KindStopping, w.id, "")
	if w.pid != 0 {
		p.addEvent(observe.KindExit, w.id, "")
	}
	w.status, w.pid, w.serves, w.again = "stopped", 0, false, 0
}

// restart has PM2 end a process, if there is one, and start another.
func (p *play) restart(w *worker) {
	if w.pid != 0 {
		p.addEvent(observe.KindStopping, w.id, "")
		p.addEvent(observe.KindExit, w.id, "")
	}
	w.unstable, w.delay = 0, 0
	p.start(w)
}

// turn does what a worker's process does until now.
func (p *play) turn(w *worker) {
	since := w.turned
	w.turned = p.now
	switch {
	case p.gone > 0:
		return
	case w.pid == 0 && w.again > 0 && p.now >= w.again:
		p.start(w)
	case w.pid == 0 || p.now < w.stopped:
		return
	case p.now < w.blocked:
		w.ticks += int((p.now - since) / (10 * time.Millisecond))
		return
	}
	w.sendBeats(since, p.now)
	gone := p.world.NeedsServer && p.isOn(ServerGone)
	switch {
	case p.now < w.leaks && p.now%memoryEach == 0:
		p.restart(w)
	case w.serves && gone && p.world.DiesServing:
		p.end(w, p.world.Words, "exit code 1")
	case w.serves || p.now < w.ready:
	case p.isOn(FileGone):
		p.end(w, "Error: ENOENT: no such file or directory, open '/srv/app/settings.json'", "exit code 1")
	case gone:
		p.end(w, p.world.Words, "exit code 1")
	case p.isOn(PortTaken) && !p.isListening():
		p.end(w, "Error: listen EADDRINUSE: address already in use 0.0.0.0:3000", "exit code 1")
	default:
		w.serves = true
	}
}

// sendBeats sends the heartbeats of a process from a moment to another, one each second.
// One that is late comes at once.
func (w *worker) sendBeats(since, now time.Duration) {
	base := max(w.lastBeat, w.started)
	n := int((now - base) / observe.SlowLook)
	switch {
	case n == 0:
		return
	case base+observe.SlowLook < since:
		n, w.lastBeat = 1, now
	default:
		w.lastBeat = base + time.Duration(n)*observe.SlowLook
	}
	w.beats, w.ticks = w.beats+n, w.ticks+n
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

// findFreeNumber returns the lowest number that no worker has.
func (p *play) findFreeNumber() string {
	for n := 0; ; n++ {
		number := strconv.Itoa(n)
		if !slices.ContainsFunc(p.workers, func(w *worker) bool { return w.instance == number }) {
			return number
		}
	}
}
