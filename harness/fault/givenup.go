package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// GivenUp has PM2 give up on all workers of a bad release. Lifting it puts the
// good release back and applies an operator's remedy.
type GivenUp struct {
	Release BadRelease
	Remedy  string // the pm2 command that is to bring the app back: reset, restart
}

// Kind implements Fault.
func (GivenUp) Kind() string { return evidence.KindFault }

// Inject deploys the bad release.
func (f GivenUp) Inject(ctx context.Context, at Site) error { return f.Release.Inject(ctx, at) }

// Bitten says yes once no worker has a process or a start to come. PM2 says
// errored then, or waiting restart with pid 0 where a delay is configured
// (God.js overwrites the one with the other and arms no timer).
func (f GivenUp) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok || len(r.Snapshots) == 0 || r.Snapshots[len(r.Snapshots)-1].At < t {
		return Bite{}, false
	}
	text, died := findDyingWords(r, t, f.Release.Says)
	n := 0
	for _, w := range r.Snapshots[len(r.Snapshots)-1].Workers {
		if w.PID == 0 && (w.Status == "errored" || w.Status == "waiting restart") {
			n++
		}
	}
	return Bite{Note: fmt.Sprintf("PM2 has given up on %d of %d workers, which said %q", n, r.Header.Workers, text)},
		died && n >= r.Header.Workers
}

// Lift puts the good release back and runs the remedy.
func (f GivenUp) Lift(ctx context.Context, at Site) error {
	if err := f.Release.Lift(ctx, at); err != nil {
		return err
	}
	if err := at.runPM2(ctx, f.Remedy, at.App); err != nil {
		return fmt.Errorf("cannot run pm2 %s: %w", f.Remedy, err)
	}
	return nil
}
