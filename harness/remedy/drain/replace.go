package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// PM2's defaults (constants.js, KILL_TIMEOUT and GRACEFUL_LISTEN_TIMEOUT).
const (
	killTimeout   = 1600 * time.Millisecond
	listenTimeout = 3000 * time.Millisecond
)

// Replace empties one worker and has PM2 put another one in its place. It
// returns once the new process has answered and soaked. The worker need not
// serve; whether others do meanwhile is the caller's affair.
func (r Roller) Replace(ctx context.Context, w Worker) (Replacement, error) {
	r = r.setDefaults()
	rep, err := r.replace(ctx, w, r.Soak)
	if err == nil {
		rep.Await(ctx)
	}
	return rep, err
}

func (r Roller) replace(ctx context.Context, w Worker, soak time.Duration) (Replacement, error) {
	begun := r.Kernel.Now()
	rep := Replacement{ID: w.ID, Old: w.PID}
	log, err := pm2.Subscribe(ctx, r.Home, pm2.TopicLog) // whatever is asked of PM2 from now on is heard
	if err != nil {
		return rep, fmt.Errorf("cannot replace worker %d (pid %d): %w", w.ID, w.PID, err)
	}
	defer log.Close()
	rep.Drain, err = r.Drain(ctx, w)
	if errors.Is(err, ErrGone) {
		rep.Drain.Respawned, err = r.waitForRespawn(ctx, w)
	}
	rep.gone = r.Kernel.Now()
	if err == nil && rep.Drain.Killed && r.Timeouts == (Timeouts{}) && len(r.Env) == 0 {
		rep.Drain.Respawned, err = r.waitForRespawn(ctx, w)
	}
	if err == nil && !rep.Drain.Respawned {
		err = r.restart(ctx, w, &rep, log)
	}
	rep.Drain.Release()
	if err == nil {
		rep.New, rep.Deaths, err = r.waitForSettled(ctx, w.ID, w.PID, soak)
		rep.Serve = r.Kernel.Now() - rep.gone - soak
	}
	if refused := rep.order.getRefusal(); refused != nil && err != nil && !errors.Is(err, ErrCrashing) {
		err = refused // why nobody came
	}
	rep.Took = r.Kernel.Now() - begun
	if err != nil {
		return rep, fmt.Errorf("cannot replace worker %d (pid %d): %w", w.ID, w.PID, err)
	}
	return rep, nil
}

// restart has PM2 end the empty process and start another one, and watches how
// the old one ends. PM2's answer is not waited for: see order. log has what PM2 has logged since
// the drain began.
func (r Roller) restart(ctx context.Context, w Worker, rep *Replacement, log *pm2.Bus) error {
	p, err := r.settleStop(ctx, w, log)
	if err != nil {
		return err
	}
	if p.PID != w.PID && !rep.Drain.Killed && p.State() != pm2.StoppedNow && p.State() != pm2.GaveUp {
		rep.Drain.Respawned = true
		return nil
	}
	rep.KillTimeout, rep.ListenTimeout = cmp.Or(p.KillTimeout, killTimeout), cmp.Or(p.ListenTimeout, listenTimeout)
	rep.WaitReady = p.WaitReady
	watch, cancel := context.WithTimeout(ctx, max(rep.KillTimeout, r.Timeouts.Kill)+r.Boot)
	defer cancel()
	exited, err := r.Kernel.Exited(watch, w.PID)
	ordered := r.Kernel.Now()
	rep.order = r.tell(ctx, w.ID, max(rep.KillTimeout, r.Timeouts.Kill)+max(rep.ListenTimeout, r.Timeouts.Listen)+r.Boot)
	if err != nil {
		return nil // it is down already
	}
	if err := r.awaitEnd(watch, w, exited, rep); err != nil {
		return err
	}
	rep.gone = r.Kernel.Now()
	rep.Ending = rep.gone - ordered
	rep.Killed = !rep.Ended && rep.Ending >= rep.KillTimeout && waitForKill(log, w.PID)
	if !rep.Ended {
		rep.Habit = classifyHabit(rep.Drain, rep.Killed)
	}
	return watch.Err()
}

// mercy is how long an empty worker of an app that is known to ignore SIGINT may live on after
// it, for what its listener does all the same.
const mercy = 500 * time.Millisecond

// awaitEnd waits until a process ends that PM2 was told to replace. As soon as PM2 is ending it
// (it sends SIGINT then, God/ActionMethods.js:304), a worker that has left is let go of: an app
// that waits for its connections on SIGINT would wait for the anchor. One that is empty, of an
// app whose workers were seen to ignore SIGINT, is not left to PM2's kill timeout.
func (r Roller) awaitEnd(ctx context.Context, w Worker, exited <-chan struct{}, rep *Replacement) error {
	look := time.NewTicker(inquiry)
	defer look.Stop()
	looks, answered := look.C, rep.order.answered
	var late <-chan time.Time
	for {
		select {
		case <-exited:
			return nil
		case <-answered:
			if err := rep.order.getRefusal(); err != nil {
				return err
			}
			answered = nil
		case <-looks:
			if p, err := r.PM2.Describe(ctx, w.ID); err != nil || p.State() != pm2.Ending {
				continue
			}
			looks = nil
			if rep.Drain.Means == Leave {
				rep.Drain.Release()
			}
			if r.ignores && rep.Drain.isEmpty() {
				late = time.After(mercy)
			}
		case <-late:
			late = nil
			if err := r.Kernel.Signal(w.PID, syscall.SIGKILL); err == nil {
				rep.Ended, rep.Habit = true, HabitIgnores
			}
		}
	}
}

// logged is how long PM2's log line may take to arrive after the answer to the
// restart, which is another connection.
const logged = time.Second

// waitForKill reports whether PM2 has logged that it had to kill the process. It can have
// done so only once the kill timeout was over.
func waitForKill(log *pm2.Bus, pid int) bool {
	t := time.NewTimer(logged)
	defer t.Stop()
	for {
		select {
		case e, ok := <-log.Events():
			if !ok {
				return false
			}
			if isKillNotice(pid, e.Text) {
				return true
			}
		case <-t.C:
			return false
		}
	}
}

// classifyHabit names what was seen. A process without a listener that was killed all the
// same had no time to end, or was stopped. One that was killed over open connections may
// have waited for them, as it should, and one without a URL for a job that nobody sees.
func classifyHabit(drained Result, killed bool) Habit {
	f := drained.Facts
	switch {
	case f != nil && f.Sigint == 0:
		return HabitNone
	case killed && !drained.isEmpty():
		return HabitUnknown
	case killed:
		return HabitIgnores
	case f == nil:
		return HabitUnknown
	}
	return HabitExits
}

// waitForSettled waits until another process than the old one answers for the id, and
// lives on for the length of the soak. PM2's "online" says only that it was forked. It
// counts the replacements that die before that; the second is ErrCrashing.
func (r Roller) waitForSettled(ctx context.Context, id, old int, soak time.Duration) (pid, deaths int, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.Boot+soak)
	defer cancel()
	for {
		pid, err = r.waitForSuccessor(ctx, id, old)
		if err != nil {
			return 0, deaths, err
		}
		ok, err := r.proveAlive(ctx, pid, soak)
		if ok || err != nil {
			return pid, deaths, err
		}
		deaths++
		if deaths == 2 {
			return 0, deaths, fmt.Errorf("%w: pid %d was the second to die", ErrCrashing, pid)
		}
		old = pid
	}
}

// waitForSuccessor waits until PM2 has another living process for the id.
func (r Roller) waitForSuccessor(ctx context.Context, id, old int) (int, error) {
	var p pm2.Process
	err := poll(ctx, inquiry, func() (bool, error) {
		var err error
		if p, err = r.PM2.Describe(ctx, id); err != nil {
			return false, err
		}
		if p.GaveUp() {
			return false, fmt.Errorf("%w: PM2 has given up on worker %d", ErrCrashing, id)
		}
		return p.PID > 0 && p.PID != old && r.Kernel.Alive(p.PID), nil
	})
	if err != nil {
		return 0, fmt.Errorf("no new process came for worker %d (PM2 has it %s with pid %d): %w", id, p.Status, p.PID, err)
	}
	return p.PID, nil
}

// proveAlive reports whether the process answers a request and is alive a soak later;
// false means that it died.
func (r Roller) proveAlive(ctx context.Context, pid int, soak time.Duration) (bool, error) {
	exited, err := r.Kernel.Exited(ctx, pid)
	if err != nil {
		return false, ctx.Err()
	}
	alive, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		<-exited
		if ctx.Err() == nil { // it is closed then too
			cancel()
		}
	}()
	if err := r.serve(alive, r.URL, []int{pid}); err != nil {
		if ctx.Err() == nil && !r.Kernel.Alive(pid) {
			return false, nil
		}
		return false, fmt.Errorf("process %d does not serve: %w", pid, err)
	}
	if wait(ctx, exited, soak) {
		return false, nil
	}
	return true, ctx.Err()
}
