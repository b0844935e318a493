// Package drain replaces PM2 cluster workers without dropping a request, also
// when the app has no SIGINT handler or a broken one, and without touching its
// code: a worker is emptied first, so that the restart that follows finds
// nothing in it to lose.
//
//	policy ──> attach ──> facts ──> drain.js, inspector closed ──> empty ──> restart by PM2
//	   │ refused │                                                 ^     │
//	   └─────────┴──> anchor ──> Leave ──> no sockets ─────────────┘     v
//	                                └──> between requests: SIGKILL ──> answers ──> soak
//
// There are two means. The inspector says what the app is made of, has each response
// announce that its connection closes, and has PM2's daemon confirm that nothing is on
// its way to the worker any more. But whoever reaches an open inspector controls the
// process, and on the loopback every local user does, so that Policy decides; by
// default it is opened only where nobody else can be seen. It is open until the drain
// is installed, and then closed, which the kernel must confirm. From then on the worker
// talks to the engine over a connection of its own (lifeline). When that ends, or the
// engine is silent for four seconds, the worker listens again and is as it was. Of an
// engine that dies before it has got that far, a guard closes the inspector (Guard).
//
// Where the inspector may not be had, the worker is made to leave the rotation over
// PM2's RPC, and is restarted once it is empty. Keep-alive clients are not told: Node
// closes idle connections at once, and one that is busy stays until its client lets go,
// so that the worker is killed as soon as the kernel shows all that are left to be
// between two requests (talks). A request that a client sends on a connection in the
// moment in which it is closed is lost. When the engine dies meanwhile, the worker
// finishes what it has, and is then ended by PM2's instrumentation or by a guard, for PM2
// to start another.
//
// Requests lost in a roll of all workers of an app that ignores SIGINT (PM2 7.0.4; each
// second 30 short requests of 20 ms, 50 on 20 keep-alive connections and 4 of 2 s;
// minimum, median and maximum; a machine with five to ten times more work than cores):
//
//	                        workers  rolls  short    keep-alive  long
//	pm2 reload     Node 20        2      8  0, 1, 2  1, 5, 23    2, 5, 8
//	Leave          Node 20        2      8  0, 0, 0  0, 0, 1     0, 0, 0
//	Leave          Node 20        4      6  0, 0, 0  0, 0.5, 2   0, 0, 0
//	Leave          Node 26        2     15  0, 0, 0  0, 0, 2     0, 0, 0
//	the inspector  Node 20        2     14  0, 0, 0  0, 0, 0     0, 0, 0
//	the inspector  Node 20        4      6  0, 0, 0  0, 0, 0     0, 0, 0
//	the inspector  Node 26        2      6  0, 0, 0  0, 0, 0     0, 0, 0
//
// With PM2 5.4.3 and 6.0.14 (Node 20) and on Node 24 only an earlier form of both was
// measured; that a worker takes a drain back was seen on Node 18, 20, 24 and 26.
package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// Means is how a worker is emptied.
type Means string

// The means.
const (
	// Inspector: code evaluated in the worker over Node's inspector, which
	// SIGUSR1 opens on 127.0.0.1:9229 for the time being.
	Inspector Means = "inspector"
	// Leave: Node's own cluster message, passed on by PM2's RPC.
	Leave Means = "leave"
	// Nothing was done: the app has no URL, and takes its work from where PM2 and the
	// kernel see nothing of it. PM2's own SIGINT is what tells it to stop.
	Nothing Means = "nothing"
)

// ErrGone: the worker's process ended while it was being emptied. PM2 respawns
// it; do not restart it.
var ErrGone = errors.New("the worker's process is gone")

// ErrInspector: the inspector cannot be used on this worker; the text says why.
var ErrInspector = errors.New("cannot use the worker's inspector")

// Worker is one cluster worker of an app.
type Worker struct {
	ID   int // pm_id
	PID  int // of its process
	Port int // the app's TCP port
	// KillTimeout is how long PM2 waits between SIGINT and SIGKILL; 0 for its default.
	KillTimeout time.Duration
	URL         string // an http or https URL of the app on that port that is cheap to answer; "" of an app without one
}

// PM2 is the part of pm2.Client that is used here.
type PM2 interface {
	List(ctx context.Context) ([]pm2.Process, error)
	Describe(ctx context.Context, id int) (pm2.Process, error)
	Restart(ctx context.Context, id int, cfg pm2.Config) error
	Leave(ctx context.Context, id int) error
	Duplicate(ctx context.Context, id int) error
	Delete(ctx context.Context, id int) error
}

// Drainer empties workers, one at a time: the inspector's port is the same for
// all workers of a host. PM2 is required; zero fields take the defaults.
type Drainer struct {
	PM2 PM2
	// Linger is how long a worker goes on living after its last connection, to
	// send back what the daemon hands over before it knows of the leave. Default
	// 500 ms: at 250 ms losses were seen on an overloaded machine. By the inspector
	// it is only a margin, counted from when the daemon has confirmed the leave.
	Linger time.Duration
	// Idle is how long a keep-alive connection is given to bring its next
	// request, whose response announces the close, before it is closed. Default 1 s.
	Idle time.Duration
	// Deadline bounds the wait for a worker's requests. Default 30 s.
	Deadline time.Duration
	// StreamDeadline bounds it where only event streams, WebSockets and other answers in
	// parts are left, which may have no end. It is never shorter than the kill timeout,
	// which is what PM2 gives them. Default 10 s.
	StreamDeadline time.Duration
	// Inspector says where the inspector may be opened. Default Private.
	Inspector Policy
	// Guard finishes what we die over. Without one, an inspector is left open that a
	// killed engine had just sent for, and a worker that has left out of the rotation
	// where PM2's instrumentation does not end it.
	Guard Guard
	// InspectorPort is where the worker's inspector opens. Default 9229, Node's own.
	InspectorPort int
	// Kernel is this host's, unless a test puts another in its place.
	Kernel Kernel
}

// silence is how long a worker hears nothing of the engine before it takes its drain
// back.
const silence = 4 * time.Second

func (d Drainer) setDefaults() Drainer {
	d.Linger = cmp.Or(d.Linger, 500*time.Millisecond)
	d.Idle = cmp.Or(d.Idle, time.Second)
	d.Deadline = cmp.Or(d.Deadline, 30*time.Second)
	d.StreamDeadline = cmp.Or(d.StreamDeadline, 10*time.Second)
	d.InspectorPort = cmp.Or(d.InspectorPort, inspectorPort)
	if d.Kernel == nil {
		d.Kernel = kernel{}
	}
	return d
}

// NewWorker returns a row of PM2's list as what is drained.
func NewWorker(p pm2.Process, port int, url string) Worker {
	return Worker{ID: p.ID, PID: p.PID, Port: port, URL: url, KillTimeout: p.KillTimeout}
}

// computeStreamDeadline returns how long the worker is given to end its streams.
func (w Worker) computeStreamDeadline(d Drainer) time.Duration {
	return min(d.Deadline, max(d.StreamDeadline, cmp.Or(w.KillTimeout, killTimeout)))
}

// Drain empties a worker and leaves its process alive, except where Leave has ended
// it (Result.Respawned, Result.Killed). A deadline that passes is no error:
// Result.InFlight says what is left. The worker stays out of the rotation as long as
// the caller lives and has not called Result.Release: restart it first. After an
// error there is nothing to release; after Leave, one that does not wrap ErrGone
// leaves open whether the worker is in the rotation.
func (d Drainer) Drain(ctx context.Context, w Worker) (Result, error) {
	d = d.setDefaults()
	if w.URL == "" {
		return Result{Means: Nothing}, nil
	}
	begun := d.Kernel.Now()
	in, refused := d.attach(ctx, w.PID)
	var res Result
	var err error
	switch {
	case refused == nil:
		res, err = d.inspect(ctx, w, in)
	case ctx.Err() != nil || !d.Kernel.Alive(w.PID):
		err = refused
	default:
		res, err = d.leave(ctx, w)
		res.Refused = refused
	}
	res.Took = d.Kernel.Now() - begun
	if err != nil && !res.Respawned && !d.Kernel.Alive(w.PID) {
		err = fmt.Errorf("%w: %w", ErrGone, err)
	}
	if err != nil {
		return res, fmt.Errorf("cannot drain worker %d (pid %d): %w", w.ID, w.PID, err)
	}
	return res, nil
}

// inspect empties a worker through its inspector.
func (d Drainer) inspect(ctx context.Context, w Worker, in *inspector) (Result, error) {
	res := Result{Means: Inspector}
	facts, err := in.readFacts(ctx)
	if err != nil {
		return res, errors.Join(err, in.closeOpened())
	}
	res.Facts = &facts
	line, err := listen(ctx)
	if err != nil {
		return res, errors.Join(err, in.closeOpened())
	}
	err = d.install(ctx, w, in, line)
	if err = errors.Join(err, d.leaveInspector(ctx, w.PID, in)); err == nil {
		err = line.accept(ctx)
	}
	if err == nil {
		err = d.hear(ctx, line, &res)
	}
	if err != nil {
		return res, errors.Join(err, line.Close())
	}
	res.hold = line
	return res, nil
}

// install has the worker begin to drain, and call back on the line.
func (d Drainer) install(ctx context.Context, w Worker, in *inspector, line *lifeline) error {
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	var pid int
	return in.call(ctx, in.servers, drainJS, []argument{{map[string]any{
		"linger":    d.Linger.Milliseconds(),
		"idle":      d.Idle.Milliseconds(),
		"deadline":  d.Deadline.Milliseconds(),
		"streams":   w.computeStreamDeadline(d).Milliseconds(),
		"silence":   silence.Milliseconds(),
		"clustered": in.clustered,
		"port":      line.getPort(),
		"token":     line.token,
	}}}, &pid)
}

// hear waits for what the worker's drain came to.
func (d Drainer) hear(ctx context.Context, line *lifeline, res *Result) error {
	ctx, cancel := context.WithTimeout(ctx, d.Deadline+d.Linger+reach)
	defer cancel()
	var out struct {
		InFlight  int  `json:"inFlight"`
		Streams   int  `json:"streams"`
		Idle      int  `json:"idle"`
		Confirmed bool `json:"confirmed"`
	}
	err := line.waitForOutcome(ctx, &out)
	res.InFlight, res.Streams, res.Idle, res.Confirmed = out.InFlight, out.Streams, out.Idle, out.Confirmed
	return err
}

// leaveInspector closes the inspector and waits until its port is free for the next
// worker.
func (d Drainer) leaveInspector(ctx context.Context, pid int, in *inspector) error {
	if err := in.closeOpened(); err != nil || in.keep {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	err := poll(ctx, soon, func() (bool, error) {
		owner, _, err := d.findHolder()
		return owner != pid, err
	})
	if err != nil {
		return fmt.Errorf("cannot close the inspector of process %d: %w", pid, err)
	}
	return nil
}

// tick is how often the kernel is asked whether a condition holds, soon how often
// while an inspector is open, inquiry how often PM2 is: its daemon is also what deals
// out the app's connections.
const (
	tick    = 20 * time.Millisecond
	soon    = 2 * time.Millisecond
	inquiry = 100 * time.Millisecond
)

// poll looks at a condition until it holds, fails or ctx is done.
func poll(ctx context.Context, every time.Duration, holds func() (bool, error)) error {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		if ok, err := holds(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}
