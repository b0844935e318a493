package fault

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// WatchedRelease deploys a release that writes into a folder that PM2 watches, so that PM2 starts
// the app anew by itself.
type WatchedRelease struct {
	Flag   string // the release
	Rounds int    // how often PM2 must have seen a change
}

// Kind implements Fault.
func (WatchedRelease) Kind() string { return evidence.KindFault }

// Inject puts the release in place and types the restart.
func (f WatchedRelease) Inject(ctx context.Context, at Site) error {
	if err := at.release(ctx, f.Flag); err != nil {
		return fmt.Errorf("cannot deploy the release: %w", err)
	}
	return at.typePM2(ctx, "restart", at.App)
}

// oneChange is how long after the first word of a change others may come: each worker has a
// watcher of its own.
const oneChange = time.Second

// Bitten says yes once PM2 has seen so many changes, one after the other.
func (f WatchedRelease) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	rounds, last := 0, time.Duration(0)
	for _, e := range r.Events {
		if e.At < t || !strings.HasPrefix(e.Topic, "log:PM2") || !strings.Contains(e.Text, "Change detected on path") {
			continue
		}
		if rounds == 0 || e.At-last > oneChange {
			rounds++
		}
		last = e.At
	}
	return Bite{Note: fmt.Sprintf("PM2 has started the app anew for %d changes", rounds)}, rounds >= f.Rounds
}

// Lift does nothing: the release stays.
func (WatchedRelease) Lift(context.Context, Site) error { return nil }
