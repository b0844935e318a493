package alert

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Bounds of an alert: it is read by people, often on a telephone.
const (
	maxLogs    = 30  // error lines
	maxMoments = 40  // of the timeline
	maxTaken   = 40  // actions
	maxKept    = 500 // actions that wait for an alert
	maxFacts   = 20  // of evidence, and of look-alikes
	maxFact    = 1000
)

// limitAlert returns what of an alert may leave the engine: the latest actions, the first
// facts, without secrets, and no long texts. They are cut last, because half a secret may
// not look like one.
func limitAlert(a engine.Alert, r *redact.Redactor) (engine.Alert, error) {
	a.Actions = a.Actions[max(0, len(a.Actions)-maxTaken):]
	a.Evidence, a.RuledOut = a.Evidence[:min(len(a.Evidence), maxFacts)], a.RuledOut[:min(len(a.RuledOut), maxFacts)]
	a, err := redactAlert(r, a)
	for i := range a.Evidence {
		a.Evidence[i].Text = nodeerr.Clip(a.Evidence[i].Text, maxFact)
	}
	for i := range a.RuledOut {
		a.RuledOut[i].Fact = nodeerr.Clip(a.RuledOut[i].Fact, maxFact)
	}
	for i := range a.Actions {
		a.Actions[i].Why = nodeerr.Clip(a.Actions[i].Why, maxFact)
	}
	for i := range a.Timeline {
		a.Timeline[i].Text = nodeerr.Clip(a.Timeline[i].Text, maxFact)
	}
	a.Human, a.Next, a.Undo = nodeerr.Clip(a.Human, maxFact), nodeerr.Clip(a.Next, maxFact), nodeerr.Clip(a.Undo, maxFact)
	return a, err
}

// listWorkers returns the table of workers. Descriptors and connections are looked at
// now, since nothing but an alert wants them.
func listWorkers(o observe.Observation, stall time.Duration, before map[int]engine.Counters, port int) []engine.Worker {
	conns := map[int]int{}
	if socks, err := host.Established(port, observe.ListLivePIDs(o.Workers)...); err == nil {
		for _, s := range socks {
			conns[s.PID]++
		}
	}
	out := make([]engine.Worker, 0, len(o.Workers))
	for _, w := range o.Workers {
		row := engine.Worker{
			ID: w.ID, Instance: w.Instance, PID: w.PID, Status: w.Status, Derived: o.DeriveState(w, stall),
			Restarts: w.Restarts, Unstable: w.Unstable, Uptime: w.Uptime.Seconds(), RSS: w.RSS, Conns: conns[w.PID],
		}
		if was, ok := before[w.ID]; ok {
			row.Before = &was
		}
		if w.Alive {
			fds, _ := os.ReadDir(filepath.Join("/proc", strconv.Itoa(w.PID), "fd")) // none if it has just ended
			row.FDs = len(fds)
		}
		out = append(out, row)
	}
	return out
}

// recallWorkers returns the observation with the workers that PM2's daemon listed last, where it
// is dead: whether their processes run, the kernel says.
func recallWorkers(o observe.Observation, past []observe.Observation) observe.Observation {
	if o.Daemon.Alive || len(o.Workers) > 0 {
		return o
	}
	for _, was := range slices.Backward(past) {
		if len(was.Workers) == 0 {
			continue
		}
		o.Workers = slices.Clone(was.Workers)
		for i := range o.Workers {
			o.Workers[i].Alive = o.Workers[i].Alive && host.Alive(o.Workers[i].PID)
		}
		break
	}
	return o
}

// listErrorLines returns the last errors of the workers' stderr, as the bus brought them:
// what a process says while it boots never reaches PM2's log files. The same error is listed
// once, at its last time, with how often it was said and by which workers.
func listErrorLines(history []observe.Observation) []string {
	said := observe.ListComplaints(history)
	times, workers := map[string]int{}, map[string][]int{}
	for _, e := range said {
		times[e.Text]++
		if !slices.Contains(workers[e.Text], e.ID) {
			workers[e.Text] = append(workers[e.Text], e.ID)
		}
	}
	var lines []string // the latest first
	listed := map[string]bool{}
	for _, e := range slices.Backward(said) {
		if listed[e.Text] || len(lines) == maxLogs {
			continue
		}
		listed[e.Text] = true
		when := computeWallTime(e.At).Format(time.RFC3339Nano)
		if e.Kind == observe.KindLast {
			when = "before " + when
		}
		line := fmt.Sprintf("%s worker %d: %s", when, e.ID, nodeerr.Clip(e.Text, nodeerr.MaxError))
		if n := times[e.Text]; n > 1 {
			slices.Sort(workers[e.Text])
			line += fmt.Sprintf(" (%d times, workers %v)", n, workers[e.Text])
		}
		lines = append(lines, line)
	}
	slices.Reverse(lines)
	return lines
}

// buildTimeline tells what happened lately: to workers, by operators, by the engine,
// and to the code on disk. What workers said is in the logs.
func buildTimeline(history []observe.Observation) []engine.Moment {
	type moment struct {
		at       time.Duration
		by, text string
	}
	var all []moment
	for _, o := range history {
		for _, e := range o.Events {
			if by, text := describeEvent(e); by != "" {
				all = append(all, moment{e.At, by, text})
			}
		}
		for _, d := range o.Actions {
			text := fmt.Sprintf("%s of worker %d: %s", d.Action, d.ID, d.Phase)
			if d.Error != "" {
				text += ": " + d.Error
			}
			all = append(all, moment{d.At, "engine", text})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return int(a.at - b.at) })
	out := []engine.Moment{}
	for _, m := range all[max(0, len(all)-maxMoments):] {
		out = append(out, engine.Moment{At: computeWallTime(m.at), By: m.by, Text: m.text})
	}
	return out
}

// describeEvent puts an event that moved something into words.
func describeEvent(e observe.Event) (by, text string) {
	switch e.Kind {
	case observe.KindExit:
		return "worker", fmt.Sprintf("worker %d: its process ended", e.ID)
	case observe.KindOnline:
		return "worker", fmt.Sprintf("worker %d: PM2 has forked a process", e.ID)
	case observe.KindOverlimit:
		return "worker", fmt.Sprintf("worker %d: PM2 gave it up", e.ID)
	case observe.KindStopping:
		return "pm2", fmt.Sprintf("worker %d: PM2 was asked to end its process", e.ID)
	case observe.KindAsked:
		return "operator", fmt.Sprintf("worker %d: pm2 %s", e.ID, e.Text)
	case observe.KindWatched:
		return "pm2", fmt.Sprintf("PM2 has seen %s change, which it watches, and starts the app anew", e.Text)
	case observe.KindKilled:
		return "operator", "PM2's daemon was told to end"
	case observe.KindDeploy:
		return "deploy", e.Text
	}
	return "", ""
}

// explainUndo says how a person takes back what has been done lately.
func explainUndo(actions []engine.Taken, history []observe.Observation) string {
	var stopped, ways []string
	for _, a := range actions {
		if a.ID == nil || a.Result != "done" {
			continue
		}
		id := strconv.Itoa(*a.ID)
		switch {
		case a.Action == engine.ActionStop && !slices.Contains(stopped, id):
			stopped = append(stopped, id)
		case a.Action == engine.ActionRestart:
			stopped = slices.DeleteFunc(stopped, func(s string) bool { return s == id })
		}
	}
	if len(stopped) > 0 {
		ways = append(ways, "pm2 restart "+strings.Join(stopped, " ")+" starts what the engine has stopped")
	}
	for _, o := range history {
		for _, e := range o.Events {
			if e.Kind == observe.KindDeploy {
				ways = append(ways, e.Text+": if that was a deployment, the release before it is the way back")
			}
		}
	}
	return strings.Join(slices.Compact(ways), "; ")
}
