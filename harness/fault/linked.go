package fault

import (
	"context"
	"fmt"
	"strings"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// LinkedRelease deploys a release as many scripts do: it is put into a folder of its own, the
// link is moved to it, and PM2 is told to reload the app.
type LinkedRelease struct {
	// Anew has the app deleted and started from the new folder, which is what PM2 needs.
	Anew bool
}

// Kind implements Fault.
func (LinkedRelease) Kind() string { return evidence.KindFault }

// Inject deploys the release.
func (f LinkedRelease) Inject(ctx context.Context, at Site) error {
	l := at.Cluster.Layout()
	deploy := `cp -r "$0" "$0-2" && echo "$2" > "$0-2/REVISION" && ln -sfn "$0-2" "$1"`
	if err := typedAsUser(ctx, at, "sh", "-c", deploy, l.Dir(), l.Link(), l.Releases[cluster.Next]); err != nil {
		return fmt.Errorf("cannot deploy a release by a link: %w", err)
	}
	if !f.Anew {
		return at.typePM2(ctx, "reload", at.App)
	}
	for _, command := range [][]string{{"delete", at.App}, {"start", l.Link() + "/ecosystem.config.js"}} {
		if err := at.runPM2(ctx, command...); err != nil {
			return fmt.Errorf("cannot start the new release: %w", err)
		}
	}
	return nil
}

// Bitten says yes once every worker is another process, and PM2 has the old path for all of
// them, or the new one where the app was started anew.
func (f LinkedRelease) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	before, seen := r.SnapshotAt(t)
	if !ok || !seen || len(before.Workers) == 0 {
		return Bite{}, false
	}
	script := map[int]string{} // by worker id, as PM2 has it at last
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if path := w.Settings["script"]; path != "" {
				script[w.ID] = path
			}
		}
	}
	now, alike := r.Snapshots[len(r.Snapshots)-1], 0
	for _, w := range now.Workers {
		if _, gone := r.ExitOf(w.PID); w.Alive && !gone && strings.Contains(script[w.ID], "-2/") == f.Anew {
			alike++
		}
	}
	replaced := countExited(r, t)
	return Bite{Note: fmt.Sprintf("%d of the old workers have gone; PM2 has the path that was meant for %d of %d", replaced, alike, len(now.Workers))},
		replaced >= r.Header.Workers && alike >= r.Header.Workers
}

// Lift does nothing: the release stays.
func (LinkedRelease) Lift(context.Context, Site) error { return nil }
