package remedy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// TestNoStopOfWhoServes draws worlds in which PM2 alone keeps an app serving: workers come
// up within a second and serve until something kills one now and then, and whoever sends
// requests has them log, and die of, whatever he likes. Whatever is said, no decision may
// take down a worker: each would serve within a second of being left alone.
func TestNoStopOfWhoServes(t *testing.T) {
	for seed := range uint64(10) {
		w := newHostile(seed)
		if d, at, bad := w.run(time.Minute); bad {
			t.Fatalf("seed %d: at %s the engine would %s worker %d (%s): %s", seed, at, d.Action, d.ID, d.Cause, d.Why)
		}
	}
}

// hostile is a world of healthy workers among hostile requests.
type hostile struct {
	*rand.Rand
	now      time.Duration
	workers  []observe.Worker
	readyAt  []time.Duration // when each comes up, its start plus a boot
	nextPID  int
	killEach time.Duration // mean time between two deaths
	known    []observe.Server
	away     map[string]bool // of the known servers
	foreign  []observe.Listener
	mute     bool // the health URL does not answer, and clients are served all the same
	starved  bool // the engine looks seldom, and sees no answer in time and few connections
	events   []observe.Event
	wants    observe.Focus
}

const boot = 500 * time.Millisecond

func newHostile(seed uint64) *hostile {
	w := &hostile{Rand: rand.New(rand.NewPCG(seed, 7)), nextPID: 1000, away: map[string]bool{}}
	n := 1 + w.IntN(6)
	for id := range n {
		w.workers = append(w.workers, observe.Worker{ID: id, Instance: fmt.Sprint(id), Mode: "cluster", Status: "online"})
		w.readyAt = append(w.readyAt, 0)
		w.start(id, -time.Hour)
	}
	// Between one death of a worker and the next it must have served.
	w.killEach = 3*time.Second/time.Duration(n) + time.Duration(w.Int64N(int64(4*time.Second)))
	for _, a := range []string{"127.0.0.1:8125", "10.0.0.5:5432", "cache:6379"} {
		if w.IntN(2) == 0 {
			w.known = append(w.known, observe.Server{Address: a, By: []string{observe.BySocket, observe.BySetting, observe.ByAttempt}[w.IntN(3)]})
			w.away[a] = w.IntN(2) == 0
		}
	}
	if w.IntN(2) == 0 {
		w.foreign = []observe.Listener{{PID: 77, Address: []string{"127.0.0.2:3000", "[::1]:3000"}[w.IntN(2)]}}
	}
	w.mute, w.starved = w.IntN(4) == 0, w.IntN(3) == 0
	return w
}

func (w *hostile) start(id int, at time.Duration) {
	w.nextPID++
	r := &w.workers[id]
	r.PID, r.Since, r.Alive, r.State, r.Beats, r.Beat, r.Restarts = w.nextPID, max(at, 0), true, "S", 0, 0, r.Restarts+1
	w.readyAt[id] = at + boot
}

// says is a text that a sender of requests may have an app log or die of.
func (w *hostile) says() string {
	texts := []string{
		"TypeError: Cannot read properties of undefined (reading 'id')", "SyntaxError: Unexpected end of JSON input",
		"Error: DATABASE_URL is not set", "Error: connect ECONNREFUSED 127.0.0.1:8125", "Error: connect ECONNREFUSED 10.0.0.5:5432",
		"Error: getaddrinfo ENOTFOUND cache", "Error: bind EADDRINUSE null:3000", "Error: listen EADDRINUSE: address already in use :::3000",
		"AggregateError [ECONNREFUSED]: ", "Error: Cannot find module 'x'", "MongoServerSelectionError: Server selection timed out after 30000 ms",
		`{"level":"error","msg":"connect ECONNREFUSED 127.0.0.1:8125","code":"ECONNREFUSED"}`, `{"level":50,"err":{"type":"Error","message":"EADDRINUSE :::3000"}}`,
	}
	if w.IntN(4) > 0 {
		return texts[w.IntN(len(texts))]
	}
	letters := []rune("abc :.E\n{}[]\"/0189é\t")
	out := make([]rune, w.IntN(60))
	for i := range out {
		out[i] = letters[w.IntN(len(letters))]
	}
	return "Error: " + string(out)
}

// die has a worker that serves die of a request, and PM2 start it again at once.
func (w *hostile) die(id int, text string) {
	say := func(kind, text string) {
		w.events = append(w.events, observe.Event{At: w.now, Kind: kind, ID: id, Text: text})
	}
	for range w.IntN(3) {
		say(observe.KindError, w.says())
	}
	if w.IntN(4) > 0 {
		say([]string{observe.KindError, observe.KindException}[w.IntN(2)], text)
	}
	say(observe.KindExit, "")
	say(observe.KindOnline, "")
	w.start(id, w.now)
}

// look is what an engine would see, which is what it wanted to.
func (w *hostile) look() observe.Observation {
	o := observe.Observation{At: w.now, Daemon: observe.Daemon{PID: 100, Alive: true}, Known: w.known, Binds: []observe.Listener{{Ours: true, Address: "127.0.0.1:3000"}}}
	o.Events, w.events = w.events, nil
	var up []int
	for i := range w.workers {
		r := &w.workers[i]
		r.Uptime, r.Conns = w.now-(w.readyAt[i]-boot), 0
		if w.now < w.readyAt[i] {
			continue
		}
		up = append(up, r.PID)
		if !w.starved || w.IntN(4) == 0 {
			r.Conns = 1 + w.IntN(3)
		}
		if w.now-r.Beat > time.Second {
			r.Beat, r.Beats = w.now, r.Beats+1
		}
	}
	o.Workers = slices.Clone(w.workers)
	if w.wants.Port {
		o.Port = &observe.Port{Number: 3000, Listeners: slices.Clone(w.foreign)}
		if len(up) > 0 {
			o.Port.Listeners = append(o.Port.Listeners, observe.Listener{PID: 100, Ours: true, Address: "127.0.0.1:3000"})
		}
	}
	for _, a := range w.wants.Addresses {
		p := observe.Probe{Address: a, OK: !w.away[a]}
		if !p.OK {
			p.Error = "refused"
		}
		o.Probes = append(o.Probes, p)
	}
	for i := range w.wants.Answers {
		a := observe.Answer{Error: "refused"}
		if w.starved {
			a.Error = "context deadline exceeded"
		} else if len(up) > 0 && !w.mute {
			a = observe.Answer{PID: up[i%len(up)], Status: 200, Took: time.Millisecond}
		}
		o.Answers = append(o.Answers, a)
	}
	return o
}

// run lets the world go on until the engine decides to take a worker down.
func (w *hostile) run(span time.Duration) (d plan.Decision, at time.Duration, bad bool) {
	s, limits := plan.NewState(nil), plan.DefaultLimits()
	reader := diagnose.NewReader(limits.Stall, nodeerr.NewMemo())
	const tick = 200 * time.Millisecond
	next, text := 20*time.Second, w.says()
	for w.now = time.Second; w.now < span; w.now += tick {
		if w.IntN(5) == 0 {
			w.events = append(w.events, observe.Event{At: w.now, Kind: observe.KindError, ID: w.IntN(len(w.workers)), Text: w.says()})
		}
		if id := w.IntN(len(w.workers)); w.now >= next && w.now-w.readyAt[id] > 2*tick {
			w.die(id, text)
			next = w.now + time.Duration(w.ExpFloat64()*float64(w.killEach))
			if w.IntN(10) == 0 {
				text = w.says()
			}
		}
		if w.starved && w.IntN(6) > 0 {
			continue
		}
		o := w.look()
		facts := reader.Read(o)
		var decisions []plan.Decision
		s, decisions = plan.Decide(s, o, diagnose.Diagnose(facts), limits)
		for _, d := range decisions {
			if d.Kind == plan.Act && slices.Contains([]string{engine.ActionStop, engine.ActionKill, engine.ActionReplace, engine.ActionRestart}, d.Action) {
				return d, w.now, true
			}
		}
		w.wants = plan.ChooseFocus(s, facts)
		if i := slices.IndexFunc(w.wants.Addresses, func(a string) bool {
			return !slices.ContainsFunc(w.known, func(k observe.Server) bool { return k.Address == a || strings.HasPrefix(k.Address, a+":") })
		}); i >= 0 {
			return plan.Decision{Action: "probe", Why: w.wants.Addresses[i] + " stands in the log alone"}, w.now, true
		}
	}
	return plan.Decision{}, 0, false
}
