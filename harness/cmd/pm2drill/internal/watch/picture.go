package watch

import (
	"fmt"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/live"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

const (
	history = 60              // seconds of the sparklines
	recent  = 5 * time.Second // how long an answer tells that a worker serves
	mute    = 5 * time.Second // silence after which a worker counts as stalled, as the engine has it by default
)

// past is what is remembered of a worker from look to look.
type past struct {
	pid    int
	at     time.Duration // of ticks
	ticks  int           // CPU used by then, in 1/100 s
	cpus   []float64     // per cent of a core, one value per second, newest last
	rates  []float64     // requests per second, as cpus
	answer observe.Answer
	heard  time.Duration // when answer came
	rate   float64       // requests per second by the worker's own count, 0 without one
}

// learn takes an observation in and returns what is remembered of each worker.
func (s *source) learn(o observe.Observation, procs []pm2.Process) map[int]*past {
	for _, w := range o.Workers {
		k := s.past[w.ID]
		if k == nil || k.pid != w.PID {
			fresh := &past{pid: w.PID, at: o.At, ticks: w.Ticks}
			if k != nil {
				fresh.cpus, fresh.rates = k.cpus, k.rates
			}
			k, s.past[w.ID] = fresh, fresh
		}
		k.rate = findRate(procs, w.ID)
		k.takeTicks(o.At, w.Ticks)
		for _, a := range append(o.Checks, o.Answers...) {
			if a.PID == w.PID && a.PID > 0 {
				k.answer, k.heard = a, o.At
			}
		}
	}
	return s.past
}

// findRate returns the requests per second that a worker has counted.
func findRate(procs []pm2.Process, id int) float64 {
	for _, p := range procs {
		if p.ID == id {
			return p.Requests
		}
	}
	return 0
}

// takeTicks adds a value to the histories for each second that has gone by.
func (k *past) takeTicks(at time.Duration, ticks int) {
	gap := at - k.at
	if gap < time.Second*9/10 {
		return // the ticks of a shorter time are too coarse
	}
	cpu := float64(max(0, ticks-k.ticks)) / gap.Seconds()
	for range max(1, min(history, int((gap+time.Second/2)/time.Second))) {
		k.cpus, k.rates = append(k.cpus, cpu), append(k.rates, k.rate)
	}
	k.cpus, k.rates = k.cpus[max(0, len(k.cpus)-history):], k.rates[max(0, len(k.rates)-history):]
	k.at, k.ticks = at, ticks
}

// buildPicture returns what the view shows of an observation, except logs and the engine.
func buildPicture(app App, o observe.Observation, known map[int]*past) live.Picture {
	p := live.Picture{Title: app.Name + " " + app.URL, Hints: listHints(app)}
	serving := 0
	switch {
	case !o.Daemon.Alive:
		p.Down = "PM2's daemon does not run"
	case o.Daemon.Error != "":
		p.Down = "PM2's daemon does not answer: " + o.Daemon.Error
	}
	for _, w := range o.Workers {
		row := buildWorker(app, o, w, known[w.ID])
		if row.Health == live.Good {
			serving++
		}
		p.Workers = append(p.Workers, row)
	}
	does := "serve"
	if app.URL == "" {
		does = "run"
	}
	p.State = fmt.Sprintf("%d of %d workers %s", serving, len(o.Workers), does)
	p.Brief = p.State
	if app.URL == "" {
		p.State += " · no health URL is asked: give one with --url"
	}
	return p
}

// buildWorker returns the row of one worker.
func buildWorker(app App, o observe.Observation, w observe.Worker, k *past) live.Worker {
	row := live.Worker{ID: w.ID, PID: w.PID, RSS: w.RSS, Restarts: w.Restarts, CPU: live.Unknown, Rate: "-", CPUs: k.cpus, Rates: k.rates}
	if n := len(k.cpus); n > 0 && w.Alive {
		row.CPU = k.cpus[n-1]
	}
	if k.rate > 0 {
		row.Rate = fmt.Sprintf("%.1f/s", k.rate)
	}
	answered := k.heard > 0 && o.At-k.heard < recent && k.answer.Status > 0
	row.Word, row.Health = live.Seen{
		Status: w.Status, Alive: w.Alive, State: w.State, CPU: row.CPU, Asked: app.URL != "" && k.heard > 0,
		Serves: answered, Mute: w.Alive && w.Beats > 0 && o.At-w.Beat > mute,
	}.Describe()
	if row.Health == live.Good && answered && !k.answer.IsUsual(o.Usual.Status/100) {
		row.Word, row.Health = fmt.Sprintf("says %d", k.answer.Status), live.Bad
	}
	return row
}

// listNews returns the engine's lines as people read them.
func listNews(said []remedy.Said) []string {
	var lines []string
	for _, a := range said {
		words := []string{a.Event, a.Type, string(a.Symptom), string(a.Cause), a.Action, a.Phase, a.Incident, a.Why, a.Error}
		if a.ID != nil {
			words[3] += fmt.Sprintf(" worker %d", *a.ID)
		}
		lines = append(lines, a.Time.Local().Format("15:04:05")+"  "+strings.Join(strings.Fields(strings.Join(words, " ")), " "))
	}
	return lines
}

// listHints are commands for another terminal.
func listHints(app App) []string {
	args := "--app " + cli.QuoteWord(app.Name)
	if app.URL != "" {
		args += " --url " + cli.QuoteWord(app.URL)
	}
	return []string{
		"pm2drill engine " + args + " --dry-run",
		"pm2drill capture " + args,
		"pm2 logs " + cli.QuoteWord(app.Name) + " --nostream --lines 50",
	}
}
