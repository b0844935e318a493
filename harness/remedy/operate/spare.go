package operate

import (
	"context"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
	"github.com/pm2drill/pm2drill/harness/remedy/intent"
)

// hookSpare returns what a roll calls around its spare worker: each step is said, and that there
// is to be one is on the disk before, so that the next run of the engine removes what this one
// is killed over.
func (o *Operator) hookSpare() drain.SpareHooks {
	add := engine.Line{Type: engine.TypeAction, Action: engine.ActionScale, Phase: engine.PhaseBegin, Why: "a spare worker for the time of the roll, so that there are never fewer than before"}
	remove := engine.Line{Type: engine.TypeAction, Action: engine.ActionScale, Phase: engine.PhaseBegin, Why: "the roll is over: its spare worker goes"}
	return drain.SpareHooks{
		Add: func(ids []int) error {
			if err := o.noteSpare(ids); err != nil {
				return err
			}
			o.Say(add)
			return nil
		},
		Added: func(w drain.Worker, err error) {
			add.PID, add.Why = w.PID, fmt.Sprintf("worker %d answered and lived on", w.ID)
			if o.sayEnd(add, err) != nil {
				o.endNote(intent.Spare)
			}
		},
		Remove: func(w drain.Worker) {
			remove.ID, remove.PID = &w.ID, w.PID
			o.Say(remove)
		},
		Removed: func(w drain.Worker, res drain.Result, err error) {
			remove.Why = fmt.Sprintf("drained %s, and deleted", res)
			if o.sayEnd(remove, err) == nil {
				o.endNote(intent.Spare)
			} else if o.Executor.Book != nil {
				o.Executor.Book.Resume(intent.Spare)
			}
		},
		Kept: func(w drain.Worker) {
			o.Say(engine.Line{Type: engine.TypeWithheld, Action: engine.ActionScale, ID: &w.ID, PID: w.PID, Why: "the spare worker stays until all of the others serve"})
			if o.Executor.Book != nil {
				o.Executor.Book.Resume(intent.Spare)
			}
		},
	}
}

// noteSpare notes on the disk that a worker is about to be added to these.
func (o *Operator) noteSpare(ids []int) error {
	if o.Executor.Book == nil {
		return nil
	}
	return o.Executor.Book.Begin(intent.Intent{ID: intent.Spare, Action: engine.ActionScale, Rows: ids, At: time.Now()})
}

// RemoveSpare removes the spare worker of a roll that was not brought to its end.
func (o *Operator) RemoveSpare(ctx context.Context, p pm2.Process) error {
	o.Watcher.CountRoll(1)
	defer o.Watcher.CountRoll(-1)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), scaleWithin)
	defer cancel()
	l := engine.Line{
		Type: engine.TypeAction, Action: engine.ActionScale, Phase: engine.PhaseBegin, ID: &p.ID, PID: p.PID,
		Why: "a roll that was not brought to its end has left this spare worker",
	}
	o.Say(l)
	client, err := o.Executor.Dial(ctx)
	if err == nil {
		defer client.Close()
		l.Why, err = o.drainWorker(ctx, client, p)
	}
	return o.sayEnd(l, err)
}
