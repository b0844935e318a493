package promise

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// rewrite is a change of what PM2 has on a worker, which is seen from one look to the next.
type rewrite struct {
	action   string // reset or configure, as the contract calls it
	worker   evidence.Worker
	told     string        // what has changed, in words
	from, at time.Duration // the looks
}

// rewrites finds, in the list of each look that rows gives, the counters that somebody set back
// and the settings that somebody changed. A daemon that was started anew has its list from a file.
func rewrites(r *evidence.Record, rows func(evidence.Snapshot) []evidence.Worker) []rewrite {
	type row struct {
		restarts, daemon int
		at               time.Duration
	}
	last, settings := map[int]row{}, map[int]map[string]string{}
	var out []rewrite
	for _, s := range r.Snapshots {
		for _, w := range rows(s) {
			was, known := last[w.ID]
			last[w.ID] = row{w.Restarts, s.Daemon, s.At}
			same := known && was.daemon == s.Daemon
			if same && w.Restarts < was.restarts {
				out = append(out, rewrite{"reset", w, fmt.Sprintf("PM2 counted %d restarts, and then %d", was.restarts, w.Restarts), was.at, s.At})
			}
			if w.Settings == nil {
				continue
			}
			if before := settings[w.ID]; same && before != nil {
				out = append(out, rewrite{"configure", w, difference(before, w.Settings), was.at, s.At})
			}
			settings[w.ID] = w.Settings
		}
	}
	return out
}

// difference says in what settings differ, by name.
func difference(before, after map[string]string) string {
	both := maps.Clone(before)
	maps.Copy(both, after)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(both)) {
		if before[name] != after[name] {
			parts = append(parts, fmt.Sprintf("%s from %q to %q", name, before[name], after[name]))
		}
	}
	return strings.Join(parts, ", ")
}

// rewritten are the changes of what PM2 has on the app's workers that were neither the
// harness's doing nor before the engine was there.
func (q *inquest) rewritten() []Deed {
	if q.isDeploying() {
		return nil
	}
	var out []Deed
	for _, w := range rewrites(q.r, func(s evidence.Snapshot) []evidence.Worker { return s.Workers }) {
		if !q.typed.meet(w.from, w.at) {
			out = append(out, Deed{Action: w.action, ID: w.worker.ID, PID: w.worker.PID, Begin: w.at, End: w.at, Told: w.told, Unsaid: true})
		}
	}
	return out
}

// meet reports whether one of them has a moment with the stretch in common.
func (s spans) meet(from, to time.Duration) bool {
	return slices.ContainsFunc(s, func(x [2]time.Duration) bool { return x[0] <= to && x[1] >= from })
}

// othersRewritten says what somebody has changed of what PM2 has on the other apps that it
// runs, "" for nothing, and when that was seen.
func othersRewritten(r *evidence.Record) (what string, at time.Duration) {
	from, _ := findEngineStart(r)
	for _, w := range rewrites(r, func(s evidence.Snapshot) []evidence.Worker { return s.Others }) {
		if w.at > from {
			return fmt.Sprintf("somebody changed what PM2 has on %s, another app: %s", w.worker.Name, w.told), w.at
		}
	}
	return "", 0
}

// givenAs reports whether a worker was set up so by somebody else than the engine: in the first
// look that tells of its settings, or of those of any worker of the app where it came later. A
// record whose observer did not look at settings says nothing against it.
func givenAs(r *evidence.Record, id int, name, value string) bool {
	if !slices.Contains(r.Header.Watches, evidence.WatchTerms) {
		return true
	}
	var others, own map[string]string
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.Settings == nil {
				continue
			}
			if others == nil {
				others = w.Settings
			}
			if own == nil && w.ID == id {
				own = w.Settings
			}
		}
	}
	if own == nil {
		own = others
	}
	return own[name] == value || wasTyped(r, id, name, value)
}

// wasTyped reports whether an operator's command, typed as a part of the fault, gave the setting
// that value.
func wasTyped(r *evidence.Record, id int, name, value string) bool {
	hands := typed(r)
	changes := rewrites(r, func(s evidence.Snapshot) []evidence.Worker { return s.Workers })
	return slices.ContainsFunc(changes, func(w rewrite) bool {
		return w.worker.ID == id && w.worker.Settings[name] == value && hands.meet(w.from, w.at)
	})
}
