package sim

import (
	"cmp"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Addresses and processes of the model.
const (
	server   = "10.0.0.5:5432"
	port     = 3000
	stranger = 9999
	epoch    = time.Hour // the monotonic clock when a world begins
)

// look returns what the engine sees now.
func (e *pilot) look(p *play) observe.Observation {
	o := observe.Observation{At: p.now + epoch, Daemon: observe.Daemon{PID: p.daemon, Alive: true, Version: "7.0.4"}}
	if p.gone > 0 {
		o.Daemon.Alive, o.Daemon.Error = false, "connect ECONNREFUSED"
	} else {
		o.Workers = e.readRows(p)
	}
	o.Events, o.Actions = p.events, e.actions
	p.events, e.actions = nil, nil
	for _, w := range p.workers {
		if e.looks == 0 && w.status == "errored" && w.said != "" {
			o.Events = append(o.Events, observe.Event{At: o.At, Kind: observe.KindLast, ID: w.id, Text: w.said})
		}
	}
	o.Known = p.known
	if e.focus.Port {
		o.Port = p.listListeners()
	}
	for _, address := range e.focus.Addresses {
		probe := observe.Probe{Address: address, OK: address != server || !p.isOn(ServerGone)}
		if !probe.OK {
			probe.Error = "connection refused"
		}
		o.Probes = append(o.Probes, probe)
	}
	for _, missing := range e.focus.Files {
		o.Files = append(o.Files, observe.File{Missing: missing, Path: missing.Name, There: !p.isOn(FileGone)})
	}
	for range e.focus.Answers {
		o.Answers = append(o.Answers, p.answerRequest())
	}
	if p.now-e.checked >= time.Second {
		check := p.answerRequest()
		o.Checks, e.checked = []observe.Answer{check}, p.now
		if check.Good() {
			e.usual = observe.Usual{Status: check.Status, Took: check.Took}
		}
	}
	o.Usual = e.usual
	return o
}

// answerRequest returns the answer to one request of the health URL.
func (p *play) answerRequest() observe.Answer {
	if w := p.findNextServing(&p.turns); w != nil {
		return observe.Answer{At: p.now + epoch, PID: w.pid, Status: 200, Took: 5 * time.Millisecond}
	}
	return observe.Answer{At: p.now + epoch, Error: "connection refused"}
}

// readRows returns the workers as PM2 and the kernel show them.
func (e *pilot) readRows(p *play) []observe.Worker {
	n := len(p.workers)
	if len(e.rows) < n {
		e.rows = make([]observe.Worker, 32*n)
	}
	rows := e.rows[:n:n]
	e.rows = e.rows[n:]
	for i, w := range p.workers {
		e.readRow(p, w, &rows[i])
	}
	return rows
}

// readRow fills in one worker as the engine sees it.
func (e *pilot) readRow(p *play, w *worker, r *observe.Worker) {
	r.ID, r.Instance, r.Variable, r.PID, r.Status, r.Mode, r.GaveUp = w.id, w.instance, p.world.Variable, w.pid, w.status, "cluster", w.status == "errored"
	r.Alive, r.Restarts, r.Unstable, r.Ticks, r.RSS = w.pid != 0, w.restarts, w.unstable, w.ticks, memoryUsual
	if p.leaky {
		r.Limit = memoryLimit
	}
	if p.now < w.leaks {
		r.RSS = memoryLeaky
	}
	if w.pid == 0 {
		return
	}
	first, ok := e.seen[w.pid]
	if !ok {
		first = seen{p.now + epoch, w.beats}
		if w.started < 0 {
			first.beats = 0 // it had been beating for long
		}
		e.seen[w.pid] = first
	}
	r.State, r.Uptime, r.Since = "S", p.now-w.started, first.at
	if r.Beats = w.beats - first.beats; r.Beats > 0 {
		r.Beat = w.lastBeat + epoch
	}
	switch {
	case p.now < w.stopped:
		r.State = "T"
	case p.now < w.blocked:
		r.State = "R"
	}
}

// listListeners lists those on the app's port.
func (p *play) listListeners() *observe.Port {
	found := &observe.Port{Number: port}
	if p.isOn(PortTaken) && !p.isListening() {
		found.Listeners = append(found.Listeners, observe.Listener{PID: stranger, Command: "nc -l 3000", Address: "0.0.0.0:3000"})
	}
	if p.isListening() {
		found.Listeners = append(found.Listeners, observe.Listener{PID: p.daemon, Command: "PM2", Ours: true, Address: "0.0.0.0:3000"})
	}
	return found
}

// getVariable returns the variable that has the worker's number.
func (p *play) getVariable() string {
	return cmp.Or(p.world.Variable, observe.Worker{}.NumberVariable())
}
