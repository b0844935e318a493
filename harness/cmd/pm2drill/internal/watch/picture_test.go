package watch

import (
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/live"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// see shows a source one observation and returns the picture.
func see(s *source, o observe.Observation, procs ...pm2.Process) live.Picture {
	return buildPicture(s.app, o, s.learn(o, procs))
}

func words(p live.Picture) string {
	var all []string
	for _, w := range p.Workers {
		all = append(all, w.Word)
	}
	return strings.Join(all, " ")
}

// TestWords: who answers, who answers with a failure, who does not answer and who does not
// turn is told, and counted.
func TestWords(t *testing.T) {
	s := &source{app: App{Name: "web", URL: "http://127.0.0.1:3000/"}, past: map[int]*past{}}
	worker := func(id int) observe.Worker {
		return observe.Worker{ID: id, PID: 100 + id, Status: "online", Alive: true, State: "S", Beats: 9}
	}
	at := 100 * time.Second
	o := observe.Observation{At: at, Daemon: observe.Daemon{Alive: true}, Usual: observe.Usual{Status: 200}}
	for id := range 5 {
		w := worker(id)
		w.Beat = at - time.Second
		o.Workers = append(o.Workers, w)
	}
	o.Workers[2].Beat = at - 9*time.Second
	o.Workers[4] = observe.Worker{ID: 4, Status: "errored", Restarts: 16}
	o.Answers = []observe.Answer{{PID: 100, Status: 204}, {PID: 101, Status: 500}, {PID: 103, Status: 200}, {PID: 0, Status: 200}}
	if got := words(see(s, o)); got != "serving says 500 stalled serving errored" {
		t.Errorf("the workers are %s", got)
	}
	p := see(s, o)
	if !strings.HasPrefix(p.State, "2 of 5 workers serve") || p.Workers[4].Restarts != 16 {
		t.Errorf("the state is %q", p.State)
	}
	// Six seconds later nobody has answered any more.
	o.At, o.Answers = at+6*time.Second, nil
	for i := range o.Workers {
		o.Workers[i].Beat = o.At
	}
	if got := words(see(s, o)); got != "silent silent online silent errored" {
		t.Errorf("later the workers are %s", got)
	}
}

// TestWithoutURL: an app that nobody asks runs, and is not said to serve.
func TestWithoutURL(t *testing.T) {
	s := &source{app: App{Name: "mailer"}, past: map[int]*past{}}
	p := see(s, observe.Observation{At: time.Second, Daemon: observe.Daemon{Alive: true}, Workers: []observe.Worker{{PID: 7, Status: "online", Alive: true}}})
	if words(p) != "online" || !strings.HasPrefix(p.State, "1 of 1 workers run · no health URL") {
		t.Errorf("%s: %s", words(p), p.State)
	}
	if p := see(s, observe.Observation{At: time.Second, Daemon: observe.Daemon{}}); p.Down != "PM2's daemon does not run" {
		t.Errorf("without a daemon: %q", p.Down)
	}
}

// TestFigures: CPU comes from ticks over the time between looks, requests from the worker's
// own count; a new process begins anew and the histories go on.
func TestFigures(t *testing.T) {
	s := &source{app: App{Name: "web"}, past: map[int]*past{}}
	look := func(at time.Duration, pid, ticks int, rate float64) live.Worker {
		p := see(s, observe.Observation{At: at, Daemon: observe.Daemon{Alive: true},
			Workers: []observe.Worker{{ID: 3, PID: pid, Status: "online", Alive: true, Ticks: ticks}}}, pm2.Process{ID: 3, Requests: rate})
		return p.Workers[0]
	}
	if w := look(10*time.Second, 7, 500, 0); w.CPU != live.Unknown || w.Rate != "-" {
		t.Errorf("at first: %+v", w)
	}
	if w := look(10*time.Second+200*time.Millisecond, 7, 520, 0); w.CPU != live.Unknown {
		t.Errorf("too soon: %+v", w)
	}
	if w := look(12*time.Second, 7, 600, 2.5); w.CPU != 50 || w.Rate != "2.5/s" || len(w.CPUs) != 2 {
		t.Errorf("after two seconds: %+v", w)
	}
	w := look(13*time.Second, 8, 3, 0)
	if len(w.CPUs) != 2 || w.Rate != "-" {
		t.Errorf("a new process: %+v", w)
	}
	if w := look(14*time.Second, 8, 13, 0); w.CPU != 10 || len(w.CPUs) != 3 {
		t.Errorf("a second later: %+v", w)
	}
}

func TestListNews(t *testing.T) {
	id := 2
	at := time.Date(2026, 11, 30, 21, 4, 5, 0, time.Local)
	got := listNews([]remedy.Said{{Time: at, Line: engine.Line{Type: "action", Cause: "stalled_event_loop", Action: "kill", Phase: "begin", ID: &id}}, {Time: at, Event: "stop"}})
	if got[0] != "21:04:05  action stalled_event_loop worker 2 kill begin" || got[1] != "21:04:05  stop" {
		t.Errorf("%q", got)
	}
}
