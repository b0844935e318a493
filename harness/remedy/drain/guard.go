package drain

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Guard starts a process that outlives this one, however it ends, and that finishes then
// what was begun with a worker (StandGuard). Its arguments are those of StandGuard.
type Guard func(post ...string) (*Watchman, error)

// What a guard does when its engine is gone.
const (
	postInspector = "inspector" // PID: closes the inspector of the process
	postLeft      = "left"      // PID PORT: ends a worker that has left, for PM2 to start another
)

// Watchman is a guard at its post: the pipe that tells it of our end.
type Watchman struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

// GuardBy is a Guard that runs a command in a session of its own. The command has to
// call StandGuard with its further arguments and its stdin.
func GuardBy(command ...string) Guard {
	return func(post ...string) (*Watchman, error) {
		argv := slices.Concat(command, post)
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		pipe, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			return nil, fmt.Errorf("cannot post a guard: %w", err)
		}
		return &Watchman{cmd, pipe}, nil
	}
}

// dismiss tells the guard that there is nothing to finish any more. One that has ended
// by itself is not missed.
func (w *Watchman) dismiss() {
	if w != nil {
		_, _ = w.pipe.Write([]byte{'\n'})
		w.raiseAlarm()
	}
}

// raiseAlarm has the guard act, as our death would, unless it was dismissed.
func (w *Watchman) raiseAlarm() {
	if w != nil {
		go func() { _ = w.cmd.Wait() }() // how it ends is nobody's concern
		_ = w.pipe.Close()
	}
}

// startGuard starts a guard, if there are any.
func (d Drainer) startGuard(task string, numbers ...int) (*Watchman, error) {
	if d.Guard == nil {
		return nil, nil
	}
	args := []string{task}
	for _, n := range numbers {
		args = append(args, strconv.Itoa(n))
	}
	return d.Guard(args...)
}

// StandGuard is the guard's own part: it waits until stdin ends, and acts unless
// something was said on it before. What ends an engine gently (a service manager that
// clears its control group, a terminal that is closed) is not to end the guard with it.
func StandGuard(ctx context.Context, post []string, stdin io.Reader) error {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	ctx = context.WithoutCancel(ctx)
	d := Drainer{Inspector: Always}.setDefaults()
	var task string
	var w Worker
	n, err := fmt.Sscan(strings.Join(post, " "), &task, &w.PID, &w.Port)
	switch {
	case task == postInspector && n == 2:
	case task == postLeft && err == nil:
	default:
		return fmt.Errorf("cannot guard %q: give %s PID, or %s PID PORT", post, postInspector, postLeft)
	}
	exited, err := d.Kernel.Exited(ctx, w.PID)
	if err != nil {
		return err
	}
	said, err := io.ReadAll(io.LimitReader(stdin, 1))
	if err != nil || len(said) > 0 {
		return err
	}
	if task == postLeft {
		return d.finish(ctx, w, exited)
	}
	return d.closeInspector(ctx, w.PID)
}

// finish ends a worker that has left the rotation, once it is empty or between two
// requests, or the deadline has passed. PM2 starts another one.
func (d Drainer) finish(ctx context.Context, w Worker, exited <-chan struct{}) error {
	gone, err := d.waitForEmpty(ctx, w, exited, &talks{})
	if gone || err != nil || !d.Kernel.Alive(w.PID) {
		return err
	}
	return d.Kernel.Signal(w.PID, syscall.SIGKILL)
}

// lateOpening is how long an inspector may take to open whose process was busy, or
// stopped, when it was sent SIGUSR1.
const lateOpening = 10 * time.Minute

// closeInspector closes the inspector of a process that was sent SIGUSR1 by an engine
// that has died since, or has given it up. It waits for it to open, until the process
// ends or ten minutes are over, for a process acts on the signal only when its event
// loop turns. From then on the inspector closes once nobody is attached.
func (d Drainer) closeInspector(ctx context.Context, pid int) error {
	ctx, cancel := context.WithTimeout(ctx, lateOpening)
	defer cancel()
	var last error
	err := poll(ctx, inquiry, func() (bool, error) {
		owner, _, err := d.findHolder()
		if err != nil || owner != pid {
			return !d.Kernel.Alive(pid), err
		}
		within, end := context.WithTimeout(ctx, reach)
		defer end()
		in, err := d.enter(within, pid, false)
		if err != nil {
			last = err // its event loop does not turn
			return false, nil
		}
		return true, in.closeOpened()
	})
	if err != nil {
		return fmt.Errorf("cannot close the inspector of process %d: %w", pid, cmp.Or(last, err))
	}
	return nil
}

// runGuarded runs what opens an inspector while a guard watches. The guard is dismissed
// once the inspector closes by itself, and acts where that is not so.
func (d Drainer) runGuarded(pid int, opens func() error) error {
	man, err := d.startGuard(postInspector, pid)
	if err != nil {
		return err
	}
	if err := opens(); err != nil {
		man.raiseAlarm()
		return err
	}
	man.dismiss()
	return nil
}
