package drain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// Guard starts a process that outlives this one, however it ends, and that closes the
// inspector of the process pid if it does (StandGuard).
type Guard func(pid int) (*Watchman, error)

// Watchman is a guard at its post: the pipe that tells it of our end.
type Watchman struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

// GuardBy is a Guard that runs a command, with the pid as its last argument, in a
// session of its own. The command has to call StandGuard with its stdin.
func GuardBy(command ...string) Guard {
	return func(pid int) (*Watchman, error) {
		argv := append(slices.Clone(command), strconv.Itoa(pid))
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		pipe, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			return nil, fmt.Errorf("cannot guard the inspector of process %d: %w", pid, err)
		}
		return &Watchman{cmd, pipe}, nil
	}
}

// dismiss tells the guard that there is nothing to close any more.
func (w *Watchman) dismiss() error {
	_, err := w.pipe.Write([]byte{'\n'})
	if err = errors.Join(err, w.alarm()); err != nil {
		return fmt.Errorf("cannot dismiss the guard of the inspector: %w", err)
	}
	return nil
}

// alarm has the guard close the inspector, as our death would.
func (w *Watchman) alarm() error {
	go func() { _ = w.cmd.Wait() }() // how it ends is nobody's concern
	return w.pipe.Close()
}

// StandGuard is the guard's own part: it waits until stdin ends, and closes the
// inspector of the process unless something was said on it before.
func StandGuard(ctx context.Context, pid int, stdin io.Reader) error {
	said, err := io.ReadAll(io.LimitReader(stdin, 1))
	if err != nil || len(said) > 0 {
		return err
	}
	return Drainer{Inspector: Always}.closeInspector(ctx, pid)
}

// lateOpening is how long an inspector may take to open whose process was busy, or
// stopped, when it was sent SIGUSR1.
const lateOpening = 10 * time.Minute

// closeInspector closes the inspector of a process that was sent SIGUSR1 by an engine
// that has died since, or has given it up. It waits for it to open, until the process
// ends or ten minutes are over, for a process acts on the signal only when its event
// loop turns. From then on the inspector closes once nobody is attached.
func (d Drainer) closeInspector(ctx context.Context, pid int) error {
	d = d.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, lateOpening)
	defer cancel()
	err := poll(ctx, inquiry, func() (bool, error) {
		owner, _, err := d.holder()
		return owner == pid || !d.Kernel.Alive(pid), err
	})
	if err != nil || !d.Kernel.Alive(pid) {
		return err
	}
	within, end := context.WithTimeout(ctx, reach)
	defer end()
	in, err := d.enter(within, pid, false)
	if err != nil {
		return fmt.Errorf("cannot close the inspector of process %d: %w", pid, err)
	}
	return in.quit()
}

// watched runs what opens an inspector while a guard is at its post. The guard is
// dismissed once the inspector closes by itself, and acts where that is not so.
func (d Drainer) watched(pid int, opens func() error) error {
	if d.Guard == nil {
		return opens()
	}
	man, err := d.Guard(pid)
	if err != nil {
		return err
	}
	if err := opens(); err != nil {
		return errors.Join(err, man.alarm())
	}
	return man.dismiss()
}
