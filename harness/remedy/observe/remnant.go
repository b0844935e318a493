package observe

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/host"
)

// Remnant is a worker's process that runs on although the daemon that started it has gone.
// Workers end with their daemon, but for one that is stopped by a signal, and for apps in fork
// mode that are not Node's or that have no library of PM2's in them (pmx: false).
type Remnant struct {
	ID    int    `json:"id"` // pm_id that it had
	PID   int    `json:"pid"`
	State string `json:"state"` // /proc state letter
}

// listRemnants lists the processes of the workers that there were at the last look at a list,
// and that still run. A pid that is another process by now is none.
func (w *Watcher) listRemnants() []Remnant {
	var out []Remnant
	for id, k := range w.known {
		if k.start == 0 {
			continue
		}
		if st, err := host.Stat(k.pid); err == nil && st.Start == k.start && st.State != 'Z' && st.State != 'X' {
			out = append(out, Remnant{ID: id, PID: k.pid, State: string(st.State)})
		}
	}
	slices.SortFunc(out, func(a, b Remnant) int { return a.ID - b.ID })
	return out
}
