package report

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// States of a worker's row in the timeline. Serving and silent are read off
// answers, not off PM2's word.
const (
	stateUp      = "up"      // it runs while no load is on
	stateBooting = "booting" // it runs and has not answered yet
	stateServing = "serving" // it answers
	stateSilent  = "silent"  // it has answered, runs on, and answers nothing
	stateFrozen  = "frozen"  // its process is stopped by a signal
	stateLeaving = "leaving" // PM2 is stopping it
	stateWaiting = "waiting" // no process; PM2 says it waits to restart
	stateStopped = "stopped" // no process; PM2 says stopped
	stateErrored = "errored" // no process; PM2 says errored
	stateGone    = "gone"    // no process, and PM2 has not noticed or said why
)

// States lists them in the order of the legend.
func States() []string {
	return []string{stateServing, stateBooting, stateSilent, stateFrozen, stateLeaving, stateUp,
		stateWaiting, stateStopped, stateErrored, stateGone}
}

// stretch is a worker's row in one state for a while.
type stretch struct {
	From, To time.Duration // on the record's clock
	State    string
	Pid      int // 0 while there is no process
}

// life is one process of a worker.
type life struct {
	pid, id  int
	from, to time.Duration
	exited   bool // the kernel reported its end; otherwise it was seen to be gone, or the record ends
	seen     []sighting
}

// sighting is what one snapshot says of a process.
type sighting struct {
	at    time.Duration
	state string
}

// buildLives reconstructs every process that the app's workers had: from the first trace
// of it (PM2's event, a snapshot, an answer) to the exit that the kernel reported, or
// else to the first snapshot without it.
func buildLives(r *evidence.Record, end time.Duration) []life {
	byPID := map[int]*life{}
	var order []*life
	get := func(pid, id int, at time.Duration) *life {
		l := byPID[pid]
		if l == nil {
			l = &life{pid: pid, id: id, from: at, to: -1}
			byPID[pid], order = l, append(order, l)
		}
		if l.id < 0 {
			l.id = id
		}
		return l
	}
	for _, s := range r.Snapshots {
		alive := map[int]bool{}
		for _, w := range s.Workers {
			if w.PID == 0 || !w.Alive || !isOwnWorker(r, w) {
				continue
			}
			alive[w.PID] = true
			l := get(w.PID, w.ID, s.At)
			l.seen = append(l.seen, sighting{s.At, classifyRunning(w)})
		}
		for _, l := range order {
			if l.to < 0 && !alive[l.pid] {
				l.to = s.At
			}
		}
	}
	for _, e := range r.Exits {
		l := get(e.PID, e.ID, e.At)
		l.from, l.to, l.exited = min(l.from, e.At), e.At, true
	}
	firsts := findFirstAnswers(r)
	out := make([]life, 0, len(order))
	for _, l := range order {
		if l.to < 0 {
			l.to = end
		}
		if t, ok := firsts[l.pid]; ok {
			l.from = min(l.from, t)
		}
		out = append(out, *l)
	}
	backdate(r, out)
	slices.SortStableFunc(out, func(a, b life) int { return int(a.from - b.from) })
	return out
}

// isOwnWorker reports whether a snapshot's row is a worker of the drilled app.
func isOwnWorker(r *evidence.Record, w evidence.Worker) bool {
	return r.Header.App == "" || w.Name == r.Header.App
}

// backdate moves a process's start to the event with which PM2 announced it,
// if that came after the worker's previous process was gone.
func backdate(r *evidence.Record, lives []life) {
	for i := range lives {
		l := &lives[i]
		var floor time.Duration
		for _, other := range lives {
			if other.id == l.id && other.pid != l.pid && other.to <= l.from {
				floor = max(floor, other.to)
			}
		}
		for _, e := range r.Events {
			if e.ID == l.id && (e.Event == "start" || e.Event == "online") && e.At > floor && e.At < l.from {
				l.from = e.At
				break
			}
		}
	}
}

func findFirstAnswers(r *evidence.Record) map[int]time.Duration {
	first := map[int]time.Duration{}
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Class != evidence.Answered || q.PID == 0 {
			continue
		}
		if t, ok := first[q.PID]; !ok || q.Done < t {
			first[q.PID] = q.Done
		}
	}
	return first
}

func classifyRunning(w evidence.Worker) string {
	switch {
	case w.State == "T" || w.State == "t":
		return stateFrozen
	case w.Status == "launching":
		return stateBooting
	case w.Status == "stopping":
		return stateLeaving
	}
	return stateUp
}

func classifyAbsent(status string) string {
	switch status {
	case "waiting restart":
		return stateWaiting
	case "stopped":
		return stateStopped
	case "errored":
		return stateErrored
	}
	return stateGone
}

// load is the window within which a worker that answers nothing is worth
// showing, and how long it must answer nothing.
type load struct {
	from, to time.Duration
	silence  time.Duration
	answers  map[int][]time.Duration // when each pid answered, sorted
}

func buildLoad(r *evidence.Record) load {
	w := load{answers: map[int][]time.Duration{}}
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Lane == evidence.LaneNoise {
			continue
		}
		if w.from == 0 || q.Due < w.from {
			w.from = q.Due
		}
		w.to = max(w.to, q.Due)
		if q.Class == evidence.Answered && q.PID > 0 {
			w.answers[q.PID] = append(w.answers[q.PID], q.Done)
		}
	}
	for _, a := range w.answers {
		slices.Sort(a)
	}
	rate := 0.0
	for _, l := range r.Header.Lanes {
		if l.Lane != evidence.LaneNoise {
			rate += l.Rate
		}
	}
	w.silence = time.Second
	if rate > 0 {
		w.silence = max(w.silence, time.Duration(4*float64(r.Header.Workers)/rate*float64(time.Second)))
	}
	return w
}

// splitByState divides a life into stretches of one state each.
func (l life) splitByState(w load) []stretch {
	var out []stretch
	at, state := l.from, stateUp
	if len(l.seen) > 0 {
		state = l.seen[0].state
	}
	for _, s := range l.seen {
		if s.state != state && s.at > at {
			out = append(out, l.refine(w, at, s.at, state)...)
			at = s.at
		}
		state = s.state
	}
	return joinStretches(append(out, l.refine(w, at, l.to, state)...))
}

// refine splits a stretch in which the process merely runs by whether it
// answered. A process that PM2 calls launching and that answers is serving.
func (l life) refine(w load, from, to time.Duration, state string) []stretch {
	if state != stateUp && state != stateBooting {
		return []stretch{{from, to, state, l.pid}}
	}
	answers := w.answers[l.pid]
	idle := stateSilent
	if len(answers) == 0 || answers[0] >= to {
		idle = stateBooting
	}
	var out []stretch
	add := func(until time.Duration, s string) {
		if until > from {
			out, from = append(out, stretch{from, until, s, l.pid}), until
		}
	}
	add(min(to, w.from), state)
	last := w.to + w.silence
	if idle == stateBooting {
		add(min(to, last), stateBooting)
	}
	for i, a := range answers {
		switch {
		case a <= from || a > to:
			continue
		case i == 0 && (l.from >= w.from || a-from > w.silence):
			add(a, stateBooting)
		case i > 0 && a-max(from, answers[i-1]) > w.silence:
			add(a, idle)
		default:
			add(a, stateServing)
		}
	}
	if rest := min(to, last); rest-from > w.silence {
		add(rest, idle)
	} else {
		add(rest, stateServing)
	}
	add(to, stateUp)
	return out
}

// joinStretches merges neighbours in the same state.
func joinStretches(in []stretch) []stretch {
	var out []stretch
	for _, s := range in {
		if n := len(out); n > 0 && out[n-1].State == s.State && out[n-1].Pid == s.Pid && out[n-1].To == s.From {
			out[n-1].To = s.To
			continue
		}
		out = append(out, s)
	}
	return out
}
