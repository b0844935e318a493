package drain

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// inspectorPort is where Node's inspector opens unless the process was started
// with another --inspect-port.
const inspectorPort = 9229

// inspectorFiles is how many descriptors a process must have free for its inspector. Node's has
// a thread and an event loop of its own, with a socket for each address and session; Node ends
// by SIGABRT where it gets no descriptor for them (seen: Node 26.10, 4 of 256 free).
const inspectorFiles = 32

// reach bounds every step on the way into a worker: its inspector opens in
// milliseconds, but only once its event loop turns.
const reach = 5 * time.Second

//go:embed facts.js
var factsJS string

//go:embed drain.js
var drainJS string

//go:embed arm.js
var armJS string

//go:embed quit.js
var quitJS string

// inspector is an open session with one worker.
type inspector struct {
	*session
	servers   string // handle of the array of its listening servers
	clustered bool   // they are dealt their connections by a primary
	keep      bool   // it was open before us and stays so
	// crowded returns an error when somebody else is attached to it too.
	crowded func() error
}

// attach opens the worker's inspector and finds its servers. It changes nothing
// in the worker. Errors wrap ErrInspector.
func (d Drainer) attach(ctx context.Context, pid int) (*inspector, error) {
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	in, err := d.connect(ctx, pid)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInspector, err)
	}
	err = in.findServers(ctx)
	if err == nil && !in.keep {
		err = in.crowded()
	}
	if err != nil {
		err = errors.Join(err, in.closeOpened())
		return nil, fmt.Errorf("%w: %w", ErrInspector, err)
	}
	return in, nil
}

// connect opens a session with the process's inspector, and opens that where it is not
// open. One that we opened closes by itself from then on (arm.js).
func (d Drainer) connect(ctx context.Context, pid int) (in *inspector, err error) {
	err = d.reachInspector(ctx, pid, func(keep bool) (err error) {
		in, err = d.enter(ctx, pid, keep)
		return err
	})
	return in, err
}

// reachInspector runs use once the process's inspector is open, and opens it where the
// policy allows that. keep: it was open before.
func (d Drainer) reachInspector(ctx context.Context, pid int, use func(keep bool) error) error {
	if d.Inspector == Never {
		return d.permit(pid)
	}
	owner, taken, err := d.findHolder()
	switch {
	case err != nil:
		return err
	case owner == pid && taken:
		return use(true)
	case taken:
		return fmt.Errorf("port %d is held by process %d", d.InspectorPort, owner)
	}
	if err := d.checkOpenable(pid); err != nil {
		return err
	}
	if err := d.permit(pid); err != nil {
		return err
	}
	return d.runGuarded(pid, func() error {
		if err := d.open(ctx, pid); err != nil {
			return err
		}
		return use(false)
	})
}

// enter opens a session with an inspector that is open. keep: it was not we who
// opened it.
func (d Drainer) enter(ctx context.Context, pid int, keep bool) (*inspector, error) {
	s, err := d.dialTarget(ctx)
	if err != nil {
		return nil, err
	}
	in := &inspector{session: s, keep: keep, crowded: func() error { return d.checkCrowd(pid) }}
	first := armJS
	if keep {
		first = "process.pid"
	}
	var got int
	if err := s.evaluate(ctx, first, &got); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if got != pid {
		return nil, errors.Join(fmt.Errorf("port %d leads to process %d", d.InspectorPort, got), s.close())
	}
	return in, nil
}

// dialTarget opens a session with whoever listens on the inspector's port.
func (d Drainer) dialTarget(ctx context.Context) (*session, error) {
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(d.InspectorPort))
	id, err := findTarget(ctx, addr)
	if err != nil {
		return nil, err
	}
	return dial(ctx, "ws://"+addr+"/"+id)
}

// checkOpenable returns an error for a process that SIGUSR1 must not be sent to: by
// default it ends a process. Node catches it to open the inspector unless it runs with
// --disable-sigusr1 (then it is ignored); an app's own listener replaces that, and the
// kernel shows it as caught all the same. Such a listener is detected when the inspector
// does not open, and has been called by then.
func (d Drainer) checkOpenable(pid int) error {
	ignored, caught, err := d.Kernel.SignalMasks(pid)
	if err != nil {
		return err
	}
	const usr1 = 1 << (syscall.SIGUSR1 - 1)
	if ignored&usr1 != 0 {
		return fmt.Errorf("process %d ignores SIGUSR1", pid)
	}
	if caught&usr1 == 0 {
		return fmt.Errorf("process %d does not catch SIGUSR1 and would die of it", pid)
	}
	if used, most := d.Kernel.OpenFiles(pid); most > 0 && most-used < inspectorFiles {
		return fmt.Errorf("process %d has %d of its %d descriptors open, and would die of an inspector that gets none", pid, used, most)
	}
	return nil
}

// open makes the process listen on the inspector's port.
func (d Drainer) open(ctx context.Context, pid int) error {
	if err := d.Kernel.Signal(pid, syscall.SIGUSR1); err != nil {
		return fmt.Errorf("cannot signal process %d: %w", pid, err)
	}
	err := poll(ctx, soon, func() (bool, error) {
		owner, taken, err := d.findHolder()
		if taken && owner != pid {
			return false, fmt.Errorf("port %d was taken by process %d", d.InspectorPort, owner)
		}
		return taken, err
	})
	if err != nil {
		return fmt.Errorf("process %d was sent SIGUSR1 and did not open port %d "+
			"(its event loop is blocked, or it has a SIGUSR1 listener of its own): %w", pid, d.InspectorPort, err)
	}
	return nil
}

// findHolder returns the process that listens on the inspector's port.
func (d Drainer) findHolder() (pid int, taken bool, err error) {
	socks, err := d.Kernel.Listeners(d.InspectorPort)
	if err != nil || len(socks) == 0 {
		return 0, false, err
	}
	return socks[0].PID, true, nil
}

// checkCrowd returns an error when somebody besides us is connected to the inspector.
// Closing it then would block the process until they hang up, and it is not known who
// they are: it is left to them, and closes when they have gone (arm.js).
func (d Drainer) checkCrowd(pid int) error {
	socks, err := d.Kernel.Established(d.InspectorPort, pid)
	if err != nil {
		return err
	}
	n := 0
	for _, s := range socks {
		if s.PID == pid {
			n++
		}
	}
	if n > 1 {
		return errors.New("somebody else is attached to it")
	}
	return nil
}

// findTarget reads the id of the one target that a Node process offers.
func findTarget(ctx context.Context, addr string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/json/list", nil)
	if err != nil {
		return "", err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("cannot list the inspector's targets: %w", err)
	}
	defer resp.Body.Close()
	var targets []struct {
		ID string `json:"id"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&targets); err != nil {
		return "", fmt.Errorf("cannot list the inspector's targets: %w", err)
	}
	if len(targets) != 1 || targets[0].ID == "" {
		return "", fmt.Errorf("cannot choose among %d inspector targets", len(targets))
	}
	return targets[0].ID, nil
}

// closeOpened hangs up and closes the inspector, unless it was open before. A session
// that broke is opened once more for that; where that fails too the inspector closes by
// itself (arm.js).
func (in *inspector) closeOpened() error {
	if in.keep {
		return in.close()
	}
	if err := in.crowded(); err != nil {
		return errors.Join(err, in.close())
	}
	ctx, cancel := context.WithTimeout(context.Background(), reach)
	defer cancel()
	err := in.evaluate(ctx, quitJS, new(string))
	if err != nil {
		again, redial := dial(ctx, in.url)
		if redial != nil {
			return errors.Join(err, in.close())
		}
		err = errors.Join(again.evaluate(ctx, quitJS, new(string)), again.close())
	}
	return errors.Join(err, in.close())
}

// readFacts reads the worker's facts.
func (in *inspector) readFacts(ctx context.Context) (Facts, error) {
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	var f Facts
	err := in.call(ctx, in.servers, factsJS, nil, &f)
	return f, err
}
