package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// PortTaken lets a process that PM2 does not own take the app's port while an
// operator restarts the app: `pm2 stop` frees the port, the stranger binds it,
// and `pm2 start` finds it taken.
type PortTaken struct{}

// stranger is the other service, from the fixtures.
const stranger = "/srv/lib/stranger.js"

// Kind implements Fault.
func (PortTaken) Kind() string { return evidence.KindFault }

// Inject stops the app, gives its port away and starts the app again.
func (PortTaken) Inject(ctx context.Context, at Site) error {
	steps := [][]string{
		{"pm2", "stop", at.App},
		{"sh", "-c", fmt.Sprintf("node %s %d </dev/null >/tmp/stranger.log 2>&1 & "+
			"until grep -q listening /tmp/stranger.log; do sleep 0.05; done", stranger, at.Port)},
		{"pm2", "start", at.App},
	}
	for _, cmd := range steps {
		out, err := at.Cluster.Exec(ctx, cmd...)
		if err == nil {
			err = out.Failed() // pm2 start answers with code 0 although no worker can bind
		}
		if err != nil {
			return fmt.Errorf("cannot give the port away: %s: %w", strings.Join(cmd, " "), err)
		}
	}
	return nil
}

// Bitten says yes once somebody who is neither the daemon nor a child of it
// listens on the port and a worker has died of it.
func (PortTaken) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := injected(r)
	if !ok || len(r.Snapshots) == 0 {
		return Bite{}, false
	}
	text, died := diedSaying(r, t, "EADDRINUSE")
	s := r.Snapshots[len(r.Snapshots)-1]
	for _, l := range s.Listeners {
		if s.At >= t && died && l.PID != s.Daemon && !slices.Contains(s.Children, l.PID) {
			return Bite{Note: fmt.Sprintf("pid %d (%s) listens on port %d; a worker said %q", l.PID, l.Command, l.Port, text)}, true
		}
	}
	return Bite{Note: fmt.Sprintf("%d listeners", len(s.Listeners))}, false
}

// Lift ends the stranger and waits until the kernel has taken it away.
func (PortTaken) Lift(ctx context.Context, at Site) error {
	script := fmt.Sprintf("pkill -f '^node %s' || exit 0; while pgrep -f '^node %s' >/dev/null; do sleep 0.02; done", stranger, stranger)
	out, err := at.Cluster.Exec(ctx, "sh", "-c", script)
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot end the stranger: %w", err)
	}
	return nil
}
