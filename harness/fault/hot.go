package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// HotWorker has one worker burn CPU in slices, so that it answers on, slowly. It
// is not worker 0, which may have work of its own.
type HotWorker struct{}

// Kind implements Fault.
func (HotWorker) Kind() string { return evidence.KindFault }

// Inject asks for /burn on a connection to a worker that is not number 0.
func (HotWorker) Inject(ctx context.Context, at Site) error {
	if err := at.inject(ctx, injector.Order{Burn: &injector.Burn{Port: at.Port, Path: at.resolvePath("/burn")}}); err != nil {
		return fmt.Errorf("cannot have a worker burn: %w", err)
	}
	return nil
}

// hotLook is how long answers are compared for, and hotSlower how many times
// slower one worker's must be.
const (
	hotLook   = 3 * time.Second
	hotSlower = 3
)

// Bitten says yes once one worker's median answer takes hotSlower times as long as
// the median of all did before, and every other worker's does not.
func (HotWorker) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	now := findLatest(r)
	if !ok || now < t+hotLook {
		return Bite{}, false
	}
	before, after := []time.Duration{}, map[int][]time.Duration{}
	for i := range r.Requests {
		q := &r.Requests[i]
		switch {
		case q.Lane != evidence.LaneShort || q.Class != evidence.Answered:
		case q.Done < t:
			before = append(before, q.Done-q.Due)
		case q.Due >= now-hotLook:
			after[q.PID] = append(after[q.PID], q.Done-q.Due)
		}
	}
	if len(before) == 0 {
		return Bite{}, false
	}
	slices.Sort(before)
	was := before[len(before)/2]
	var slow []int
	for pid, took := range after {
		slices.Sort(took)
		if took[len(took)/2] > hotSlower*was {
			slow = append(slow, pid)
		}
	}
	return Bite{Note: fmt.Sprintf("pids %v take more than %d times %s", slow, hotSlower, was.Round(time.Millisecond)), PIDs: slow},
		len(slow) == 1
}

// Lift does nothing: what burns ends with its process.
func (HotWorker) Lift(context.Context, Site) error { return nil }
