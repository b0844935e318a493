package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// UnreadyRelease rolls out a release that serves and keeps PM2 waiting for the
// "ready" that wait_ready promised it.
type UnreadyRelease struct {
	Flag string        // the release: that release
	For  time.Duration // how long a worker serves, at least, before PM2 hears of it
}

// Kind implements Fault: whoever rolls is to blame for what a roll loses.
func (UnreadyRelease) Kind() string { return evidence.KindRequest }

// Asks names the capability that an engine needs for it.
func (UnreadyRelease) Asks() string { return engine.CanRoll }

// Inject switches the release and has it rolled out: by the engine, or by
// `pm2 reload`, which is not waited for.
func (f UnreadyRelease) Inject(ctx context.Context, at Site) error {
	if at.Ask != nil {
		return BadDeploy{Flag: f.Flag}.Inject(ctx, at)
	}
	err := at.release(ctx, f.Flag)
	if err != nil {
		return fmt.Errorf("cannot deploy the release: %w", err)
	}
	at.reloadBehind(ctx)
	return nil
}

// Bitten says yes once a new worker has served for that long while PM2 had not
// heard from it: it calls a worker online when it is ready (God.js, executeApp); or
// once the request has been ignored.
func (f UnreadyRelease) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	if bite, ok := isIgnored(r); ok {
		return bite, true
	}
	old, now := r.Serving(t-2*time.Second, t), findLatest(r)
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if s.At < t || !w.Alive || slices.Contains(old, w.PID) {
				continue
			}
			first, served := findFirstAnswer(r, w.PID)
			if served && now >= first+f.For && !wasOnline(r, w.ID, t, first+f.For) {
				return Bite{Note: fmt.Sprintf("pid %d had answered for %s, and PM2 took it for launching", w.PID, f.For)}, true
			}
		}
	}
	return Bite{Note: "no worker serves that PM2 does not know of"}, false
}

// findFirstAnswer returns when the process first answered a request, false if it has not.
func findFirstAnswer(r *evidence.Record, pid int) (time.Duration, bool) {
	first, found := time.Duration(0), false
	for i := range r.Requests {
		if q := &r.Requests[i]; q.PID == pid && q.Class == evidence.Answered && (!found || q.Done < first) {
			first, found = q.Done, true
		}
	}
	return first, found
}

// wasOnline reports whether PM2 called the worker online from one time to the other.
func wasOnline(r *evidence.Record, id int, from, to time.Duration) bool {
	return slices.ContainsFunc(r.Events, func(e evidence.Event) bool {
		return e.ID == id && e.Event == "online" && e.At >= from && e.At <= to
	})
}

// Lift does nothing: the release stays deployed.
func (UnreadyRelease) Lift(context.Context, Site) error { return nil }
