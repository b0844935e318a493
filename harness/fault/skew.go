package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// BusyClient is one client with a connection that it keeps: all its work falls
// to one worker, since a connection stays where it was handed to. Nothing is
// wrong with that.
type BusyClient struct {
	Rate int           // requests a second
	Cost time.Duration // CPU of each
	For  time.Duration
}

// Kind implements Fault.
func (BusyClient) Kind() string { return evidence.KindFault }

// Inject starts the client, which ends by itself.
func (f BusyClient) Inject(ctx context.Context, at Site) error {
	client := injector.Client{
		Port: at.Port, Path: at.resolvePath(fmt.Sprintf("/busy?ms=%d", f.Cost.Milliseconds())), Every: time.Second / time.Duration(f.Rate), For: f.For,
	}
	if err := at.injectBehind(ctx, injector.Order{Client: &client}); err != nil {
		return fmt.Errorf("cannot start the busy client: %w", err)
	}
	return nil
}

// skewed is how many times the CPU of its siblings a worker must use.
const skewed = 3

// Bitten says yes once one worker has used skewed times as much CPU since the
// injection as any other.
func (BusyClient) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	was, seen := r.SnapshotAt(t)
	if !ok || !seen || r.Snapshots[len(r.Snapshots)-1].At < t+2*time.Second {
		return Bite{}, false
	}
	var used []int
	for _, w := range r.Snapshots[len(r.Snapshots)-1].Workers {
		for _, b := range was.Workers {
			if b.PID == w.PID {
				used = append(used, w.CPU-b.CPU)
			}
		}
	}
	slices.Sort(used)
	n := len(used)
	if n < 2 {
		return Bite{}, false
	}
	return Bite{Note: fmt.Sprintf("the workers have used %v hundredths of a second of CPU", used)}, used[n-1] >= 50 && used[n-1] > skewed*used[n-2]
}

// Lift does nothing: the client goes by itself.
func (BusyClient) Lift(context.Context, Site) error { return nil }
