package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// NullMessage has a worker send PM2's daemon null, which ends it.
type NullMessage struct {
	Path string // of the request whose handler sends it
}

// Kind implements Fault.
func (NullMessage) Kind() string { return evidence.KindFault }

// Inject sends the request.
func (f NullMessage) Inject(ctx context.Context, at Site) error {
	return PoisonRequests{Paths: []string{f.Path}}.Inject(ctx, at)
}

// Bitten says yes once the daemon is gone that there was at the injection.
func (NullMessage) Bitten(r *evidence.Record) (Bite, bool) {
	was, is, ok := daemons(r)
	return Bite{Note: fmt.Sprintf("PM2's daemon was pid %d and is %d", was, is)}, ok && was != is
}

// daemons are the pids of PM2's daemon at the injection and at the last look, 0 for none.
func daemons(r *evidence.Record) (was, is int, ok bool) {
	t, ok := findInjection(r)
	before, seen := r.SnapshotAt(t)
	if !ok || !seen || before.Daemon == 0 {
		return 0, 0, false
	}
	last := r.Snapshots[len(r.Snapshots)-1]
	return before.Daemon, last.Daemon, last.At > t
}

// Lift does nothing: the request is over.
func (NullMessage) Lift(context.Context, Site) error { return nil }

// UpdatedPM2 is an operator's pm2 update: another daemon starts the same apps.
type UpdatedPM2 struct{}

// Kind implements Fault.
func (UpdatedPM2) Kind() string { return evidence.KindFault }

// Inject types it.
func (UpdatedPM2) Inject(ctx context.Context, at Site) error {
	if err := at.runPM2(ctx, "update"); err != nil {
		return fmt.Errorf("cannot restart PM2's daemon: %w", err)
	}
	return nil
}

// Bitten says yes once there is another daemon than at the injection.
func (UpdatedPM2) Bitten(r *evidence.Record) (Bite, bool) {
	was, is, ok := daemons(r)
	return Bite{Note: fmt.Sprintf("PM2's daemon was pid %d and is %d", was, is)}, ok && is != 0 && was != is
}

// Lift does nothing: it is over.
func (UpdatedPM2) Lift(context.Context, Site) error { return nil }
