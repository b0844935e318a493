package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// DependencyDown stops the app's database server, a real one in a container
// of its own, and starts it again when lifted.
type DependencyDown struct {
	Restart bool // somebody restarts the app meanwhile
}

// Kind implements Fault.
func (DependencyDown) Kind() string { return evidence.KindFault }

// Inject stops the server's container.
func (f DependencyDown) Inject(ctx context.Context, at Site) error {
	if err := at.Cluster.StopServer(ctx); err != nil {
		return fmt.Errorf("cannot take the dependency down: %w", err)
	}
	if !f.Restart {
		return nil
	}
	if err := at.runPM2(ctx, "restart", at.App); err != nil {
		return fmt.Errorf("cannot restart the app without its dependency: %w", err)
	}
	return nil
}

// Bitten says yes once every worker that served has gone, or has answered with
// an error: an app may live through an outage, and its users notice all the same.
func (f DependencyDown) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	failing := map[int]bool{}
	for _, q := range r.Requests {
		if q.Class == evidence.WrongStatus && q.PID > 0 && q.Sent >= t {
			failing[q.PID] = true
		}
	}
	n, m := countExited(r, t), len(failing)
	return Bite{Note: fmt.Sprintf("of %d workers %d went after the server did, %d answer with an error", r.Header.Workers, n, m)},
		n >= r.Header.Workers || (!f.Restart && m >= r.Header.Workers)
}

// Lift starts the server and waits until it answers.
func (DependencyDown) Lift(ctx context.Context, at Site) error {
	if err := at.Cluster.StartServer(ctx); err != nil {
		return fmt.Errorf("cannot bring the dependency back: %w", err)
	}
	return nil
}
