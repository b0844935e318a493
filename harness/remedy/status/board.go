// Package status shows what an engine sees and does: metrics for Prometheus, the incidents as
// JSON, and whether it is at work. It takes in what the engine says to people, which has no
// secrets, and nothing else.
package status

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Board keeps what is shown. Its methods may be called from several goroutines at once.
type Board struct {
	registry *prometheus.Registry
	meters   meters
	version  string

	mu     sync.Mutex
	open   map[string]engine.Alert // incidents that are open, by their key
	recent []engine.Alert          // that are over, the latest last
	looks  map[string]time.Time    // the latest look at each app
	queues map[string]func() map[string]int
	mounts map[string]mount // further addresses, by their paths
}

// mount is a further address, and the host by whose name it may be asked besides those of the loopback.
type mount struct {
	handler http.Handler
	host    string
}

// Mount has a path be answered by a handler. Requests may name a host, as a
// proxy before this address does.
func (b *Board) Mount(path string, h http.Handler, host string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mounts == nil {
		b.mounts = map[string]mount{}
	}
	b.mounts[path] = mount{h, host}
}

// maxRecent bounds the incidents that are over, and maxOpen those that are not.
const (
	maxRecent = 50
	maxOpen   = 200
)

// NewBoard returns a board with nothing on it.
func NewBoard(version string) *Board {
	b := &Board{
		registry: prometheus.NewRegistry(), meters: newMeters(), version: version,
		open: map[string]engine.Alert{}, looks: map[string]time.Time{}, queues: map[string]func() map[string]int{},
	}
	b.meters.info.WithLabelValues(version).Set(1)
	b.registry.MustRegister(b.meters.list()...)
	b.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), openIncidents{b})
	return b
}

// NoteLine takes in a line that the engine has said of an app.
func (b *Board) NoteLine(app string, l engine.Line) {
	m := b.meters
	switch l.Type {
	case engine.TypeDetected:
		m.diagnoses.WithLabelValues(app, formatCause(l.Cause)).Inc()
	case engine.TypeIncident:
		if l.Incident == engine.IncidentOpened {
			m.incidents.WithLabelValues(app, formatCause(l.Cause)).Inc()
		}
	case engine.TypeAction:
		if l.Phase != engine.PhaseBegin {
			m.actions.WithLabelValues(app, formatAction(l.Action), formatPhase(l.Phase)).Inc()
		}
	case engine.TypeWithheld:
		m.withheld.WithLabelValues(app, formatAction(l.Action)).Inc()
	}
}

// NoteLook takes in how many workers of an app are in each state, as the engine sees them.
func (b *Board) NoteLook(app string, states map[string]int, at time.Time) {
	for _, state := range workerStates {
		b.meters.workers.WithLabelValues(app, state).Set(float64(states[state]))
	}
	b.meters.looked.WithLabelValues(app).Set(float64(at.UnixMilli()) / 1000)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looks[app] = at
}

// NoteAlert takes in an alert as it is sent. The link by which people permit an action is for those who
// are told, not for all who can read the board.
func (b *Board) NoteAlert(a engine.Alert) {
	a.Approve = ""
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.Status == engine.StatusFiring {
		if _, known := b.open[a.Dedupe]; known || len(b.open) < maxOpen {
			b.open[a.Dedupe] = a
		}
		return
	}
	delete(b.open, a.Dedupe)
	b.recent = append(b.recent, a)
	b.recent = b.recent[max(0, len(b.recent)-maxRecent):]
}

// NotePaused takes in whether the kill switch is on.
func (b *Board) NotePaused(on bool) {
	b.meters.paused.Set(0)
	if on {
		b.meters.paused.Set(1)
	}
}

// NoteReload takes in how an attempt to take over another configuration has ended.
func (b *Board) NoteReload(ok bool, at time.Time) {
	b.meters.reloaded.Set(0)
	if ok {
		b.meters.reloaded.Set(1)
		b.meters.reloadedAt.Set(float64(at.UnixMilli()) / 1000)
	}
}

// WatchQueue has the alerts of an app that no channel has taken yet be counted, by channel.
func (b *Board) WatchQueue(app string, waiting func() map[string]int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queues[app] = waiting
}

// Forget takes an app that is looked after no more off the board.
func (b *Board) Forget(app string) {
	b.meters.forget(app)
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.looks, app)
	delete(b.queues, app)
	maps.DeleteFunc(b.open, func(_ string, a engine.Alert) bool { return a.App == app })
}

// stale is for how long an app may not have been looked at while the engine counts as at work:
// PM2's daemon, if it does not answer, holds up a look for seconds.
const stale = 30 * time.Second

// Stale lists the apps that have not been looked at lately.
func (b *Board) Stale(now time.Time) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for app, at := range b.looks {
		if now.Sub(at) > stale {
			out = append(out, app)
		}
	}
	slices.Sort(out)
	return out
}
