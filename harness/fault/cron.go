package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// CronRestart gives every worker of the app a cron_restart, by a reload.
type CronRestart struct {
	Pattern string // of croner: six fields, the first of them seconds, or five
}

// Kind implements Fault.
func (CronRestart) Kind() string { return evidence.KindFault }

// Inject reloads the app with the setting.
func (f CronRestart) Inject(ctx context.Context, at Site) error {
	if err := at.runPM2(ctx, "reload", at.App, "--cron-restart", f.Pattern); err != nil {
		return fmt.Errorf("cannot give the app a cron_restart: %w", err)
	}
	return nil
}

// Bitten says yes once nobody has served for a moment, and as many processes as there are
// workers ended when that began: a reload leaves somebody to serve.
func (CronRestart) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	from, long := longestOutage(r, t)
	ended := 0
	for _, e := range r.Exits {
		if gap := e.At - from; gap > -atOnce && gap < atOnce {
			ended++
		}
	}
	return Bite{Note: fmt.Sprintf("nobody served for %s; %d processes ended when that began", long.Round(time.Millisecond), ended)},
		long >= noticed && ended >= r.Header.Workers
}

// Spans of an outage that PM2 has made by itself.
const (
	noticed = 700 * time.Millisecond // without an answer, at a hundred requests each second
	atOnce  = 3 * time.Second        // PM2 ends all workers, and none takes longer to go
)

// longestOutage is the longest time since t without an answer on a new connection, and when
// it began.
func longestOutage(r *evidence.Record, t time.Duration) (from, long time.Duration) {
	answers := []time.Duration{t}
	for i := range r.Requests {
		if q := &r.Requests[i]; q.Lane == evidence.LaneShort && q.Class == evidence.Answered && q.Done > t {
			answers = append(answers, q.Done)
		}
	}
	slices.Sort(answers)
	answers = append(answers, findLatest(r))
	for i := range answers[1:] {
		if gap := answers[i+1] - answers[i]; gap > long {
			from, long = answers[i], gap
		}
	}
	return from, long
}

// Lift takes the setting away again, by another reload.
func (CronRestart) Lift(ctx context.Context, at Site) error {
	if err := at.runPM2(ctx, "reload", at.App, "--cron-restart", "0"); err != nil {
		return fmt.Errorf("cannot take cron_restart from the app: %w", err)
	}
	return nil
}

// OperatorRestart is an operator's pm2 restart. PM2 restarts two workers at a time (API.js,
// concurrent actions); with wait_ready it waits until they are ready, and without it all workers
// have ended before one serves again.
type OperatorRestart struct{}

// Kind implements Fault.
func (OperatorRestart) Kind() string { return evidence.KindFault }

// Inject types it.
func (OperatorRestart) Inject(ctx context.Context, at Site) error {
	if err := at.runPM2(ctx, "restart", at.App); err != nil {
		return fmt.Errorf("cannot restart the app: %w", err)
	}
	return nil
}

// Bitten says yes where the same has happened as by a cron_restart.
func (OperatorRestart) Bitten(r *evidence.Record) (Bite, bool) { return CronRestart{}.Bitten(r) }

// Lift does nothing: PM2 has started them again.
func (OperatorRestart) Lift(context.Context, Site) error { return nil }
