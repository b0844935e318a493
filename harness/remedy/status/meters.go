package status

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// meters are the metrics. Each label but app and channel has its values from a closed list.
type meters struct {
	info, workers, looked                   *prometheus.GaugeVec
	diagnoses, incidents, actions, withheld *prometheus.CounterVec
	paused, reloaded, reloadedAt            prometheus.Gauge
}

func newMeters() meters {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "pm2drill_engine_" + name, Help: help}, labels)
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pm2drill_engine_" + name, Help: help}, labels)
	}
	return meters{
		info:      gauge("info", "The engine that runs.", "version"),
		workers:   gauge("workers", "Workers of an app, by their state as PM2 and the kernel show it; serving: the process runs, and whether the app answers is an incident's to tell.", "app", "state"),
		looked:    gauge("last_look_timestamp_seconds", "When the app was last looked at.", "app"),
		diagnoses: counter("diagnoses_total", "Diagnoses, by cause.", "app", "cause"),
		incidents: counter("incidents_total", "Incidents that people were told of, by the cause at that time.", "app", "cause"),
		actions:   counter("actions_total", "Actions that have ended, by their result.", "app", "action", "result"),
		withheld:  counter("withheld_total", "Actions that the engine decided against.", "app", "action"),
		paused: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "pm2drill_engine_paused", Help: "Whether the kill switch is on (1) or off (0).",
		}),
		reloaded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "pm2drill_engine_config_last_reload_successful", Help: "Whether the latest change of the configuration was taken over (1) or refused (0).",
		}),
		reloadedAt: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "pm2drill_engine_config_last_reload_success_timestamp_seconds", Help: "When a configuration was last taken over.",
		}),
	}
}

func (m meters) list() []prometheus.Collector {
	return []prometheus.Collector{m.info, m.workers, m.looked, m.diagnoses, m.incidents, m.actions, m.withheld, m.paused, m.reloaded, m.reloadedAt}
}

// forget drops all of an app.
func (m meters) forget(app string) {
	of := prometheus.Labels{"app": app}
	for _, v := range []interface{ DeletePartialMatch(prometheus.Labels) int }{m.workers, m.looked, m.diagnoses, m.incidents, m.actions, m.withheld} {
		v.DeletePartialMatch(of)
	}
}

// other stands for a value that is on no list.
const other = "other"

// workerStates are the states of a worker (engine.Worker.Derived).
var workerStates = [...]string{"serving", "booting", "backoff", "gave_up", "stopped", "stalled", "dead"}

func formatCause(c engine.Cause) string {
	if c.Known() {
		return string(c)
	}
	return other
}

func formatAction(action string) string {
	if slices.Contains([]string{
		engine.ActionRestart, engine.ActionStop, engine.ActionKill, engine.ActionDrain, engine.ActionReplace, engine.ActionRoll,
		engine.ActionRollback, engine.ActionScale, engine.ActionReset, engine.ActionRelease, engine.ActionConfigure, "alert", "audit", "reload",
	}, action) {
		return action
	}
	return other
}

func formatPhase(phase string) string {
	if phase == engine.PhaseDone || phase == engine.PhaseFailed {
		return phase
	}
	return other
}

// openIncidents are counted when somebody asks: the cause of one may be found later.
type openIncidents struct{ board *Board }

var (
	openDesc  = prometheus.NewDesc("pm2drill_engine_incidents_open", "Incidents that are open, by cause.", []string{"app", "cause"}, nil)
	queueDesc = prometheus.NewDesc("pm2drill_engine_alerts_waiting", "Alerts that a channel has not taken yet.", []string{"app", "channel"}, nil)
)

// Describe implements prometheus.Collector.
func (o openIncidents) Describe(ch chan<- *prometheus.Desc) {
	ch <- openDesc
	ch <- queueDesc
}

// Collect implements prometheus.Collector.
func (o openIncidents) Collect(ch chan<- prometheus.Metric) {
	counts, queues := o.board.count()
	for key, n := range counts {
		ch <- prometheus.MustNewConstMetric(openDesc, prometheus.GaugeValue, float64(n), key[0], key[1])
	}
	for app, waiting := range queues {
		for channel, n := range waiting() {
			ch <- prometheus.MustNewConstMetric(queueDesc, prometheus.GaugeValue, float64(n), app, channel)
		}
	}
}
