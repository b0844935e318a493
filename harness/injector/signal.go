package injector

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// Signal goes to the first worker of an app that PM2 lists with a process.
type Signal struct {
	Init int           `json:"init"` // pid of the cluster's first process, in this pid namespace
	Home string        `json:"home"` // PM2_HOME, inside the cluster
	App  string        `json:"app"`
	Name unix.Signal   `json:"name"`
	Then unix.Signal   `json:"then,omitempty"` // another signal, some time later; 0 for none
	For  time.Duration `json:"for,omitempty"`  // how much later
}

// do sends the signals by one handle, so that the second one meets nobody else.
func (s Signal) do(ctx context.Context, begun func()) error {
	space, err := host.Inside(s.Init)
	if err != nil {
		return err
	}
	pid, err := s.findWorker(ctx, space)
	if err != nil {
		return err
	}
	return sendTwo(ctx, pid, s, begun)
}

// sendTwo sends a process both signals of s by one handle.
func sendTwo(ctx context.Context, pid int, s Signal, begun func()) error {
	process, err := host.Open(pid)
	if err != nil {
		return err
	}
	defer process.Close()
	if err := process.Signal(s.Name); err != nil {
		return fmt.Errorf("cannot send %s: %w", unix.SignalName(s.Name), err)
	}
	begun()
	if s.Then == 0 {
		return nil
	}
	select {
	case <-time.After(s.For):
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := process.Signal(s.Then); err != nil && !errors.Is(err, host.ErrNoProcess) {
		return fmt.Errorf("cannot send %s: %w", unix.SignalName(s.Then), err)
	}
	return nil
}

// findWorker returns the app's first worker, as this pid namespace numbers it.
func (s Signal) findWorker(ctx context.Context, space *host.Space) (int, error) {
	client, err := pm2.Dial(ctx, space.Path(s.Home))
	if err != nil {
		return 0, err
	}
	defer client.Close()
	list, err := client.List(ctx)
	if err != nil {
		return 0, err
	}
	for _, p := range list {
		if p.Name != s.App || p.PID <= 0 {
			continue
		}
		if pid := space.Outer(p.PID); pid != 0 {
			return pid, nil
		}
	}
	return 0, fmt.Errorf("cannot signal a worker: PM2 lists none of %q that runs", s.App)
}

// Resume has every process of the cluster that is stopped go on.
type Resume struct {
	Init int `json:"init"` // as Signal has it
}

func (r Resume) do() error {
	space, err := host.Inside(r.Init)
	if err != nil {
		return err
	}
	for _, pid := range space.Processes() {
		p, err := host.Stat(pid)
		if err != nil || p.State != 'T' {
			continue
		}
		if err := unix.Kill(pid, unix.SIGCONT); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("cannot let process %d go on: %w", pid, err)
		}
	}
	return nil
}

// End ends every process of the cluster whose command line begins so, and waits until the
// kernel has taken it away.
type End struct {
	Init    int    `json:"init"` // as Signal has it
	Command string `json:"command"`
}

func (e End) do(ctx context.Context) error {
	space, err := host.Inside(e.Init)
	if err != nil {
		return err
	}
	for _, pid := range space.Processes() {
		command, err := host.Cmdline(pid)
		if err != nil || !strings.HasPrefix(command, e.Command) {
			continue
		}
		gone, err := host.Exited(ctx, pid)
		if errors.Is(err, host.ErrNoProcess) {
			continue
		}
		if err == nil {
			err = unix.Kill(pid, unix.SIGTERM)
		}
		if err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("cannot end process %d: %w", pid, err)
		}
		<-gone
	}
	return ctx.Err()
}
