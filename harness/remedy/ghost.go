package remedy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// ghostAfter is how long the daemon may listen for nobody before that is a ghost: a
// worker that has just died is forgotten within milliseconds.
const ghostAfter = time.Second

// ghostAgain is how long an attempt to close the port is given. It doubles with each
// that does not help, which is each one where the policy forbids it: attempts count
// against the app's budget of actions, and that is for its workers.
const (
	ghostAgain     = 10 * time.Second
	ghostDoublings = 8
)

// unghost closes a port that PM2's daemon listens on though the engine holds every
// worker of the app. Clients would hang there that could be refused at once, and each takes a file
// descriptor of the daemon's, until nobody can ask it for anything.
func (d *decider) unghost(in *Incident) {
	switch {
	case !d.o.HasOrphanListener():
		in.Ghost, in.GhostTries = 0, 0
	case in.Ghost == 0:
		in.Ghost = d.o.At
	case d.o.At-in.Ghost >= ghostAfter && d.s.Busy[nobody] == "":
		if d.act(in, engine.ActionRelease, nobody, d.o.Daemon.PID, fmt.Sprintf("PM2's daemon listens on port %d, and no worker is left to answer", d.o.Port.Number)) {
			in.Ghost = d.o.At + ghostAgain<<min(in.GhostTries, ghostDoublings)
			in.GhostTries++
		}
	}
}

// nobody is the id of an action that is about no worker.
const nobody = -1

// releaseWithin is how long the kernel may show a socket that was closed.
const releaseWithin = 2 * time.Second

// release has the daemon forget dead workers, and returns when it does not listen
// any more.
func (h hand) release(ctx context.Context, daemon int) error {
	if _, err := (drain.Drainer{Inspector: h.inspector, Guard: h.guard}).Bury(ctx, daemon); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, releaseWithin)
	defer cancel()
	t := time.NewTicker(releaseWithin / 20)
	defer t.Stop()
	for {
		socks, err := host.Listeners(h.port, daemon)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(socks, func(s host.Socket) bool { return s.PID == daemon }) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cannot close port %d: PM2's daemon (pid %d) listens on it after %s", h.port, daemon, releaseWithin)
		case <-t.C:
		}
	}
}
