package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// headcount is how long the workers may take to answer, all of them, before a roll.
const headcount = 10 * time.Second

// listWorkers returns the app's workers in the order of the roll, all of them seen to
// serve. Where one dies meanwhile, as of a request that kills it, PM2 puts another in its
// place, and that one is asked.
func (r Roller) listWorkers(ctx context.Context) ([]Worker, error) {
	ctx, cancel := context.WithTimeout(ctx, headcount)
	defer cancel()
	out, err := r.listFit(ctx)
	if err != nil {
		return nil, err
	}
	for {
		if err = r.checkServing(ctx, out); err == nil || !errors.Is(err, errDied) {
			return out, err
		}
		died := err
		err = poll(ctx, inquiry, func() (bool, error) {
			out, err = r.listFit(ctx)
			return err == nil, nil
		})
		if err != nil {
			return nil, died
		}
	}
}

// listFit lists the app's workers in the order of the roll. It returns an error if one of them
// is in no state to be replaced.
func (r Roller) listFit(ctx context.Context) ([]Worker, error) {
	list, err := r.PM2.List(ctx)
	if err != nil {
		return nil, err
	}
	var rows []pm2.Process
	for _, p := range list {
		if p.Name != r.App {
			continue
		}
		if err := r.checkFit(p); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnsafe, err)
		}
		rows = append(rows, p)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%w: PM2 has no such app", ErrUnsafe)
	}
	slices.SortFunc(rows, func(a, b pm2.Process) int {
		return cmp.Or(cmp.Compare(rankLast(a.Instance == r.Leader), rankLast(b.Instance == r.Leader)), cmp.Compare(a.ID, b.ID))
	})
	var out []Worker
	for _, p := range rows {
		out = append(out, NewWorker(p, r.Port, r.URL))
	}
	return out, nil
}

func rankLast(last bool) int {
	if last {
		return 1
	}
	return 0
}

// checkFit says as an error why a row of PM2's list forbids a roll.
func (r Roller) checkFit(p pm2.Process) error {
	switch {
	case p.ID < 0:
		return errors.New("a reload is under way or was left half done: PM2 lists an outgoing worker")
	case p.Mode != "cluster":
		return fmt.Errorf("worker %d does not run in cluster mode", p.ID)
	case p.State() != pm2.Running || !r.Kernel.Alive(p.PID):
		return fmt.Errorf("worker %d is not up: PM2 has it %s with pid %d", p.ID, p.Status, p.PID)
	}
	return nil
}

// errDied: a worker has died while it was asked whether it serves.
var errDied = errors.New("it has died meanwhile")

// checkServing asks every worker for an answer. The error wraps errDied if one of them
// ends.
func (r Roller) checkServing(ctx context.Context, workers []Worker) error {
	alive, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var pids []int
	for _, w := range workers {
		exited, err := r.Kernel.Exited(alive, w.PID)
		if err != nil {
			return fmt.Errorf("%w: worker %d (pid %d): %w", ErrUnsafe, w.ID, w.PID, errDied)
		}
		go func() {
			if <-exited; alive.Err() == nil { // it is closed then too
				stop(errDied)
			}
		}()
		pids = append(pids, w.PID)
	}
	err := r.serve(alive, r.URL, pids)
	switch {
	case err == nil:
		return nil
	case errors.Is(context.Cause(alive), errDied):
		return fmt.Errorf("%w: a worker does not serve: %w", ErrUnsafe, errDied)
	}
	return fmt.Errorf("%w: a worker does not serve: %w", ErrUnsafe, err)
}
