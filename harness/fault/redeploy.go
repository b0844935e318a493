package fault

import (
	"context"
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Redeploy takes the app away and starts it anew from another ecosystem file, as
// one must for a change that neither `pm2 restart` nor `pm2 reload` applies.
type Redeploy struct {
	File string // of the fixture, which takes the place of the one that it has
	Says string // what workers say when they die of it; "" where none does
}

// Kind implements Fault.
func (Redeploy) Kind() string { return evidence.KindFault }

// Inject deletes the app and starts it again.
func (f Redeploy) Inject(ctx context.Context, at Site) error {
	err := at.Cluster.Configure(ctx, f.File)
	if err == nil {
		err = at.runPM2(ctx, "delete", at.App)
	}
	if err == nil {
		err = at.Cluster.Up(ctx)
	}
	if err != nil {
		return fmt.Errorf("cannot redeploy the app: %w", err)
	}
	return nil
}

// Bitten says yes once every worker that served has gone, PM2 lists as many as
// before, nobody but PM2 is on the port, and a worker has died saying the words;
// where no words are given, once all of them run.
func (f Redeploy) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok || len(r.Snapshots) == 0 {
		return Bite{}, false
	}
	s := r.Snapshots[len(r.Snapshots)-1]
	alive := 0
	for _, w := range s.Workers {
		if w.Alive {
			alive++
		}
	}
	gone := countExited(r, t)
	if s.At < t || gone < r.Header.Workers || len(s.Workers) != r.Header.Workers || hasStrangers(s) {
		return Bite{Note: fmt.Sprintf("%d of the old workers have gone, PM2 lists %d", gone, len(s.Workers))}, false
	}
	if f.Says == "" {
		return Bite{Note: fmt.Sprintf("all old workers have gone, %d new ones run", alive)}, alive == r.Header.Workers
	}
	text, died := findDyingWords(r, t, f.Says)
	return Bite{Note: fmt.Sprintf("all old workers have gone; a new one said %q", text)}, died
}

// hasStrangers reports whether anybody but PM2's daemon and its children listens on the
// app's port.
func hasStrangers(s evidence.Snapshot) bool {
	return slices.ContainsFunc(s.Listeners, func(l evidence.Listener) bool {
		return l.PID != s.Daemon && !slices.Contains(s.Children, l.PID)
	})
}

// Lift does nothing: the next deployment is somebody else's.
func (Redeploy) Lift(context.Context, Site) error { return nil }
