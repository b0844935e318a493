package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// PortTakenInDeploy is PortTaken while the app is deployed: the release that is started is
// a new one, which takes its time until it asks for the port, and the pipeline tries again.
type PortTakenInDeploy struct {
	Flag  string // the release: that release
	Again time.Duration
}

// Kind implements Fault.
func (PortTakenInDeploy) Kind() string { return evidence.KindFault }

// Inject deploys the release while the port is given away, and once more after a while.
func (f PortTakenInDeploy) Inject(ctx context.Context, at Site) error {
	if err := at.release(ctx, f.Flag); err != nil {
		return fmt.Errorf("cannot deploy the release: %w", err)
	}
	if err := (PortTaken{}).Inject(ctx, at); err != nil {
		return err
	}
	if err := pause(ctx, f.Again); err != nil {
		return err
	}
	return at.typePM2(ctx, "restart", at.App)
}

// Bitten implements Fault as PortTaken does.
func (PortTakenInDeploy) Bitten(r *evidence.Record) (Bite, bool) { return PortTaken{}.Bitten(r) }

// Lift ends the other service.
func (PortTakenInDeploy) Lift(ctx context.Context, at Site) error { return PortTaken{}.Lift(ctx, at) }

// ContradictingOperator is PortTaken, and a person who does the opposite of what an engine
// does about it: the app is restarted as often as it takes, although it cannot have its port,
// and one worker is stopped for good.
type ContradictingOperator struct {
	Restarts int
	Every    time.Duration // from one restart to the next
	Stop     int           // id of the worker that is to stay stopped
}

// Kind implements Fault.
func (ContradictingOperator) Kind() string { return evidence.KindFault }

// Inject takes the port, and types what the person types.
func (f ContradictingOperator) Inject(ctx context.Context, at Site) error {
	if err := (PortTaken{}).Inject(ctx, at); err != nil {
		return err
	}
	for range f.Restarts {
		if err := pause(ctx, f.Every); err != nil {
			return err
		}
		if err := at.typePM2(ctx, "restart", at.App); err != nil {
			return err
		}
	}
	if err := pause(ctx, f.Every); err != nil {
		return err
	}
	return OperatorStop{ID: f.Stop}.Inject(ctx, at)
}

// Bitten says yes once the port is taken, a worker has died of it, and the one is stopped.
func (f ContradictingOperator) Bitten(r *evidence.Record) (Bite, bool) {
	taken, ok := PortTaken{}.Bitten(r)
	if len(r.Snapshots) == 0 {
		return taken, false
	}
	stopped := slices.ContainsFunc(r.Snapshots[len(r.Snapshots)-1].Workers, func(w evidence.Worker) bool {
		return w.ID == f.Stop && !w.Alive && w.Status == "stopped"
	})
	return Bite{Note: fmt.Sprintf("%s; worker %d is stopped", taken.Note, f.Stop)}, ok && stopped
}

// Lift ends the other service. What the person has stopped stays stopped.
func (ContradictingOperator) Lift(ctx context.Context, at Site) error {
	return PortTaken{}.Lift(ctx, at)
}

// FlappingDependency stops and starts the app's database server several times on end.
type FlappingDependency struct {
	Times    int
	Down, Up time.Duration // how long each lasts
}

// Kind implements Fault.
func (FlappingDependency) Kind() string { return evidence.KindFault }

// Inject has the server go and come. At the end it is away.
func (f FlappingDependency) Inject(ctx context.Context, at Site) error {
	for n := range f.Times {
		if n > 0 {
			if err := pause(ctx, f.Down); err != nil {
				return err
			}
			if err := (DependencyDown{}).Lift(ctx, at); err != nil {
				return err
			}
			if err := pause(ctx, f.Up); err != nil {
				return err
			}
		}
		if err := (DependencyDown{}).Inject(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// Bitten implements Fault as DependencyDown does.
func (FlappingDependency) Bitten(r *evidence.Record) (Bite, bool) { return DependencyDown{}.Bitten(r) }

// Lift brings the server back for good.
func (FlappingDependency) Lift(ctx context.Context, at Site) error {
	return DependencyDown{}.Lift(ctx, at)
}

// pause waits: the time from one thing that an operator does to the next.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
