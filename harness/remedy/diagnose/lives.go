package diagnose

import (
	"maps"
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
	said  []saying
	told  int    // how much of said words is of
	words string // its last words, if no process has lived on with them
}

// saying is an error text that a process has uttered.
type saying struct {
	observe.Event
	same string // what it comes to without numbers and times, once somebody has asked
}

// lives sorts what a history tells by processes.
type lives struct {
	now     map[int]*life            // the running ones, by worker id
	ended   map[int]*life            // the latest that have ended, by worker id
	all     []*life                  // in the order of their starts
	livedOn map[string]time.Duration // since when it is known of an error that processes live on with it
}

// forget drops the processes that were seen last before start, and what was said before it.
func (l *lives) forget(start time.Duration) {
	old := func(one *life) bool { return one.last < start }
	if slices.ContainsFunc(l.all, old) {
		l.all = slices.DeleteFunc(l.all, old)
		maps.DeleteFunc(l.ended, func(_ int, one *life) bool { return old(one) })
		maps.DeleteFunc(l.now, func(_ int, one *life) bool { return old(one) })
	}
	for _, one := range l.all {
		n := 0
		for n < len(one.said) && one.said[n].At < start {
			n++
		}
		one.said = one.said[n:]
	}
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
	if before := l.ended[e.ID]; before != nil && before.over && len(before.said) == 0 && e.At-before.last < saidLate {
		before.said = append(before.said, saying{Event: e})
	}
	if one := l.now[e.ID]; one != nil {
		one.said = append(one.said, saying{Event: e})
	} else if l.ended[e.ID] == nil {
		one = l.begin(e.ID, -1, e.At)
		one.said = append(one.said, saying{Event: e})
	}
}

// end files the end of a worker's process, whose start may not have been seen.
func (l *lives) end(id int, at time.Duration) *life {
	one := l.now[id]
	if one == nil {
		one = l.begin(id, -1, at)
	}
	one.over, one.last = true, at
	one.came = one.came || one.computeAge() > bootUptime
	delete(l.now, id)
	l.ended[id] = one
	return one
}

// computeAge returns how long a process has run at least.
func (one *life) computeAge() time.Duration {
	if one.start >= 0 {
		return one.last - one.start
	}
	return one.last - one.seen
}

// computeUptime returns how long a process has lived that has ended, -1 if its start was
// not seen.
func (one *life) computeUptime() time.Duration {
	if one.start < 0 {
		return -1
	}
	return one.last - one.start
}

// look takes in the rows of an observation, and who was seen to serve at it. first is
// the oldest observation: what is seen for the first time at it may have run for long.
func (l *lives) look(o *observe.Observation, first bool) {
	for i := range o.Workers {
		w := &o.Workers[i]
		if before := l.ended[w.ID]; !w.Alive || w.PID <= 0 || (before != nil && before.pid == w.PID) {
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
		one.came = one.came || one.computeAge() > bootUptime || o.SawServing(*w)
	}
}

// listen learns which errors processes of the app have uttered and lived on with.
func (l *lives) listen(words *nodeerr.Memo) {
	clear(l.livedOn)
	for _, one := range l.all {
		if !one.came {
			continue
		}
		for i := range one.said {
			x := &one.said[i]
			if one.last-x.At < saidInUse {
				continue
			}
			if x.same == "" {
				x.same = words.Normalise(x.Text)
			}
			known := max(x.At+saidInUse, one.seen)
			if was, ok := l.livedOn[x.same]; !ok || known < was {
				if l.livedOn == nil {
					l.livedOn = map[string]time.Duration{}
				}
				l.livedOn[x.same] = known
			}
		}
	}
}

// findWords returns what a process that has ended died of: the exception, or else the latest
// error it named shortly before its end. What processes of the app have said and gone on
// serving is not it. "" when it ended without a word of its own.
func (l *lives) findWords(one *life, words *nodeerr.Memo) string {
	if len(l.livedOn) == 0 && one.told == len(one.said) {
		return one.words
	}
	var said []string
	exception := ""
	for _, e := range one.said {
		if one.last-e.At > lastSaid {
			continue
		}
		if len(l.livedOn) > 0 {
			if known, ok := l.livedOn[words.Normalise(e.Text)]; ok && known <= e.At {
				continue
			}
		}
		said = append(said, e.Text)
		if e.Kind == observe.KindException {
			exception = e.Text
		}
	}
	if exception == "" {
		exception = words.PickLastError(said)
	}
	one.told, one.words = len(one.said), exception
	if len(l.livedOn) > 0 {
		one.told = -1 // it holds for this turn
	}
	return exception
}
