package observe

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// booted is how long a process has run that has opened its ports, if it ever does.
const booted = 10 * time.Second

// DoubtURL says why the health URL seems to be wrong, "" if it does not: the app runs,
// nobody listens on the URL's port, and PM2 or the app listen on others. sure is true where
// every worker is online and has been for longer than nearly any start takes, and PM2 has no
// other app that it may listen for; it proves nothing otherwise, since an app that is ill
// may look like that.
func (w *Watcher) DoubtURL(o Observation) (doubt string, sure bool) {
	others := w.findOthers(o)
	if len(others) == 0 {
		return "", false
	}
	sure = !slices.ContainsFunc(w.procs, func(p pm2.Process) bool { return p.Name != w.app }) &&
		!slices.ContainsFunc(o.Workers, func(r Worker) bool { return !r.isOnline() || r.Uptime < booted })
	return fmt.Sprintf("PM2 and its workers listen on %s, and nobody listens on port %d of the health URL of %s: correct the URL if the app is well",
		strings.Join(others, ", "), w.port, w.app), sure
}

// findOthers lists the addresses that PM2 and the app listen on, if the app runs and nobody
// listens on its port.
func (w *Watcher) findOthers(o Observation) []string {
	pids := ListLivePIDs(o.Workers)
	if len(pids) == 0 || w.url == "" {
		return nil
	}
	pids = append(pids, o.Daemon.PID)
	if there, err := host.Listeners(w.port, pids...); err != nil || len(there) > 0 {
		return nil
	}
	socks, err := host.OfProcesses(pids...)
	if err != nil {
		return nil // there is nothing to compare with
	}
	var others []string
	for _, s := range socks {
		if s.State == host.TCPListen {
			others = append(others, s.Local.String())
		}
	}
	slices.Sort(others)
	return slices.Compact(others)
}

// IsYoung reports whether every worker is online, and one may still be about to open its port.
func (o Observation) IsYoung() bool {
	return !slices.ContainsFunc(o.Workers, func(r Worker) bool { return !r.isOnline() }) &&
		slices.ContainsFunc(o.Workers, func(r Worker) bool { return r.Uptime < booted })
}

// isOnline reports whether PM2 and the kernel agree that a worker runs.
func (w Worker) isOnline() bool { return w.Alive && w.Status == "online" }
