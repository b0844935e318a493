package observe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pm2drill/pm2drill/harness/host"
)

// DoubtURL says why the health URL seems to be wrong, "" if it does not: the app runs,
// nobody listens on the URL's port, and PM2 or the app listen on others. It proves nothing,
// since an app that is ill may look like that.
func (w *Watcher) DoubtURL(o Observation) string {
	pids := ListLivePIDs(o.Workers)
	if len(pids) == 0 || w.url == "" {
		return ""
	}
	pids = append(pids, o.Daemon.PID)
	if there, err := host.Listeners(w.port, pids...); err != nil || len(there) > 0 {
		return ""
	}
	socks, err := host.OfProcesses(pids...)
	if err != nil {
		return "" // there is nothing to compare with
	}
	var ports []int
	for _, s := range socks {
		if s.State == host.TCPListen {
			ports = append(ports, int(s.Local.Port()))
		}
	}
	if len(ports) == 0 {
		return ""
	}
	slices.Sort(ports)
	var others []string
	for _, p := range slices.Compact(ports) {
		others = append(others, strconv.Itoa(p))
	}
	return fmt.Sprintf("nobody listens on port %d, which --url gives for %s; PM2 and its workers listen on %s: if the app is well, correct --url",
		w.port, w.app, strings.Join(others, ", "))
}
