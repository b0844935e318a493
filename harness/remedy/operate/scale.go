package operate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// scaleWithin bounds the coming or the going of one worker.
const scaleWithin = 120 * time.Second

// Scale makes the app run as n workers because an operator asked for it. PM2's
// own scale takes the lowest ids first, the worker 0 that scheduled work depends
// on among them, and ends them with what they are doing (API.js, scale).
func (o *Operator) Scale(ctx context.Context, n int) {
	if why := o.explainRefusal(); why != "" {
		o.Say(engine.Line{Type: engine.TypeWithheld, Action: engine.ActionScale, Why: why})
		return
	}
	o.Watcher.CountRoll(1)
	defer o.Watcher.CountRoll(-1)
	o.Running.Add(1) // what has begun is brought to its end
	defer o.Running.Done()
	steps, err := o.scaleWorkers(context.WithoutCancel(ctx), n)
	switch {
	case err != nil && !errors.Is(err, drain.ErrCrashing):
		f := buildUnfinished(nil, err)
		f.Subject, f.Human = "scale", fmt.Sprintf("the app was to run as %d workers and does not: see why, then ask for it again", n)
		o.alertAdvice(f)
	case err != nil: // the new worker goes on dying, and a rule will say of what
	case steps == 0:
		o.Say(engine.Line{Type: engine.TypeWithheld, Action: engine.ActionScale, Why: fmt.Sprintf("there are %d workers already", n)})
	default:
		o.Say(engine.Line{Type: engine.TypeVerified, By: []string{
			o.describeProof(n),
			fmt.Sprintf("soak: all lived on for %s", o.Limits.Soak),
		}})
	}
}

// scaleWorkers adds or removes one worker after the other, and returns how many. It
// touches nothing while a worker does not serve.
func (o *Operator) scaleWorkers(ctx context.Context, n int) (steps int, err error) {
	client, err := o.Executor.Dial(ctx)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	for ; ; steps++ {
		rows, err := o.Executor.ListRows(ctx, client)
		if err != nil || (len(rows) == n && steps == 0) {
			return steps, err
		}
		limits := plan.Limits{Canary: o.Limits.Canary}
		if len(rows) == n {
			limits = o.Limits
		}
		if _, err := o.Executor.AwaitServing(ctx, client, limits); err != nil || len(rows) == n {
			return steps, err
		}
		ctx, cancel := context.WithTimeout(ctx, scaleWithin)
		if len(rows) > n {
			err = o.removeWorker(ctx, client, rows)
		} else {
			err = o.addWorker(ctx, client, rows)
		}
		cancel()
		if err != nil {
			return steps, err
		}
	}
}

// chooseLeaver returns the worker that goes: the highest id that is not the leader.
func chooseLeaver(rows []pm2.Process) (pm2.Process, error) {
	for _, p := range slices.Backward(rows) {
		if p.Instance != observe.Leader {
			return p, nil
		}
	}
	return pm2.Process{}, fmt.Errorf("cannot take a worker away: each of them has the number %s", observe.Leader)
}

// removeWorker drains a worker and deletes it.
func (o *Operator) removeWorker(ctx context.Context, client *pm2.Client, rows []pm2.Process) error {
	p, err := chooseLeaver(rows)
	if err != nil {
		return err
	}
	l := engine.Line{
		Type: engine.TypeAction, Action: engine.ActionScale, Phase: engine.PhaseBegin, ID: &p.ID, PID: p.PID,
		Why: fmt.Sprintf("an operator wants fewer than %d workers", len(rows)),
	}
	o.Say(l)
	l.Why, err = o.drainWorker(ctx, client, p)
	return o.sayEnd(l, err)
}

// drainWorker drains a worker and has PM2 delete it.
func (o *Operator) drainWorker(ctx context.Context, client *pm2.Client, p pm2.Process) (how string, err error) {
	if err := o.Executor.CheckWorkers(ctx, client); err != nil {
		return "", err
	}
	o.noteDrain(ctx, client, p.ID)
	defer o.endNote(p.ID)
	res, err := o.Executor.NewDrainer(client).Remove(ctx, drain.NewWorker(p, o.Executor.Port, o.Executor.URL))
	return fmt.Sprintf("drained %s, and deleted", res), err
}

// addWorker has PM2 add a worker and waits until it has answered and lived on for
// a while. It is made after one that is not the leader: a worker that was given
// number 0 by its environment would pass it on.
func (o *Operator) addWorker(ctx context.Context, client *pm2.Client, rows []pm2.Process) error {
	model, err := chooseLeaver(rows)
	if err != nil {
		model = rows[0]
	}
	l := engine.Line{
		Type: engine.TypeAction, Action: engine.ActionScale, Phase: engine.PhaseBegin,
		Why: fmt.Sprintf("an operator wants more than %d workers", len(rows)),
	}
	o.Say(l)
	l.PID, l.Why, err = o.duplicateWorker(ctx, client, rows, model)
	return o.sayEnd(l, err)
}

func (o *Operator) duplicateWorker(ctx context.Context, client *pm2.Client, rows []pm2.Process, model pm2.Process) (pid int, how string, err error) {
	begun := host.Now()
	if err := client.Duplicate(ctx, model.ID); err != nil {
		return 0, "", err
	}
	now, err := o.Executor.ListRows(ctx, client)
	if err != nil {
		return 0, "", err
	}
	fresh := slices.DeleteFunc(now, func(p pm2.Process) bool {
		return slices.ContainsFunc(rows, func(was pm2.Process) bool { return was.ID == p.ID })
	})
	if len(fresh) != 1 {
		return 0, "", fmt.Errorf("cannot find the worker that was added: PM2 lists %d new ones", len(fresh))
	}
	p := fresh[0]
	if twin := slices.IndexFunc(rows, func(was pm2.Process) bool { return was.Instance == p.Instance }); twin >= 0 && p.Instance != "" {
		// Two of one number would do the work of that number twice.
		err := client.Delete(ctx, p.ID)
		return 0, "", errors.Join(fmt.Errorf("cannot add worker %d: PM2 has given it the number %s of worker %d", p.ID, p.Instance, rows[twin].ID), err)
	}
	pids, err := o.Executor.AwaitServing(ctx, client, o.Limits)
	if now, e := client.Describe(ctx, p.ID); err != nil && e == nil && (now.GaveUp() || now.Restarts > 0) {
		err = fmt.Errorf("%w: %w", drain.ErrCrashing, err)
	}
	return pids[p.ID], fmt.Sprintf("worker %d, number %s, answered and lived on, %s after it was asked for", p.ID, p.Instance, (host.Now() - begun).Round(time.Millisecond)), err
}

// sayEnd says how a step ended.
func (o *Operator) sayEnd(l engine.Line, err error) error {
	l.Phase = engine.PhaseDone
	if err != nil {
		l.Phase, l.Why, l.Error = engine.PhaseFailed, "", err.Error()
	}
	o.Say(l)
	return err
}
