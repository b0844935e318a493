package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// LostNode takes Node's binary away, as the removal of an old version does, and has the kernel
// kill one worker.
type LostNode struct {
	For time.Duration // until the binary is there again, before the worker is killed; 0 is for ever
}

// node is Node's binary in the images, and away where it is while it is lost.
const (
	node = "/usr/local/bin/node"
	away = "/usr/local/bin/.node"
)

// Kind implements Fault.
func (LostNode) Kind() string { return evidence.KindFault }

// Inject moves the binary, back again if its time is over, and kills the worker.
func (f LostNode) Inject(ctx context.Context, at Site) error {
	if err := at.Cluster.Move(ctx, node, away); err != nil {
		return fmt.Errorf("cannot take Node's binary away: %w", err)
	}
	if f.For > 0 {
		if err := pause(ctx, f.For); err != nil {
			return err
		}
		if err := f.Lift(ctx, at); err != nil {
			return err
		}
	}
	return KilledWorker{}.Inject(ctx, at)
}

// missedFor is how long a worker must lack a process. PM2 starts another at once.
const missedFor = 4 * time.Second

// Bitten says yes once the worker has gone, and has had no process for a while, unless the
// binary is there again.
func (f LostNode) Bitten(r *evidence.Record) (Bite, bool) {
	bite, gone := KilledWorker{}.Bitten(r)
	if f.For > 0 || !gone {
		return bite, gone
	}
	id := missing(r)
	bite.Note += fmt.Sprintf(", and worker %d has had no process for %s", id, missedFor)
	return bite, id >= 0
}

// missing is a worker that has had a process before the injection, and none for missedFor by
// now, -1 if there is no such one.
func missing(r *evidence.Record) int {
	t, ok := findInjection(r)
	if !ok || len(r.Snapshots) == 0 {
		return -1
	}
	last := map[int]time.Duration{} // by id, when it was last seen with a process
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.Alive {
				last[w.ID] = s.At
			}
		}
	}
	now := r.Snapshots[len(r.Snapshots)-1]
	i := slices.IndexFunc(now.Workers, func(w evidence.Worker) bool {
		return !w.Alive && last[w.ID] > 0 && now.At-max(last[w.ID], t) >= missedFor
	})
	if i < 0 {
		return -1
	}
	return now.Workers[i].ID
}

// Lift puts the binary back. PM2 does not try again by itself.
func (LostNode) Lift(ctx context.Context, at Site) error {
	if err := at.Cluster.Move(ctx, away, node); err != nil {
		return fmt.Errorf("cannot put Node's binary back: %w", err)
	}
	return nil
}
