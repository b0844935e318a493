package drain

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// SpareHooks are called around what a roll does with its spare worker. Each may be nil.
type SpareHooks struct {
	Add     func(ids []int) error // before it is added, with the ids of the app's workers; an error forbids it
	Added   func(spare Worker, err error)
	Remove  func(spare Worker) // before it is removed
	Removed func(spare Worker, res Result, err error)
	Kept    func(spare Worker) // it stays, since others do not serve
}

// SpareError says that a spare worker did not come to serve. It has been deleted.
type SpareError struct {
	ID  int // its pm_id
	Err error
}

func (e *SpareError) Error() string {
	return fmt.Sprintf("the spare worker %d does not come to serve: %v", e.ID, e.Err)
}

func (e *SpareError) Unwrap() error { return e.Err }

// addSpare starts one worker more, after the first of these, which is not the leader unless it
// is alone, and waits until it serves.
func (r Roller) addSpare(ctx context.Context, workers []Worker) (Worker, error) {
	before, err := r.listRows(ctx)
	if err != nil {
		return Worker{}, err
	}
	var ids []int
	for _, p := range before {
		ids = append(ids, p.ID)
	}
	if r.Spare.Add != nil {
		if err := r.Spare.Add(ids); err != nil {
			return Worker{}, err
		}
	}
	spare, err := r.startSpare(ctx, before, workers[0].ID)
	if r.Spare.Added != nil {
		r.Spare.Added(spare, err)
	}
	return spare, err
}

// startSpare has PM2 add a worker beside these, and waits until it serves.
func (r Roller) startSpare(ctx context.Context, before []pm2.Process, model int) (Worker, error) {
	if err := r.PM2.Duplicate(ctx, model); err != nil {
		return Worker{}, fmt.Errorf("cannot add a spare worker: %w", err)
	}
	rows, err := r.listRows(ctx)
	if err != nil {
		return Worker{}, err
	}
	has := func(such func(pm2.Process) bool) bool { return slices.ContainsFunc(before, such) }
	fresh := slices.DeleteFunc(rows, func(p pm2.Process) bool {
		return has(func(was pm2.Process) bool { return was.ID == p.ID })
	})
	if len(fresh) != 1 {
		return Worker{}, fmt.Errorf("cannot add a spare worker: PM2 lists %d new ones", len(fresh))
	}
	p := fresh[0]
	spare := NewWorker(p, r.Port, r.URL)
	if p.Instance != "" && has(func(was pm2.Process) bool { return was.Instance == p.Instance }) {
		err = fmt.Errorf("PM2 has given it the number %s of another worker", p.Instance) // it would do the work of that one twice
	} else {
		spare.PID, _, err = r.waitForSettled(ctx, p.ID, 0, r.Soak)
	}
	if err != nil {
		return spare, errors.Join(&SpareError{p.ID, err}, r.PM2.Delete(ctx, p.ID))
	}
	return spare, nil
}

// removeSpare removes the spare worker at the end of a roll, and returns the roll's error with
// its own. After a roll that has failed it stays while one of the others does not serve.
func (r Roller) removeSpare(ctx context.Context, spare Worker, rolled error) error {
	if rolled != nil && !r.areOthersServing(ctx, spare.ID) {
		if r.Spare.Kept != nil {
			r.Spare.Kept(spare)
		}
		return rolled
	}
	if r.Spare.Remove != nil {
		r.Spare.Remove(spare)
	}
	res, err := r.Remove(ctx, spare)
	if r.Spare.Removed != nil {
		r.Spare.Removed(spare, res, err)
	}
	if err != nil {
		err = fmt.Errorf("cannot remove the spare worker %d: %w", spare.ID, err)
	}
	return errors.Join(rolled, err)
}

// areOthersServing reports whether every worker but the spare one serves.
func (r Roller) areOthersServing(ctx context.Context, spare int) bool {
	ctx, cancel := context.WithTimeout(ctx, headcount)
	defer cancel()
	workers, err := r.listFit(ctx)
	if err != nil {
		return false
	}
	workers = slices.DeleteFunc(workers, func(w Worker) bool { return w.ID == spare })
	return len(workers) > 0 && r.checkServing(ctx, workers) == nil
}

// listRows lists the app's rows of PM2's list.
func (r Roller) listRows(ctx context.Context) ([]pm2.Process, error) {
	list, err := r.PM2.List(ctx)
	return slices.DeleteFunc(list, func(p pm2.Process) bool { return p.Name != r.App || p.ID < 0 }), err
}
