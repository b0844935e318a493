// Package act carries out what is decided: it stops, starts, kills and replaces workers, and
// sees that it had its effect.
package act

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
	"github.com/pm2drill/pm2drill/harness/remedy/intent"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Times allowed to an action. PM2 sets itself no limit: a stop takes up to the
// app's kill_timeout, a restart that and until the worker is ready.
const (
	stopWithin    = 60 * time.Second
	restartWithin = 120 * time.Second
	killWithin    = 10 * time.Second
)

// Executor carries actions out. Each looks first whether it is still called for, so
// that doing it twice does no harm.
type Executor struct {
	Home      string                                          // PM2_HOME
	App       string                                          // PM2's name of it
	Namespace func() string                                   // the app's namespace; nil where every one will do
	Port      int                                             // of URL
	URL       string                                          // of the app, cheap to answer
	Book      *intent.Book                                    // of what is about to be done; nil for none
	Key       func(cause engine.Cause, subject string) string // of an incident's alerts
	// Inspector says where the inspector of a process may be opened.
	Inspector drain.Policy
	Guard     drain.Guard // nil for none
	// StreamDeadline is how long a worker is given to end its streams; 0 for the drain's default.
	StreamDeadline time.Duration
}

// Dial connects to PM2's daemon. In what the client lists, processes that only share the
// app's name are told apart by their namespaces.
func (h Executor) Dial(ctx context.Context) (*pm2.Client, error) {
	client, err := pm2.Dial(ctx, h.Home)
	if err == nil && h.Namespace != nil {
		client.Distinguish(h.App, h.Namespace())
	}
	return client, err
}

// NoteIntent notes on the disk what is about to be done to a worker, and returns what ends the
// note.
func (h Executor) NoteIntent(p pm2.Process, d plan.Decision) (end func(), err error) {
	if h.Book == nil || d.Yields { // the next run is not to start it
		return func() {}, nil
	}
	in := intent.Of(p, d.Action, d.Cause, h.Key(d.Cause, d.Subject), time.Now())
	if err := h.Book.Begin(in); err != nil {
		return nil, err
	}
	return func() { h.Book.End(p.ID) }, nil
}

// NewDrainer empties workers by what the operator allows.
func (h Executor) NewDrainer(client *pm2.Client) drain.Drainer {
	return drain.Drainer{PM2: client, Inspector: h.Inspector, Guard: h.Guard, StreamDeadline: h.StreamDeadline}
}

// NewRoller replaces the app's workers.
func (h Executor) NewRoller(client *pm2.Client) drain.Roller {
	return drain.Roller{Drainer: h.NewDrainer(client), Home: h.Home, App: h.App, Port: h.Port, URL: h.URL}
}

// Do carries one decision out and returns when its effect has been seen; told is
// what there is to say of it besides.
func (h Executor) Do(ctx context.Context, d plan.Decision) (told string, err error) {
	if d.Action == engine.ActionRelease {
		return "", h.release(ctx, d.PID)
	}
	client, err := h.Dial(ctx)
	if err != nil {
		return "", err
	}
	defer client.Close()
	p, err := client.Describe(ctx, d.ID)
	if err != nil {
		return "", err
	}
	if p.Name != h.App {
		return "", fmt.Errorf("cannot %s worker %d: it belongs to %s", d.Action, d.ID, p.Name)
	}
	switch d.Action {
	case engine.ActionStop:
		if d.Yields && d.PID > 0 && p.PID > 0 && p.PID != d.PID {
			return "", fmt.Errorf("cannot stop pid %d: worker %d has pid %d by now: somebody has started it since", d.PID, p.ID, p.PID)
		}
		return "", h.Stop(ctx, client, p, d)
	case engine.ActionRestart:
		return "", h.restart(ctx, client, p, d)
	case engine.ActionKill:
		return h.kill(ctx, client, p, d)
	case engine.ActionReplace:
		return h.replace(ctx, client, p, d)
	case engine.ActionReset:
		return "", h.reset(ctx, client, p, d.PID)
	}
	return "", fmt.Errorf("cannot %s worker %d: no such action", d.Action, d.ID)
}

// CheckWorkers makes sure that every process that PM2 lists for the app is its own: they are about
// to be signalled.
func (h Executor) CheckWorkers(ctx context.Context, client *pm2.Client) error {
	list, err := client.List(ctx)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.Name != h.App || p.State() != pm2.Running {
			continue
		}
		proven, err := client.Worker(p.PID)
		if errors.Is(err, host.ErrStranger) {
			return fmt.Errorf("cannot touch worker %d (pid %d): %w", p.ID, p.PID, err)
		}
		if err == nil {
			proven.Close()
		}
	}
	return nil
}

// stopTries bounds how often a stop is asked for.
const stopTries = 6

// Stop ends a worker's process and keeps it down.
//
// One stop is not enough. On PM2 7.0.4 a wait_ready worker that exits while it is
// being stopped and was not ready yet is declared online by its own exit
// (God.js, cluExit calls readyCb), so PM2 arms a restart, and then answers
// "stopped": the list says stopped without a pid while a timer runs. A stop
// begins by clearing that timer (ActionMethods.js, stopProcessId), so one that
// finds the worker stopped, and leaves it stopped, is the proof.
//
// Each try is noted first, since PM2 may have started another process meanwhile.
func (h Executor) Stop(ctx context.Context, client *pm2.Client, p pm2.Process, d plan.Decision) error {
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	for range stopTries {
		was := p.State()
		end, err := h.NoteIntent(p, d)
		if err != nil {
			return err
		}
		defer end()
		if err := client.Stop(ctx, p.ID); err != nil {
			return err
		}
		if p, err = client.Describe(ctx, p.ID); err != nil {
			return err
		}
		if was == pm2.StoppedNow && p.State() == pm2.StoppedNow {
			return nil
		}
	}
	return fmt.Errorf("cannot stop worker %d: PM2 says %s (pid %d) after %d tries", p.ID, p.Status, p.PID, stopTries)
}

// restart starts a worker that is down, or that still runs as the process pid. It is stopped first whatever PM2 says of
// it: a worker in backoff has the dead process's pid on record, and PM2 refuses
// to start it; and a restart that is still pending would start a second process.
func (h Executor) restart(ctx context.Context, client *pm2.Client, p pm2.Process, d plan.Decision) error {
	ctx, cancel := context.WithTimeout(ctx, restartWithin)
	defer cancel()
	if s := p.State(); (s == pm2.Running || s == pm2.Booting) && (d.PID == 0 || p.PID != d.PID) {
		return fmt.Errorf("cannot restart worker %d: somebody has started it already (pid %d)", p.ID, p.PID)
	}
	end, err := h.NoteIntent(p, d) // until it is up again
	if err != nil {
		return err
	}
	defer end()
	if err := h.Stop(ctx, client, p, d); err != nil {
		return err
	}
	return client.Restart(ctx, p.ID, pm2.Config{})
}

// replace drains a worker and puts another process in its place, with what the
// decision gives it. The successor has answered and soaked when it returns, and
// PM2 has been seen to have taken the environment.
func (h Executor) replace(ctx context.Context, client *pm2.Client, p pm2.Process, d plan.Decision) (told string, err error) {
	if p.PID != d.PID {
		return "", fmt.Errorf("cannot replace pid %d: worker %d has pid %d by now", d.PID, p.ID, p.PID)
	}
	end, err := h.NoteIntent(p, d)
	if err != nil {
		return "", err
	}
	defer end()
	proven, err := client.Worker(p.PID) // the drain signals it
	if err != nil {
		return "", err
	}
	defer proven.Close()
	roller := h.NewRoller(client)
	roller.Env = d.Env
	done, err := roller.Replace(ctx, drain.NewWorker(p, h.Port, h.URL))
	if err != nil {
		return "", err
	}
	if p, err = client.Describe(ctx, p.ID); err != nil {
		return "", err
	}
	if want, ok := d.Env[p.InstanceVar]; ok && p.Instance != want {
		return "", fmt.Errorf("cannot make worker %d number %s: PM2 has started it as %s", p.ID, want, p.Instance)
	}
	return fmt.Sprintf("drained %s; pid %d serves", done.Drain, done.New), nil
}

// kill ends a process by SIGKILL and returns when the kernel has taken it away. The process
// must be PM2's own, as the kernel knows it: PM2's word of a pid is not enough.
func (h Executor) kill(ctx context.Context, client *pm2.Client, p pm2.Process, d plan.Decision) (told string, err error) {
	if p.PID != d.PID {
		return "", fmt.Errorf("cannot kill pid %d: worker %d has pid %d by now", d.PID, p.ID, p.PID)
	}
	target, err := client.Worker(p.PID)
	if err != nil {
		return "", fmt.Errorf("cannot kill pid %d: %w", p.PID, err)
	}
	defer target.Close()
	unnoted := ""
	if end, err := h.NoteIntent(p, d); err == nil {
		defer end()
	} else { // PM2 starts the worker again, whoever is killed meanwhile: a full disk is no reason to leave it stuck
		unnoted = err.Error()
	}
	ctx, cancel := context.WithTimeout(ctx, killWithin)
	defer cancel()
	gone, err := host.Exited(ctx, p.PID)
	if err != nil {
		return "", err
	}
	if d.Cause == engine.StalledEventLoop {
		told = h.locate(ctx, client, p.PID)
	}
	if unnoted != "" {
		told = strings.TrimPrefix(told+"; "+unnoted, "; ")
	}
	if err := target.Signal(unix.SIGKILL); err != nil && !errors.Is(err, host.ErrNoProcess) {
		return "", fmt.Errorf("cannot kill pid %d: %w", p.PID, err)
	}
	<-gone
	if host.Alive(p.PID) {
		return "", fmt.Errorf("cannot kill pid %d: it lives after %s", p.PID, killWithin)
	}
	return told, nil
}

// stackWithin bounds how long a blocked process is asked where it is: it is about to be
// killed, and its clients wait.
const stackWithin = 500 * time.Millisecond

// locate says where a process is stuck, for people; "" where nothing tells.
func (h Executor) locate(ctx context.Context, client *pm2.Client, pid int) string {
	if waits := host.Waiting(pid); waits != "" {
		return waits
	}
	ctx, cancel := context.WithTimeout(ctx, stackWithin)
	defer cancel()
	calls, err := h.NewDrainer(client).Stack(ctx, pid)
	switch {
	case err != nil:
		return err.Error()
	case len(calls) == 0:
		return "its stack has no call of the app's"
	}
	return "it was in " + strings.Join(calls[:min(len(calls), maxCalls)], ", called by ")
}

// maxCalls bounds the calls of a stack that people are told.
const maxCalls = 4

// reset has PM2 count a worker's restarts from zero, if it is up as it was when
// that was decided.
func (h Executor) reset(ctx context.Context, client *pm2.Client, p pm2.Process, pid int) error {
	if p.State() != pm2.Running || p.PID != pid {
		return fmt.Errorf("cannot reset worker %d: pid %d does not run any more (PM2 has it %s with pid %d)", p.ID, pid, p.Status, p.PID)
	}
	return client.Reset(ctx, p.ID)
}
