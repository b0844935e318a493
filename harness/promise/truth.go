package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TellsTheTruth: what the engine says it did is what PM2 and the kernel saw. A
// restart or kill it reports as done has ended a process of that worker and
// another one has come; a stop has left the worker without one; a reset has
// set the worker's count of restarts to zero; a release has closed the port; a scale has taken
// the worker off PM2's list, or has put one there. When it has verified a recovery,
// all workers serve.
func TellsTheTruth() Promise {
	return Promise{
		Name:     "tells-the-truth",
		Sentence: "PM2 and the kernel confirm every action the engine claims",
		Judge: func(r *evidence.Record) Finding {
			deeds, confirmed := claimed(r), 0
			for _, d := range deeds {
				if d.Failed || d.End == 0 {
					continue
				}
				if why := contradicted(r, d); why != "" {
					return broken(fmt.Sprintf("it claims to have done %s of worker %d, but %s", d.Action, d.ID, why), d.Begin)
				}
				confirmed++
			}
			if m, muted := r.Mark(evidence.MarkEngineMuted); muted {
				return broken(m.Note, m.At)
			}
			for _, c := range r.Claims {
				if n := len(r.Serving(c.At-Window, c.At+Window)); c.Type == "verified" && n < r.Expected() {
					return broken(fmt.Sprintf("it claims to have seen the recovery, and %d of %d workers served then", n, r.Expected()), c.At)
				}
			}
			if !spoke(r) {
				return Finding{Verdict: Skipped, Because: "the engine says nothing, so that nothing is to be held against it"}
			}
			return kept(fmt.Sprintf("%d of %d claimed actions are done and confirmed", confirmed, len(deeds)))
		},
	}
}

// contradicted says what the record has against a deed, "" if nothing.
func contradicted(r *evidence.Record, d Deed) string {
	switch d.Action {
	case "restart", "replace":
		if !started(r, d) {
			return "no new process of it was seen"
		}
	case "kill":
		if e, ok := r.ExitOf(d.PID); !ok || e.At > d.End+settle {
			return fmt.Sprintf("pid %d lived on", d.PID)
		}
	case "stop":
		if !stopped(r, d) {
			return "it was seen running all the time"
		}
	case "reset":
		if !zeroed(r, d) {
			return "PM2 went on counting its restarts"
		}
	case "release":
		if pid := listensAlone(r, d); pid > 0 {
			return fmt.Sprintf("PM2's daemon (pid %d) listened on, and the app had no worker", pid)
		}
	case "scale":
		if d.ID >= 0 && !listedWithout(r, d) {
			return "PM2 lists it still"
		}
		if d.ID < 0 && !came(r, d) {
			return fmt.Sprintf("no worker with pid %d was seen", d.PID)
		}
	}
	return ""
}

// listensAlone is the daemon's pid if it was still seen to listen for no worker after
// the deed, else 0. A snapshot is taken after the deed, but its parts are not of one
// instant: the kernel's word on sockets is as old as the look.
func listensAlone(r *evidence.Record, d Deed) int {
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

// started reports whether a new process of the deed's worker appeared while it
// was under way.
func started(r *evidence.Record, d Deed) bool {
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

// zeroed reports whether the deed's worker was seen with no restarts counted just
// after.
func zeroed(r *evidence.Record, d Deed) bool {
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.ID == d.ID && w.Restarts == 0 && s.At >= d.Begin && s.At <= d.End+settle {
				return true
			}
		}
	}
	return false
}

// listedWithout reports whether PM2's list was seen without the deed's worker
// while it was under way or just after.
func listedWithout(r *evidence.Record, d Deed) bool {
	return slices.ContainsFunc(r.Snapshots, func(s evidence.Snapshot) bool {
		return s.Daemon > 0 && s.At >= d.Begin-claimSlack && s.At <= d.End+settle && !slices.Contains(ids(s), d.ID)
	})
}

// came reports whether a worker with the deed's pid was seen that was not there
// before.
func came(r *evidence.Record, d Deed) bool {
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.PID == d.PID && w.Alive {
				return s.At >= d.Begin-claimSlack && s.At <= d.End+settle
			}
		}
	}
	return false
}

// stopped reports whether the deed's worker was seen without a process while
// it was under way or just after.
func stopped(r *evidence.Record, d Deed) bool {
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.ID == d.ID && !w.Alive && s.At >= d.Begin-claimSlack && s.At <= d.End+settle {
				return true
			}
		}
	}
	return false
}
