package promise

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// KeepsFiles: from the engine's start on nobody changes the app's files, and nobody
// empties, replaces or removes PM2's logs, or the files by which its daemon is found, but the fault and an operator's own roll-back
// that the engine was asked to run; and nobody but PM2's workers writes in the app's journal.
func KeepsFiles() Promise {
	return Promise{
		Name:     "keeps-files",
		Watches:  evidence.WatchFiles,
		Hard:     true,
		Sentence: "the engine changes neither the app's files nor PM2's logs",
		Judge: func(r *evidence.Record) Finding {
			if m, forged := r.Mark(evidence.MarkForged); forged {
				return newBroken(m.Note, m.At)
			}
			if len(r.Files) == 0 {
				return newInconclusive("the observer did not look at the app's files")
			}
			last := map[string]evidence.File{}
			for _, f := range r.Files {
				was, known := last[f.Path]
				last[f.Path] = f
				if what := describeFileChange(f, was, known); what != "" && isUnasked(r, f.At) && !renewed(r, f) {
					return newBroken(fmt.Sprintf("%s was %s, and the fault had not done it", f.Path, what), f.At)
				}
			}
			return newKept(fmt.Sprintf("%d files, and all are as they were", len(last)))
		},
	}
}

// describeFileChange says what was done to a file, "" if nothing. A log may be created,
// and grow.
func describeFileChange(f, was evidence.File, known bool) string {
	switch {
	case f.Gone:
		return "removed"
	case f.Log && (!known || was.Gone):
		return ""
	case f.Log && f.Inode != was.Inode:
		return "replaced"
	case f.Log:
		return "emptied"
	case !known || was.Gone:
		return "created"
	case f.Sum != "" && f.Sum == was.Sum && f.Inode == was.Inode:
		return "written to, though it is the same again"
	}
	return "changed"
}

// renewed reports whether a file is one of those that PM2's daemon makes when it starts, and the
// daemon was another one at any look: a new daemon is another promise's matter.
func renewed(r *evidence.Record, f evidence.File) bool {
	first := 0
	return slices.Contains(evidence.DaemonFiles(), path.Base(f.Path)) && slices.ContainsFunc(r.Snapshots, func(s evidence.Snapshot) bool {
		first = cmp.Or(first, s.Daemon)
		_, gone := r.ExitOf(first)
		return gone || s.Daemon != 0 && s.Daemon != first
	})
}

// isUnasked reports whether a change of a file at t is within the drill and is neither
// the harness's doing nor that of the roll-back that was asked for.
func isUnasked(r *evidence.Record, t time.Duration) bool {
	from, ok := findEngineStart(r)
	end, ended := r.Mark(evidence.MarkEnd)
	if !ok || t <= from || (ended && t >= end.At) || listOperatorSpans(r).contains(t) {
		return false
	}
	return !r.Asked() || !slices.ContainsFunc(listClaimed(r), func(d Deed) bool {
		return d.Action == "rollback" && t >= d.Begin-claimSlack && t <= d.computeEnd()+claimSlack
	})
}

// KeepsPort: from the steady state on nobody listens where the app's clients connect to
// but PM2's daemon, the app's workers, and whom the fault has put there.
func KeepsPort() Promise {
	return Promise{
		Name:     "keeps-port",
		Watches:  evidence.WatchTree,
		Hard:     true,
		Sentence: "nobody but PM2, its workers and the fault listens on the app's port",
		Judge: func(r *evidence.Record) Finding {
			steady, _ := r.Mark(evidence.MarkSteady)
			end, _ := r.Mark(evidence.MarkEnd)
			bitten, bit := r.Mark(evidence.MarkBitten)
			strangers, looks := r.Strangers(), 0
			var faults []int
			for _, s := range r.Snapshots {
				if s.At <= steady.At || s.At >= end.At {
					continue
				}
				looks++
				for _, l := range strangers(s) {
					if bit && s.At <= bitten.At {
						faults = append(faults, l.PID)
					}
					if !slices.Contains(faults, l.PID) {
						return newBroken(fmt.Sprintf("pid %d (%.80s) listened on port %d", l.PID, l.Command, l.Port), s.At)
					}
				}
			}
			if looks < fewLooks {
				return newInconclusive(fmt.Sprintf("the port was looked at %d times, too few to judge", looks))
			}
			return newKept(fmt.Sprintf("%d looks at the port", looks))
		},
	}
}
