package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Reaper is a process that outlives this one for as long as it takes to remove
// what the run has created.
//
//	harness --(pipe)--> reaper: reads until the pipe ends, then removes by label
//
// The pipe ends when the harness closes it, crashes, or is killed. The reaper
// has a session of its own, so that neither Ctrl-C nor a closed terminal
// reaches it.
type Reaper struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

// StartReaper starts binary as the reaper of a run.
func StartReaper(binary, run string) (*Reaper, error) {
	cmd := exec.Command(binary, "agent", "reap", "--run", run)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("cannot start the reaper: %w", err)
	}
	return &Reaper{cmd: cmd, pipe: pipe}, nil
}

// Close lets the reaper do its work and waits for it.
func (r *Reaper) Close() error {
	if err := errors.Join(r.pipe.Close(), r.cmd.Wait()); err != nil {
		return fmt.Errorf("cannot finish the reaper's work: %w", err)
	}
	return nil
}

// settleFor is how long the reaper looks again after it has removed something.
const settleFor = 300 * time.Millisecond

func settled(ctx context.Context) error {
	select {
	case <-time.After(settleFor):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
