package remedy

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// watch gathers observations of one app. look must not be called from two
// goroutines at once; everything else may.
type watch struct {
	home string // PM2_HOME
	app  string
	url  string // health URL
	port int    // of url

	wake chan struct{} // filled when something happened

	mu     sync.Mutex
	bus    *pm2.Bus
	chorus chorus  // of the bus's reader alone
	events []Event // since the last look
	deeds  []Deed
	roll   int // rolls under way

	client *pm2.Client
	known  map[int]*known // by pm_id
	script script
	peers  peers
	last   Observation
}

// known is what the watch remembers of a worker id from look to look.
type known struct {
	pid   int
	since time.Duration // when pid was first seen
	print uint64        // last fingerprint of its metrics
	beat  time.Duration // when that last changed
	beats int           // how often it has changed
}

func newWatch(home, app, url string, port int) *watch {
	return &watch{
		home: home, app: app, url: url, port: port,
		wake: make(chan struct{}, 1), known: map[int]*known{},
	}
}

// callWithin bounds one question to PM2's daemon.
const callWithin = 3 * time.Second

// look makes one observation. What it cannot see it leaves out or says so in it.
func (w *watch) look(ctx context.Context, wants Wants) Observation {
	o := Observation{At: host.Now()}
	procs := w.ask(ctx, &o)
	w.attach(ctx, o.Daemon)
	if o.Daemon.Alive && procs != nil {
		w.rows(&o, procs)
	} else if o.Daemon.Alive {
		o.Workers = slices.Clone(w.last.Workers) // it is slow to answer; what was, is
		o.Known, o.Binds = w.last.Known, w.last.Binds
	}
	w.acquaint(&o, procs, wants.Fast)
	w.collect(&o)
	if w.last.At == 0 {
		o.Events = append(lastWords(procs, w.app, o.At), o.Events...)
	}
	if e, changed := w.script.look(procs, w.app, o.At); changed {
		o.Events = append(o.Events, e)
	}
	w.extras(ctx, &o, wants)
	o.Paused = paused(w.home)
	w.last = o
	return o
}

// ask gets PM2's list, and says in o how the daemon is.
func (w *watch) ask(ctx context.Context, o *Observation) []pm2.Process {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	procs, err := w.list(ctx)
	if err != nil {
		w.hangUp()
		o.Daemon = w.last.Daemon
		o.Daemon.Alive, o.Daemon.Error = !errors.Is(err, pm2.ErrDaemonDead), err.Error()
		return nil
	}
	pid, err := pm2.DaemonPID(w.home)
	if err != nil {
		pid = w.last.Daemon.PID
	}
	o.Daemon = Daemon{PID: pid, Alive: true, Version: w.last.Daemon.Version}
	if o.Daemon.Version == "" || pid != w.last.Daemon.PID {
		if v, err := w.client.Version(ctx); err == nil {
			o.Daemon.Version = v
		}
	}
	return append([]pm2.Process{}, procs...)
}

// list asks over the connection that is open, or opens one. A connection that
// broke says nothing about the daemon, so a new one is tried at once.
func (w *watch) list(ctx context.Context) ([]pm2.Process, error) {
	if w.client != nil {
		procs, err := w.client.List(ctx)
		if err == nil || ctx.Err() != nil {
			return procs, err
		}
		w.hangUp()
	}
	client, err := pm2.Dial(ctx, w.home)
	if err != nil {
		return nil, err
	}
	w.client = client
	return client.List(ctx)
}

func (w *watch) hangUp() {
	if w.client != nil {
		w.client.Close()
		w.client = nil
	}
}

// attach subscribes to the bus when there is a daemon and no subscription.
func (w *watch) attach(ctx context.Context, d Daemon) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.bus != nil || !d.Alive {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	bus, err := pm2.Subscribe(ctx, w.home, topics()...)
	if err != nil {
		return // the next look tries again; the list goes on telling the state
	}
	w.bus = bus
	go w.follow(bus)
}

// follow takes in what the bus says until it ends.
func (w *watch) follow(bus *pm2.Bus) {
	for e := range bus.Events() {
		w.take(e)
	}
	bus.Close()
	w.mu.Lock()
	w.bus = nil
	w.mu.Unlock()
	w.nudge()
}

// maxEvents bounds what is kept between two looks: an app in a tight loop may
// write a lot of stderr.
const maxEvents = 2000

// take files one message of the bus.
func (w *watch) take(e pm2.Event) {
	at := host.Now()
	events := translate(e, w.app, at)
	if e.Topic == pm2.TopicOut && e.Name == w.app && !e.Old && e.ID >= 0 {
		events = w.chorus.hear(e.ID, e.Text, at, time.Duration(time.Now().Nanosecond()))
	}
	if len(events) == 0 {
		return
	}
	w.mu.Lock()
	for _, event := range events {
		if len(w.events) < maxEvents && !w.heard(event) {
			w.events = append(w.events, event)
		}
	}
	w.mu.Unlock()
	w.nudge()
}

// heard reports whether the worker has complained in the same words since the
// last look. An app whose database is away says so with every request, and rules
// ask who complains of what, not how often. w.mu is held.
func (w *watch) heard(event Event) bool {
	return (event.Kind == KindError || event.Kind == KindException) && slices.ContainsFunc(w.events, func(e Event) bool {
		return e.Kind == event.Kind && e.ID == event.ID && e.Text == event.Text
	})
}

// did files an action of the engine for the next observation.
func (w *watch) did(d Deed) {
	w.mu.Lock()
	w.deeds = append(w.deeds, d)
	w.mu.Unlock()
	w.nudge()
}

// rolling says that a rolling restart begins (1) or ends (-1).
func (w *watch) rolling(by int) {
	w.mu.Lock()
	w.roll += by
	w.mu.Unlock()
	w.nudge()
}

func (w *watch) nudge() {
	select {
	case w.wake <- struct{}{}:
	default: // it is awake already
	}
}

// rows lays PM2's list beside what the kernel says.
func (w *watch) rows(o *Observation, procs []pm2.Process) {
	children, err := host.Children(o.Daemon.PID)
	named := map[int]bool{}
	for _, p := range procs {
		named[p.PID] = true
		if p.Name == w.app && p.ID >= 0 {
			o.Workers = append(o.Workers, w.row(o.At, p, children, err == nil))
		}
	}
	for _, pid := range children {
		if !named[pid] {
			o.Daemon.Strays = append(o.Daemon.Strays, pid)
		}
	}
	slices.SortFunc(o.Workers, func(a, b Worker) int { return a.ID - b.ID })
}

// grown is how long a process must have run for its metrics in the list to count as
// heartbeats when it is seen for the first time: an engine that starts in the midst of
// an incident would otherwise wait for a blocked worker's first one for ever. No start
// blocks the loop for so long.
const grown = 30 * time.Second

// row is one worker. A heartbeat is a change of the metrics that PM2's library
// inside the worker (pm2-io-bpm, unless the app sets pmx: false) sends every 990
// ms from a timer on the event loop (constants.js METRIC_INTERVAL). They are not
// on the bus (Daemon.js keeps axm:monitor to itself) but in the list; an idle
// worker's heap size alone changes them every time. So a heartbeat is seen at
// the next look, up to a second late.
func (w *watch) row(at time.Duration, p pm2.Process, children []int, sure bool) Worker {
	r := Worker{
		ID: p.ID, Instance: p.Instance, PID: p.PID, Status: string(p.Status), Mode: p.Mode,
		GaveUp: p.GaveUp(), Restarts: p.Restarts, Unstable: p.Unstable,
	}
	k := w.known[p.ID]
	if k == nil || k.pid != p.PID {
		// What a dead process sent last may still be in the list.
		k = &known{pid: p.PID, since: at, print: p.Beat}
		if p.Beat != 0 && !p.StartedAt.IsZero() && time.Since(p.StartedAt) > grown {
			k.beat, k.beats = at, minBeats
		}
		w.known[p.ID] = k
	}
	if p.Beat != 0 && p.Beat != k.print {
		k.print, k.beat, k.beats = p.Beat, at, k.beats+1
	}
	r.Since, r.Beat, r.Beats = k.since, k.beat, k.beats
	if p.PID <= 0 {
		return r
	}
	st, err := host.Stat(p.PID)
	if err != nil || st.State == 'Z' || st.State == 'X' {
		return r
	}
	child := !sure || slices.Contains(children, p.PID)
	r.Alive, r.Reused = child, !child
	r.State, r.Ticks, r.RSS = string(st.State), st.Ticks, st.RSS
	if !p.StartedAt.IsZero() {
		r.Uptime = time.Since(p.StartedAt)
	}
	return r
}

// collect moves what happened since the last look into o.
func (w *watch) collect(o *Observation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o.Events, w.events = w.events, nil
	o.Deeds, w.deeds = w.deeds, nil
	o.Rolling = w.roll > 0
}

// close ends every connection.
func (w *watch) close() {
	w.hangUp()
	w.mu.Lock()
	bus := w.bus
	w.mu.Unlock()
	if bus != nil {
		bus.Close()
	}
}
