package promise

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// KeepsBounds: the engine's hand stays on this app's workers: the daemon lives
// on as the same process, so do the other apps that it runs, whose settings and counters stay,
// at the end the same worker ids exist as before with the settings that they had, but for the two
// timeouts that an alert tells of as drift, and nobody but the fault stops the daemon or a
// process of PM2's without ending it, or changes its priority or on what terms the kernel
// runs it. A daemon that is too busy to answer lives on.
func KeepsBounds() Promise {
	return Promise{
		Name:     "keeps-bounds",
		Hard:     true,
		Sentence: "PM2's daemon and its list of workers stay what they were",
		Judge: func(r *evidence.Record) Finding {
			steady, _ := r.Mark(evidence.MarkSteady)
			before, ok := r.SnapshotAt(steady.At)
			last, answered := lastAnswered(r)
			if !ok || !answered {
				return newInconclusive("the observer saw no cluster before the fault")
			}
			for _, s := range r.Snapshots {
				if s.At <= steady.At || unanswered(r, s, before.Daemon) {
					continue
				}
				if s.Daemon != before.Daemon {
					return newBroken(fmt.Sprintf("PM2's daemon went from pid %d to %d", before.Daemon, s.Daemon), s.At)
				}
				if was, is := describeNeighbours(r, before), describeNeighbours(r, s); was != is {
					return newBroken(fmt.Sprintf("another app's processes went from %s to %s", was, is), s.At)
				}
			}
			for _, look := range []func(*evidence.Record) (string, time.Duration){findManipulated, othersRewritten, findLeftSettings} {
				if what, at := look(r); what != "" {
					return newBroken(what, at)
				}
			}
			was, is := listIDs(before), listIDs(last)
			if !slices.Equal(was, is) {
				return newBroken(fmt.Sprintf("the worker ids went from %v to %v", was, is), last.At)
			}
			return newKept(fmt.Sprintf("daemon %d and workers %v throughout", before.Daemon, was))
		},
	}
}

// unanswered reports whether the daemon did not answer at that look, and lived all the same: on
// a busy host it may be late.
func unanswered(r *evidence.Record, s evidence.Snapshot, daemon int) bool {
	x, gone := r.ExitOf(daemon)
	return s.Daemon == 0 && !(gone && x.At <= s.At)
}

// lastAnswered is the last look at which a daemon answered, or the last one of all if the daemon
// that was there has gone.
func lastAnswered(r *evidence.Record) (evidence.Snapshot, bool) {
	for _, s := range slices.Backward(r.Snapshots) {
		if s.Daemon != 0 || len(s.Workers) > 0 {
			return s, true
		}
	}
	return evidence.Snapshot{}, false
}

// treatment is how PM2's processes were treated, from look to look.
type treatment struct {
	nice  map[int]int               // priority of each process, by pid
	terms map[int]map[string]string // likewise; what a look does not tell is as before
}

// changed says what of a process's treatment is another than at the last look, "" for nothing.
func (t treatment) changed(w evidence.Worker) string {
	was, known := t.nice[w.PID]
	t.nice[w.PID] = w.Nice
	if known && was != w.Nice {
		return fmt.Sprintf("somebody changed the priority of pid %d (%s) from %d to %d", w.PID, w.Name, was, w.Nice)
	}
	if w.Terms == nil {
		return ""
	}
	terms := t.terms[w.PID]
	t.terms[w.PID] = w.Terms
	for _, name := range slices.Sorted(maps.Keys(w.Terms)) {
		if terms != nil && terms[name] != w.Terms[name] {
			return fmt.Sprintf("somebody changed the %s of pid %d (%s) from %s to %s", name, w.PID, w.Name, terms[name], w.Terms[name])
		}
	}
	return ""
}

// forget drops what is known of a process that had ended by then: its pid may be another's.
func (t treatment) forget(r *evidence.Record, pid int, at time.Duration) {
	if x, gone := r.ExitOf(pid); gone && x.At < at {
		delete(t.nice, pid)
		delete(t.terms, pid)
	}
}

// findManipulated returns which process of PM2's somebody stopped or gave another
// priority, "" if none, and when that was seen. Which processes the fault hits is known
// once it has taken effect; where it has not, nobody is ruled against.
func findManipulated(r *evidence.Record) (what string, at time.Duration) {
	from, _ := findEngineStart(r)
	inject, injected := r.Mark(evidence.MarkInject)
	bitten, bit := r.Mark(evidence.MarkBitten)
	targets, t := newInquest(r).targets, treatment{map[int]int{}, map[int]map[string]string{}}
	for _, s := range r.Snapshots {
		for _, w := range processes(s) {
			t.forget(r, w.PID, s.At)
			changed, stopped := t.changed(w), strings.EqualFold(w.State, "T")
			if stopped && injected && s.At > inject.At && s.At <= bitten.At {
				targets[w.PID] = true
			}
			switch {
			case !w.Alive || s.At <= from || targets[w.PID] || injected && !bit && s.At > inject.At:
			case changed != "":
				return changed, s.At
			case stopped:
				return fmt.Sprintf("somebody had stopped pid %d (%s, state %s), which the fault had not", w.PID, w.Name, w.State), s.At
			}
		}
	}
	return "", 0
}

// processes are those of PM2's list at a look, and the daemon's own.
func processes(s evidence.Snapshot) []evidence.Worker {
	all := slices.Concat(s.Workers, s.Others)
	if s.Process != nil {
		all = append(all, *s.Process)
	}
	return all
}

// describeNeighbours names the processes of the other apps that PM2 runs; of an app that
// is deployed meanwhile only its workers.
func describeNeighbours(r *evidence.Record, s evidence.Snapshot) string {
	var out []string
	for _, w := range s.Others {
		if slices.Contains(r.Header.Restless, w.Name) {
			out = append(out, fmt.Sprintf("%s worker %d", w.Name, w.ID))
			continue
		}
		out = append(out, fmt.Sprintf("%s pid %d", w.Name, w.PID))
	}
	return strings.Join(out, ", ")
}

func listIDs(s evidence.Snapshot) []int {
	var out []int
	for _, w := range s.Workers {
		out = append(out, w.ID)
	}
	slices.Sort(out)
	return out
}
