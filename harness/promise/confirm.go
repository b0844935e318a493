package promise

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// findLoneListener returns the daemon's pid if it was still seen to listen for no worker
// after the deed, else 0. A snapshot is taken after the deed, but its parts are not of
// one instant: what the kernel says of sockets is as old as the look.
func findLoneListener(r *evidence.Record, d Deed) int {
	for _, s := range r.Snapshots {
		alive := slices.ContainsFunc(s.Workers, func(w evidence.Worker) bool { return w.Alive })
		if s.At <= d.End+claimSlack || s.At > d.End+2*settle || alive {
			continue
		}
		if slices.ContainsFunc(s.Listeners, func(l evidence.Listener) bool { return l.PID == s.Daemon }) {
			return s.Daemon
		}
	}
	return 0
}

// settle is how long after an engine's done line the observer may need to see
// the effect: it looks when PM2 says something, and every five seconds besides.
const settle = 5500 * time.Millisecond

// hasStarted reports whether a new process of the deed's worker appeared while the deed
// was under way.
func hasStarted(r *evidence.Record, d Deed) bool {
	before := map[int]bool{}
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			switch {
			case w.ID != d.ID || w.PID == 0:
			case s.At < d.Begin-claimSlack:
				before[w.PID] = true
			case s.At <= d.End+settle && !before[w.PID]:
				return true
			}
		}
	}
	return false
}

// hasZeroed reports whether the deed's worker was seen with a restart count of 0 just
// after the deed.
func hasZeroed(r *evidence.Record, d Deed) bool {
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.ID == d.ID && w.Restarts == 0 && s.At >= d.Begin && s.At <= d.End+settle {
				return true
			}
		}
	}
	return false
}

// hasDelisted reports whether PM2's list was seen without the deed's worker while the
// deed was under way or just after.
func hasDelisted(r *evidence.Record, d Deed) bool {
	return slices.ContainsFunc(r.Snapshots, func(s evidence.Snapshot) bool {
		return s.Daemon > 0 && s.At >= d.Begin-claimSlack && s.At <= d.End+settle && !slices.Contains(listIDs(s), d.ID)
	})
}

// hasAppeared reports whether a worker with the deed's pid was seen that was not there
// before.
func hasAppeared(r *evidence.Record, d Deed) bool {
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.PID == d.PID && w.Alive {
				return s.At >= d.Begin-claimSlack && s.At <= d.End+settle
			}
		}
	}
	return false
}

// hasStopped reports whether the deed's worker was seen without a process while the deed
// was under way or just after.
func hasStopped(r *evidence.Record, d Deed) bool {
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.ID == d.ID && !w.Alive && s.At >= d.Begin-claimSlack && s.At <= d.End+settle {
				return true
			}
		}
	}
	return false
}
