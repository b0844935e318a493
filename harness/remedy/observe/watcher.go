package observe

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// Watcher gathers observations of one app. look must not be called from two
// goroutines at once; everything else may.
type Watcher struct {
	home string // PM2_HOME
	app  string
	url  string // health URL
	port int    // of url
	veil *redact.Redactor

	wake chan struct{} // filled when something happened

	mu      sync.Mutex
	space   string // the app's namespace, "" while it is not known
	bus     *pm2.Bus
	calm    time.Duration  // when the bus may be subscribed to again, after a flood
	unison  unisonDetector // of the bus's reader alone
	ears    earshot
	events  []Event // since the last look
	actions []ActionEvent
	roll    int // rolls under way

	client  *pm2.Client
	procs   []pm2.Process  // as PM2 gave it last, nil if it did not
	known   map[int]*known // by pm_id
	script  script
	folder  folder
	links   links
	log     *pm2Log
	oom     oomCount
	hostDue time.Duration // of the next look at what the host has left
	pids    map[int]int   // by pm_id, when the secrets of the processes were last learned
	peers   peers
	check   checker
	last    Observation
	// expected are the statuses of the health URL that are healthy; none where that is to be learned.
	expected []Statuses
}

func NewWatcher(home, app, url string, port int, veil *redact.Redactor) *Watcher {
	return &Watcher{
		home: home, app: app, url: url, port: port, veil: veil,
		wake: make(chan struct{}, 1), known: map[int]*known{},
		log: newPM2Log(home, app),
	}
}

// Bounds of one question to PM2's daemon: one that has not answered the last is asked again
// soon, so that the rest of the host is looked at meanwhile.
const (
	callWithin  = 3 * time.Second
	againWithin = time.Second
)

// Look makes one observation. What it cannot see it leaves out or says so in it.
func (w *Watcher) Look(ctx context.Context, wants Focus) Observation {
	o := Observation{At: host.Now()}
	procs := w.ask(ctx, &o)
	w.procs = procs
	w.subscribe(ctx, o.Daemon)
	if o.Daemon.Alive && procs != nil {
		w.addWorkers(&o, procs)
	} else if o.Daemon.Alive {
		o.Workers = slices.Clone(w.last.Workers) // it is slow to answer; what was, is
		o.Known, o.Binds = w.last.Known, w.last.Binds
	}
	w.learnServers(&o, procs, wants.Fast)
	w.collect(&o)
	o.Events = append(o.Events, w.log.look(o.At)...)
	o.OOMKills = w.oom.look()
	o.Host = w.readHost(o)
	if w.last.At == 0 {
		o.Events = append(findLastErrors(procs, w.app, o.At), o.Events...)
	}
	if e, changed := w.script.look(procs, w.app, o.At); changed {
		o.Events = append(o.Events, e)
	}
	if e, changed := w.folder.look(procs, o.Workers, w.app, o.At); changed {
		o.Events = append(o.Events, e)
	}
	o.Moved = w.links.look(procs, w.app, o.At)
	if wants.Words {
		addLastLines(o.Workers, procs)
	}
	o.Files = lookAtFiles(wants.Files, procs, w.app)
	w.probe(ctx, &o, wants)
	w.checkHealth(ctx, &o)
	o.Paused, o.Approved = isPaused(w.home), readApproved(w.home)
	w.last = o
	return o
}

// readHost returns what the host has left, asked once a second.
func (w *Watcher) readHost(o Observation) Host {
	if w.last.At > 0 && o.At < w.hostDue {
		return w.last.Host
	}
	w.hostDue = o.At + SlowLook - SlowLook/10 // looks come a little early
	pressure, _ := host.CPUPressure()         // old kernels do not have it
	return Host{Pressure: pressure, Cgroup: host.ReadCgroup(o.Daemon.PID)}
}

// ask gets PM2's list, and says in o how the daemon is.
func (w *Watcher) ask(ctx context.Context, o *Observation) []pm2.Process {
	within := callWithin
	if w.last.Daemon.Error != "" {
		within = againWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	procs, err := w.list(ctx)
	if err != nil {
		w.hangUp()
		o.Daemon = w.last.Daemon
		o.Daemon.State, o.Daemon.Left = "", nil
		if st, err := host.Stat(o.Daemon.PID); err == nil {
			o.Daemon.State = string(st.State)
		}
		o.Daemon.Alive, o.Daemon.Error = !errors.Is(err, pm2.ErrDaemonDead), err.Error()
		if !o.Daemon.Alive {
			o.Daemon.Left = w.listRemnants()
		}
		return nil
	}
	pid := w.client.DaemonPID()
	if pid == 0 { // it is in another pid namespace
		if pid, err = pm2.DaemonPID(w.home); err != nil {
			pid = w.last.Daemon.PID
		}
	}
	o.Daemon = Daemon{PID: pid, Alive: true, Version: w.last.Daemon.Version}
	if o.Daemon.Version == "" || pid != w.last.Daemon.PID {
		if v, err := w.client.Version(ctx); err == nil {
			o.Daemon.Version = v
		}
	}
	procs = append([]pm2.Process{}, procs...)
	w.learn(ctx, procs)
	return procs
}

// learn looks at the environments of processes that are new, for their values are secrets
// wherever they stand. Where PM2 does not tell, the next look asks again.
func (w *Watcher) learn(ctx context.Context, procs []pm2.Process) {
	pids := map[int]int{}
	for _, p := range procs {
		pids[p.ID] = p.PID
		w.veil.Keep(p.Name)
	}
	if maps.Equal(pids, w.pids) {
		return
	}
	if rows, err := w.client.Rows(ctx); err == nil {
		w.veil.LearnHost(w.home, rows)
		w.pids = pids
	}
}

// list asks over the connection that is open, or opens one. A connection that
// broke says nothing about the daemon, so a new one is tried at once.
func (w *Watcher) list(ctx context.Context) ([]pm2.Process, error) {
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
	client.Distinguish(w.app, w.Namespace())
	w.client = client
	return client.List(ctx)
}

// Namespace is the app's, "" while it is not known.
func (w *Watcher) Namespace() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.space
}

// UseNamespace makes a namespace the app's: from the next look on, its namesakes in other
// namespaces are other apps.
func (w *Watcher) UseNamespace(space string) {
	w.hangUp()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.space = space
}

// Forget makes the next look the first.
func (w *Watcher) Forget() { w.last, w.known = Observation{}, map[int]*known{} }

// Processes returns PM2's list as the last look found it, nil if PM2 did not give it.
func (w *Watcher) Processes() []pm2.Process { return w.procs }

// Woken returns the channel that is filled when something has happened.
func (w *Watcher) Woken() <-chan struct{} { return w.wake }

func (w *Watcher) hangUp() {
	if w.client != nil {
		w.client.Close()
		w.client = nil
	}
}

// FileAction files an action of the engine for the next observation.
func (w *Watcher) FileAction(d ActionEvent) {
	w.mu.Lock()
	w.actions = append(w.actions, d)
	w.mu.Unlock()
	w.nudge()
}

// CountRoll says that a rolling restart begins (1) or ends (-1).
func (w *Watcher) CountRoll(by int) {
	w.mu.Lock()
	w.roll += by
	w.mu.Unlock()
	w.nudge()
}

func (w *Watcher) nudge() {
	select {
	case w.wake <- struct{}{}:
	default: // it is awake already
	}
}

// collect moves what happened since the last look into o.
func (w *Watcher) collect(o *Observation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o.Events, w.events = append(w.events, w.ears.look()...), nil
	o.Actions, w.actions = w.actions, nil
	o.Rolling = w.roll > 0
}

// Close ends every connection.
func (w *Watcher) Close() {
	w.hangUp()
	w.mu.Lock()
	bus := w.bus
	w.mu.Unlock()
	if bus != nil {
		bus.Close()
	}
}
