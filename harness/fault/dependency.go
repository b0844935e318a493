package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// DependencyDown stops the app's Redis server, a real one in a container of
// its own, and starts it again when lifted.
type DependencyDown struct{}

// Kind implements Fault.
func (DependencyDown) Kind() string { return evidence.KindFault }

// Inject stops the server's container.
func (DependencyDown) Inject(ctx context.Context, at Site) error {
	if err := at.Cluster.StopRedis(ctx); err != nil {
		return fmt.Errorf("cannot take the dependency down: %w", err)
	}
	return nil
}

// Bitten says yes once every worker that served has gone.
func (DependencyDown) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := injected(r)
	if !ok {
		return Bite{}, false
	}
	n := exitedSince(r, t)
	return Bite{Note: fmt.Sprintf("%d of %d workers went after the server did", n, r.Header.Workers)}, n >= r.Header.Workers
}

// Lift starts the server and waits until it answers.
func (DependencyDown) Lift(ctx context.Context, at Site) error {
	if err := at.Cluster.StartRedis(ctx); err != nil {
		return fmt.Errorf("cannot bring the dependency back: %w", err)
	}
	return nil
}
