package fault

import (
	"context"
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// BadRelease deploys code that listens on its own port twice and restarts the
// app: workers die with the very words of a taken port, and nobody took it.
type BadRelease struct{}

// flag is the file by which the fixture runs its broken release.
const flag = "/srv/flags/listen-twice"

// Kind implements Fault.
func (BadRelease) Kind() string { return evidence.KindFault }

// Inject switches the release and restarts the app as an operator would.
func (BadRelease) Inject(ctx context.Context, at Site) error {
	out, err := at.Cluster.Exec(ctx, "sh", "-c", fmt.Sprintf("mkdir -p /srv/flags && touch %s && pm2 restart %s", flag, at.App))
	if err != nil {
		return fmt.Errorf("cannot deploy the bad release: %w", err)
	}
	if out.Code != 0 {
		return fmt.Errorf("cannot deploy the bad release: exit code %d: %s", out.Code, out.Stderr)
	}
	return nil
}

// Bitten says yes once a worker has died with the words of a taken port while
// nobody but PM2 was on it.
func (BadRelease) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := injected(r)
	if !ok || len(r.Snapshots) == 0 {
		return Bite{}, false
	}
	text, died := portError(r, t)
	s := r.Snapshots[len(r.Snapshots)-1]
	for _, l := range s.Listeners {
		if l.PID != s.Daemon && !slices.Contains(s.Children, l.PID) {
			return Bite{Note: fmt.Sprintf("pid %d is a stranger on the port", l.PID)}, false
		}
	}
	return Bite{Note: fmt.Sprintf("a worker said %q and nobody else has the port", text)}, died
}

// Lift puts the good release back on disk. The app is left as it is.
func (BadRelease) Lift(ctx context.Context, at Site) error {
	if _, err := at.Cluster.Exec(ctx, "rm", "-f", flag); err != nil {
		return fmt.Errorf("cannot take the bad release back: %w", err)
	}
	return nil
}
