package diagnose

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Spans that tell a process's last words from what it has said while it served.
const (
	lastSaid  = 2 * time.Second // before its end
	saidLate  = time.Second     // after its end: stderr and exit travel by different pipes
	saidInUse = 5 * time.Second // what a process says and serves on for so long is not what processes die of
)

// life is one process of a worker, from its start to its end, as far as it was seen.
type life struct {
	id    int
	pid   int           // 0 until a row has named it
	start time.Duration // -1 when it was not seen
	seen  time.Duration // when the process, or its start, was seen first
	last  time.Duration // when it was seen last, or its end
	over  bool
	came  bool // it has come up: it was seen to serve, or has lived for longer than a start takes
	asked bool // PM2 has asked it to end
	said  []observe.Event
}

// lives sorts what a history tells by processes.
type lives struct {
	now map[int]*life // the running ones, by worker id
	all []*life       // in the order of their starts
}

// begin files a new process.
func (l *lives) begin(id int, start, seen time.Duration) *life {
	one := &life{id: id, start: start, seen: seen, last: seen}
	l.now[id] = one
	l.all = append(l.all, one)
	return one
}

// hear files an error text, and gives it to the process before as well if that has just
// ended without a word.
func (l *lives) hear(e observe.Event) {
	if before := l.latest(e.ID); before != nil && before.over && len(before.said) == 0 && e.At-before.last < saidLate {
		before.said = append(before.said, e)
	}
	if one := l.now[e.ID]; one != nil {
		one.said = append(one.said, e)
	} else if l.latest(e.ID) == nil {
		one = l.begin(e.ID, -1, e.At)
		one.said = append(one.said, e)
	}
}

// latest returns the process of a worker that began last among those that have ended.
func (l *lives) latest(id int) *life {
	for _, one := range slices.Backward(l.all) {
		if one.id == id && one.over {
			return one
		}
	}
	return nil
}

// end files the end of a worker's process, whose start may not have been seen.
func (l *lives) end(id int, at time.Duration) *life {
	one := l.now[id]
	if one == nil {
		one = l.begin(id, -1, at)
	}
	one.over, one.last = true, at
	one.came = one.came || one.lasted() > bootUptime
	delete(l.now, id)
	return one
}

// lasted returns how long a process has run at least.
func (one *life) lasted() time.Duration {
	if one.start >= 0 {
		return one.last - one.start
	}
	return one.last - one.seen
}

// uptime returns how long a process has lived that has ended, -1 if its start was not seen.
func (one *life) uptime() time.Duration {
	if one.start < 0 {
		return -1
	}
	return one.last - one.start
}

// look takes in the rows of an observation, and who was seen to serve at it. first is
// the oldest observation: what is seen for the first time at it may have run for long.
func (l *lives) look(o observe.Observation, first bool) {
	for _, w := range o.Workers {
		if before := l.latest(w.ID); !w.Alive || w.PID <= 0 || (before != nil && before.pid == w.PID) {
			continue // the list is older than the event
		}
		one := l.now[w.ID]
		if one == nil || (one.pid != 0 && one.pid != w.PID) {
			if one != nil {
				l.end(w.ID, o.At) // its end was missed
			}
			start := time.Duration(-1)
			if !first && w.Since == o.At {
				start = w.Since // its online event was missed
			}
			one = l.begin(w.ID, start, w.Since)
		}
		one.pid, one.last = w.PID, o.At
		if w.Uptime > 0 && (one.start < 0 || o.At-w.Uptime < one.start) {
			one.start = o.At - w.Uptime
		}
		one.came = one.came || one.lasted() > bootUptime || o.SawServing(w)
	}
}

// words returns what a process that has ended died of: the exception, or else the latest
// error it named shortly before its end. What processes of the app have said and gone on
// serving is not it. "" when it ended without a word of its own.
func (l *lives) words(one *life, same func(text string) string) string {
	var said []string
	exception := ""
	for _, e := range one.said {
		if one.last-e.At > lastSaid || l.livedOn(e, same) {
			continue
		}
		said = append(said, e.Text)
		if e.Kind == observe.KindException {
			exception = e.Text
		}
	}
	if exception != "" {
		return exception
	}
	return nodeerr.PickLastError(said)
}

// livedOn reports whether a process of the app has said the same before and has gone on
// serving.
func (l *lives) livedOn(e observe.Event, same func(text string) string) bool {
	for _, one := range l.all {
		if !one.came || one.seen > e.At {
			continue
		}
		if slices.ContainsFunc(one.said, func(x observe.Event) bool {
			return e.At-x.At >= saidInUse && one.last-x.At >= saidInUse && (x.Text == e.Text || same(x.Text) == same(e.Text))
		}) {
			return true
		}
	}
	return false
}
