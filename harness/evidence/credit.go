package evidence

import (
	"slices"
	"time"
)

// exitSlack is how much later than its worker's end an answer may be read.
const exitSlack = time.Second

// Credit returns the test of whether a request was answered by one of PM2's own workers,
// behind PM2's own listener. A response names its worker itself, and whoever answers may
// name any: so the process must be one of the app's in PM2's list, or below one; it must
// not have ended before; and the port must not have been in a stranger's hand in two
// looks on end (between one and the next anybody may have taken it or given it back). A
// record whose observer did not look at processes below PM2's counts every answer that
// names a process.
func (r *Record) Credit() func(*Request) bool {
	if !slices.Contains(r.Header.Watches, WatchTree) || len(r.Snapshots) == 0 {
		return func(q *Request) bool { return q.Class == Answered && q.PID > 0 }
	}
	workers, taken := r.listProcesses(), r.listStrangerSpans()
	ended := map[int]time.Duration{}
	for _, x := range r.Exits {
		ended[x.PID] = x.At
	}
	return func(q *Request) bool {
		if q.Class != Answered || q.PID <= 0 || !workers[q.PID] {
			return false
		}
		at, gone := ended[q.PID]
		return !(gone && q.Done > at+exitSlack) && !slices.ContainsFunc(taken, func(t [2]time.Duration) bool { return q.Done >= t[0] && q.Done <= t[1] })
	}
}

// listProcesses returns the app's processes in PM2's list at any look, and those below
// them.
func (r *Record) listProcesses() map[int]bool {
	all := map[int]bool{}
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.Alive && (w.Name == "" || w.Name == r.Header.App) {
				all[w.PID] = true
				for _, pid := range w.Under {
					all[pid] = true
				}
			}
		}
	}
	return all
}

// Strangers are those that listen where the app's clients connect to, at that look, and
// are neither PM2's daemon nor one of its workers nor below one.
func (r *Record) Strangers() func(Snapshot) []Listener {
	own := r.listProcesses()
	for _, s := range r.Snapshots {
		own[s.Daemon] = true
	}
	return func(s Snapshot) []Listener {
		return slices.DeleteFunc(slices.Clone(s.Listeners), func(l Listener) bool {
			return own[l.PID] || !isReached(l.Addr)
		})
	}
}

// isReached reports whether the load's connections, which go to 127.0.0.1, may come to a
// listener on that address.
func isReached(addr string) bool {
	return slices.Contains([]string{"", "0.0.0.0", "::", "127.0.0.1", "::ffff:127.0.0.1"}, addr)
}

// listStrangerSpans returns the spans of time in which two looks one after the other
// found a stranger on the port.
func (r *Record) listStrangerSpans() [][2]time.Duration {
	strange := r.Strangers()
	var out [][2]time.Duration
	for i := range r.Snapshots {
		s := r.Snapshots[i]
		if len(strange(s)) == 0 {
			continue
		}
		switch {
		case i+1 == len(r.Snapshots):
			out = append(out, [2]time.Duration{s.At, 1<<63 - 1})
		case len(strange(r.Snapshots[i+1])) > 0:
			out = append(out, [2]time.Duration{s.At, r.Snapshots[i+1].At})
		}
	}
	return out
}
