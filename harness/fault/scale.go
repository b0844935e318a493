package fault

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// ScaleDown takes workers away, as an operator does.
type ScaleDown struct {
	To     int   // workers that are left
	Delete []int // the worker ids that go; nil leaves the choice to pm2 scale
}

// Kind implements Fault.
func (ScaleDown) Kind() string { return evidence.KindFault }

// Inject runs pm2 scale, or pm2 delete for ids of one's own choice.
func (f ScaleDown) Inject(ctx context.Context, at Site) error {
	cmd := []string{"pm2", "scale", at.App, strconv.Itoa(f.To)}
	if len(f.Delete) > 0 {
		cmd = []string{"pm2", "delete"}
		for _, id := range f.Delete {
			cmd = append(cmd, strconv.Itoa(id))
		}
	}
	out, err := at.exec(ctx, cmd...)
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot scale the app down: %w", err)
	}
	return nil
}

// Bitten says yes once PM2 lists just the workers that are to be left, and worker
// 0 among them only if the choice was not PM2's: it takes the lowest first.
func (f ScaleDown) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok || len(r.Snapshots) == 0 || r.Snapshots[len(r.Snapshots)-1].At < t {
		return Bite{}, false
	}
	var numbers []string
	for _, w := range r.Snapshots[len(r.Snapshots)-1].Workers {
		numbers = append(numbers, w.Instance)
	}
	leads := slices.Contains(numbers, "0")
	return Bite{Note: fmt.Sprintf("the workers that are left have the numbers %v", numbers)},
		len(numbers) == f.To && leads == (len(f.Delete) > 0)
}

// Lift does nothing: what is gone is gone.
func (ScaleDown) Lift(context.Context, Site) error { return nil }
