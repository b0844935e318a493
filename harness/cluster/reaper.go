package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// reaper is a process that outlives this one for as long as it takes to remove
// what the run has created.
//
//	harness --(pipe)--> reaper: reads until the pipe ends, then removes by owner
//
// The pipe ends when the harness closes it, crashes, or is killed. The reaper
// has a session of its own, so that neither Ctrl-C nor a closed terminal
// reaches it.
type reaper struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

// ready is the line by which the reaper says that it watches.
const ready = "ready\n"

// startReaper starts binary as the reaper of a run, and waits until it watches: nothing
// is made before.
func startReaper(binary, run, owner string) (*reaper, error) {
	cmd := exec.Command(binary, "agent", "reap", "--run", run, "--owner", owner)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("cannot start the reaper: %w", err)
	}
	said, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("cannot start the reaper: %w", err)
	}
	if line, err := bufio.NewReader(said).ReadString('\n'); line != ready {
		return nil, fmt.Errorf("cannot start the reaper: it said %q: %w", line, errors.Join(err, pipe.Close(), cmd.Wait()))
	}
	return &reaper{cmd: cmd, pipe: pipe}, nil
}

func (r *reaper) close() error {
	if err := errors.Join(r.pipe.Close(), r.cmd.Wait()); err != nil {
		return fmt.Errorf("cannot finish the reaper's work: %w", err)
	}
	return nil
}

// How often the reaper looks, for how long it must have found nothing, and for how long
// it waits for an engine that is away. A container that the engine was still creating
// when the harness died shows up late.
const (
	lookEvery = 300 * time.Millisecond
	quietFor  = 2 * time.Second
	patience  = time.Hour
)

// Reap declares what is going to be made, says on out that it watches, waits until in
// ends, which is when the process that holds its other end is gone, and then removes
// everything of that run and its owner. An engine that does not answer may be about to:
// it is waited for.
func (d *Docker) Reap(ctx context.Context, in io.Reader, out io.Writer, run, owner string) error {
	if err := declare(owner, d.api.DaemonHost()); err != nil {
		return err
	}
	_, _ = io.WriteString(out, ready) // who does not hear it is gone: in has ended, too
	if _, err := io.Copy(io.Discard, in); err != nil {
		return fmt.Errorf("cannot watch over run %s: %w", run, err)
	}
	theirs := func(of string) bool { return of == owner }
	began := time.Now()
	for busy := began; time.Since(busy) < quietFor; {
		// Processes first: they need no engine, and go on making things.
		killed, err := remove(ctx, processes, theirs)
		n, engineErr := remove(ctx, d.labelled(labelRun+"="+run), theirs)
		err = errors.Join(err, engineErr)
		if err != nil && time.Since(began) > patience {
			return err
		}
		if killed+n > 0 || err != nil {
			busy = time.Now()
		}
		if err := pause(ctx, lookEvery); err != nil {
			return err
		}
	}
	return os.RemoveAll(folderOf(owner))
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
