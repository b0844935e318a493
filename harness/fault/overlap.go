package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// OutageBeside takes the app's database server away, which the app lives through, while one
// worker has a trouble of its own: its event loop spins, or it burns CPU.
type OutageBeside struct {
	Burn bool // the worker burns CPU and answers on; else it stalls
}

// Kind implements Fault.
func (OutageBeside) Kind() string { return evidence.KindFault }

// Inject stops the server, and gives a worker its trouble.
func (f OutageBeside) Inject(ctx context.Context, at Site) error {
	if err := (DependencyDown{}).Inject(ctx, at); err != nil {
		return err
	}
	if f.Burn {
		return HotWorker{}.Inject(ctx, at)
	}
	return StalledWorker{}.Inject(ctx, at)
}

// Bitten says yes once every worker but the one in trouble answers with an error; that one
// has answered nothing for a second and lives, or it alone answers slowly.
func (f OutageBeside) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	now := findLatest(r)
	if !ok || now < t+2*silence {
		return Bite{}, false
	}
	took := measureErrors(r, max(t, now-hotLook), now)
	var hit []int
	for _, pid := range r.Serving(t-2*time.Second, t) {
		if _, gone := r.ExitOf(pid); gone {
			continue
		}
		if times := took[pid]; len(times) == 0 && !f.Burn || len(times) > 0 && f.Burn && isSlowest(took, pid) {
			hit = append(hit, pid)
		}
	}
	failing := len(took)
	if !f.Burn {
		failing++ // the one that stalls cannot say so
	}
	return Bite{Note: fmt.Sprintf("%d workers answer with an error; pids %v are silent, or slow", len(took), hit), PIDs: hit},
		len(hit) == 1 && failing >= r.Header.Workers
}

// isSlowest reports whether a worker's median takes hotSlower times as long as that of
// every other one, and long enough not to be chance.
func isSlowest(took map[int][]time.Duration, pid int) bool {
	mine := computeMedian(took[pid])
	for other, times := range took {
		if other != pid && mine < hotSlower*computeMedian(times) {
			return false
		}
	}
	return mine > slowError
}

// slowError is longer than a healthy worker takes to say that it has no database.
const slowError = 30 * time.Millisecond

// Lift brings the server back. What a worker suffers of ends with its process.
func (OutageBeside) Lift(ctx context.Context, at Site) error { return DependencyDown{}.Lift(ctx, at) }

// measureErrors returns how long each worker took for its answers that were errors, on
// new connections.
func measureErrors(r *evidence.Record, from, to time.Duration) map[int][]time.Duration {
	took := map[int][]time.Duration{}
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Lane == evidence.LaneShort && q.Class == evidence.WrongStatus && q.PID > 0 && q.Due >= from && q.Done <= to {
			took[q.PID] = append(took[q.PID], q.Done-q.Due)
		}
	}
	return took
}

func computeMedian(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// PoisonedRoll asks for a rolling restart while requests come that their handler cannot
// survive, one now and then.
type PoisonedRoll struct{ Poison PoisonRequests }

// Kind implements Fault: what the requests cost is nobody's work.
func (PoisonedRoll) Kind() string { return evidence.KindFault }

// Asks names the capability that an engine needs for it.
func (PoisonedRoll) Asks() string { return RollingRestart{}.Asks() }

// Inject begins to send the requests, and asks for the roll.
func (f PoisonedRoll) Inject(ctx context.Context, at Site) error {
	if err := f.Poison.Inject(ctx, at); err != nil {
		return err
	}
	return RollingRestart{}.Inject(ctx, at)
}

// Bitten says yes once a worker has died of a request.
func (f PoisonedRoll) Bitten(r *evidence.Record) (Bite, bool) { return f.Poison.Bitten(r) }

// Lift does nothing: neither is taken back.
func (PoisonedRoll) Lift(context.Context, Site) error { return nil }

// LeakingRoll asks for a rolling restart while one worker keeps all that it reads.
type LeakingRoll struct{}

// Kind implements Fault: the memory that PM2 takes back is nobody's work.
func (LeakingRoll) Kind() string { return evidence.KindFault }

// Asks names the capability that an engine needs for it.
func (LeakingRoll) Asks() string { return RollingRestart{}.Asks() }

// leakFirst is how long a worker leaks before the roll is asked for: long enough to be the
// largest.
const leakFirst = 3 * time.Second

// Inject has a worker leak, and asks for the roll soon.
func (LeakingRoll) Inject(ctx context.Context, at Site) error {
	if err := at.inject(ctx, injector.Order{Posts: at.newPosts([]string{"/leak"}, nil)}); err != nil {
		return fmt.Errorf("cannot have a worker leak: %w", err)
	}
	if err := pause(ctx, leakFirst); err != nil {
		return err
	}
	return RollingRestart{}.Inject(ctx, at)
}

// Bitten says yes once a worker has said that it reads, and the roll has been asked for.
func (LeakingRoll) Bitten(r *evidence.Record) (Bite, bool) {
	roll, asked := RollingRestart{}.Bitten(r)
	leak, begun := findSaid(r, "the import begins")
	return Bite{Note: roll.Note + "; a worker said " + leak}, asked && begun
}

// Lift does nothing: the leak ends with its process.
func (LeakingRoll) Lift(context.Context, Site) error { return nil }

// findSaid returns the first line with the words that has been said since the injection,
// false for none.
func findSaid(r *evidence.Record, words string) (string, bool) {
	t, ok := findInjection(r)
	i := slices.IndexFunc(r.Events, func(e evidence.Event) bool { return ok && e.At >= t && strings.Contains(e.Text, words) })
	if i < 0 {
		return "", false
	}
	return findLine(r.Events[i].Text, words), true
}
