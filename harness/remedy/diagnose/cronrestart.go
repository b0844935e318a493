package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of diagnoseCronRestart.
const (
	atOnce    = 2 * time.Second // PM2 has a job for each worker, and croner fires them at the same second (Worker.js:48)
	commandIn = 2 * time.Second // after the workers are up, PM2's command has said on the bus what it did
)

// outage is a time in which nobody served, as far as it was measured.
type outage struct {
	good, from, to time.Duration // the last sign of service before it, the first that there is none, and the first that there is again
}

// diagnoseCronRestart returns a diagnosis where PM2's cron_restart has ended all workers at once,
// and nobody served until they were up again. PM2 says of it what it says of any restart that it
// is asked for, but no command tells the bus that it has been used.
func diagnoseCronRestart(c Facts) (Diagnosis, bool) {
	wanted := c.ListDesired()
	if len(wanted) == 0 || slices.ContainsFunc(wanted, func(w observe.Worker) bool { return w.Cron == "" }) {
		return Diagnosis{}, false
	}
	from, to, ok := c.findStopOfAll(wanted)
	if !ok || to-from > atOnce || c.hasSomeoneActed(from) {
		return Diagnosis{}, false
	}
	out, ok := c.findOutageAfter(from)
	if !ok || c.Now.At-out.to < commandIn {
		return Diagnosis{}, false
	}
	return Diagnosis{
		Cause: engine.CronRestart, Subject: "cron_restart", IDs: listIDs(wanted), Confidence: 0.85,
		Evidence: []engine.Fact{
			{Source: "rpc", Text: fmt.Sprintf("cron_restart of %d of %d workers is %q", len(wanted), len(wanted), wanted[0].Cron)},
			{Source: "bus", Text: fmt.Sprintf("PM2 ended all of them within %s, and nobody had used its command", (to - from).Round(time.Millisecond))},
			c.describeOutage(out),
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.BootCrash, Fact: "none of the processes died by itself"},
			{Cause: engine.DaemonDead, Fact: "PM2's daemon has ended the workers, and started them again"},
			{Cause: engine.MemoryLimit, Fact: "it looks at the memory of one worker after the other, and ended all at once"},
		},
		Human: "cron_restart ends every worker of the app at the same moment: take it out, and let a timer of the host's run pm2 reload in its place, which replaces one worker after the other",
	}, true
}

// describeOutage says how long nobody served: between the signs on both sides of it.
func (c Facts) describeOutage(out outage) engine.Fact {
	least, most := (out.to - out.from).Round(100*time.Millisecond), (out.to - out.good).Round(100*time.Millisecond)
	fact := engine.Fact{Source: "rpc", Text: fmt.Sprintf("nobody served for %s", least)}
	if most > least {
		fact.Text += fmt.Sprintf(" at least, and %s at most", most)
	}
	if c.isAsked() {
		fact.Source = "probe"
	}
	return fact
}

// findStopOfAll returns when PM2 first and last asked these workers to end, each the latest
// time, false if it has not asked all.
func (c Facts) findStopOfAll(wanted []observe.Worker) (from, to time.Duration, ok bool) {
	last := map[int]time.Duration{}
	for _, o := range c.history {
		for _, e := range o.Events {
			if e.Kind == observe.KindStopping {
				last[e.ID] = e.At
			}
		}
	}
	from = c.Now.At
	for _, w := range wanted {
		at, asked := last[w.ID]
		if !asked {
			return 0, 0, false
		}
		from, to = min(from, at), max(to, at)
	}
	return from, to, true
}

// hasSomeoneActed reports whether, since t, PM2's command was used on the app, or the
// engine has done something.
func (c Facts) hasSomeoneActed(t time.Duration) bool {
	return slices.ContainsFunc(c.history, func(o observe.Observation) bool {
		return o.At >= t && (o.Rolling || len(o.Actions) > 0) ||
			slices.ContainsFunc(o.Events, func(e observe.Event) bool { return e.Kind == observe.KindAsked && e.At >= t })
	})
}

// findOutageAfter returns the first outage since t, if it is over.
func (c Facts) findOutageAfter(t time.Duration) (outage, bool) {
	out := outage{good: t, from: -1}
	for _, s := range c.sights.all {
		switch {
		case s.at < t:
		case !s.up && out.from < 0:
			out.from = s.at
		case s.up && out.from < 0:
			out.good = s.at
		case s.up:
			out.to = s.at
			return out, true
		}
	}
	return outage{}, false
}
