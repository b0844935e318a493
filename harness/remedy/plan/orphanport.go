package plan

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// orphanAfter is how long the daemon may listen for nobody before its port is closed: a
// worker that has just died is forgotten within milliseconds.
const orphanAfter = time.Second

// orphanAgain is how long an attempt to close the port is given. It doubles with each
// that does not help, which is each one where the policy forbids it: attempts count
// against the app's budget of actions, and that is for its workers.
const (
	orphanAgain     = 10 * time.Second
	orphanDoublings = 8
)

// closeOrphanPort closes a port that PM2's daemon listens on though the engine holds every
// worker of the app. Clients would hang there that could be refused at once, and each takes a file
// descriptor of the daemon's, until nobody can ask it for anything.
func (d *decider) closeOrphanPort(in *Incident) {
	switch {
	case !d.o.HasOrphanListener():
		in.OrphanSince, in.OrphanTries = 0, 0
	case in.OrphanSince == 0:
		in.OrphanSince = d.o.At
	case d.o.At-in.OrphanSince >= orphanAfter && d.s.Busy[nobody] == "":
		if d.tryAction(in, engine.ActionRelease, nobody, d.o.Daemon.PID, fmt.Sprintf("PM2's daemon listens on port %d, and no worker is left to answer", d.o.Port.Number)) {
			in.OrphanSince = d.o.At + orphanAgain<<min(in.OrphanTries, orphanDoublings)
			in.OrphanTries++
		}
	}
}

// nobody is the id of an action that is about no worker.
const nobody = -1
