package drain

import (
	"context"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// Remove empties a worker and has PM2 delete it, without starting another.
func (d Drainer) Remove(ctx context.Context, w Worker) (Result, error) {
	res, err := d.Drain(ctx, w)
	if err != nil {
		return res, err
	}
	defer res.Release()
	if res.Respawned {
		return res, fmt.Errorf("cannot remove worker %d: it has ended by itself, and the one that PM2 has started in its place serves", w.ID)
	}
	return res, d.remove(ctx, w, &res)
}

// remove has PM2 delete a worker that is drained. As in a roll, one that has left is let go of as
// soon as PM2 is ending it.
func (d Drainer) remove(ctx context.Context, w Worker, res *Result) error {
	deleted := make(chan error, 1)
	go func() { deleted <- d.PM2.Delete(ctx, w.ID) }()
	look := time.NewTicker(inquiry)
	defer look.Stop()
	for {
		select {
		case err := <-deleted:
			return err
		case <-look.C:
			if p, err := d.PM2.Describe(ctx, w.ID); err == nil && p.State() == pm2.Ending && res.Means == Leave {
				res.Release()
			}
		}
	}
}
