package promise

import (
	"fmt"
	"maps"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// listTunable returns the settings that an engine may leave changed, for an alert has a place for
// them (drift).
func listTunable() []string { return []string{"kill_timeout", "listen_timeout"} }

// findLeftSettings says which setting of the app's workers somebody has changed and not set back
// by the last look, "" for none, and when that look was. What the fault or an operator has changed
// is as it should be, and so is all while a deployment goes on. A setting that is changed for a while
// is counted as an action and no more.
func findLeftSettings(r *evidence.Record) (what string, at time.Duration) {
	q := newInquest(r)
	from, ok := findEngineStart(r)
	if !ok || r.Unaided() || q.isDeploying() {
		return "", 0
	}
	given, is := map[int]map[string]string{}, map[int]map[string]string{}
	var last evidence.Snapshot
	for _, s := range r.Snapshots {
		if s.Daemon != last.Daemon && s.Daemon != 0 {
			clear(given) // a new daemon has its list from a file
		}
		for _, w := range s.Workers {
			if w.Settings != nil {
				is[w.ID] = dropTunable(w.Settings)
			}
			if given[w.ID] == nil || s.At <= from || q.typed.meet(last.At, s.At) {
				given[w.ID] = is[w.ID]
			}
		}
		if s.Daemon != 0 {
			last = s
		}
	}
	for _, w := range last.Workers {
		if left := difference(given[w.ID], is[w.ID]); left != "" {
			return fmt.Sprintf("somebody changed what PM2 has on worker %d, and left it so: %s", w.ID, left), last.At
		}
	}
	return "", 0
}

// dropTunable returns the settings without those that an engine may leave changed.
func dropTunable(settings map[string]string) map[string]string {
	rest := maps.Clone(settings)
	for _, name := range listTunable() {
		delete(rest, name)
	}
	return rest
}
