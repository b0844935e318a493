// Package observer watches one PM2 cluster, from a pid namespace above the cluster's and in
// its network namespace, and prints what it sees as evidence lines. It reads PM2's sockets,
// /proc and the kernel's socket tables, and touches nothing. What it prints has the
// cluster's own pids and paths.
//
//	PM2's bus ----------------------> event
//	bus event, exit, level check, a
//	process stopped or reniced -----> snapshot: PM2's list, /proc, listeners, debuggers
//	pidfd of each worker -----------> exit
//	HTTP POST to the alert sink ----> alert
//	the app's journal, a socket ----> served
//	the app's files, PM2's logs ----> file
//	the engine's processes ---------> usage
//
// It must cost next to nothing: what it takes from a busy host it takes from
// the cluster it watches.
package observer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// Config is what to watch. AlertAddr, Journal and Files may be empty; the rest is required.
// Paths are those that the cluster's processes use.
type Config struct {
	Space     *host.Space        // the cluster's pid namespace, and its files
	Home      string             // PM2_HOME
	App       string             // PM2's name of the app
	Port      int                // the app's
	AlertAddr string             // where alerts are taken, a loopback address
	Journal   string             // socket of the app's journal, "" if it keeps none
	Files     []string           // folders of the app's files; nil for not looking at files
	Releases  map[string]Release // what workers of a fixture are told to run, by the id that they name
}

// How often it looks when nothing has happened, and how long it gathers events
// before it looks at what they have changed.
const (
	levelCheck = 5 * time.Second
	gather     = 50 * time.Millisecond
	glance     = 250 * time.Millisecond // at whether somebody has stopped a process
)

// ReadJournal is the line by which an Agent is told to read the app's journal to its
// end. When it has, it leaves evidence.MarkJournal.
const ReadJournal = "journal"

// Agent is `pm2drill agent observe`: it observes until in ends.
func Agent(ctx context.Context, cfg Config, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	t := asked{journal: make(chan struct{}), engine: make(chan int)}
	go func() {
		defer stop()
		for lines := bufio.NewScanner(in); lines.Scan(); { // however it ends, it has ended
			t.hear(ctx, lines.Text())
		}
	}()
	return run(ctx, cfg, t, out)
}

// asked is what an Agent is told while it observes; a nil channel tells nothing.
type asked struct {
	journal chan struct{} // to read the app's journal to its end
	engine  chan int      // whose use of the host to tell of
}

// hear hands a line on.
func (t asked) hear(ctx context.Context, line string) {
	if line == ReadJournal {
		select {
		case t.journal <- struct{}{}:
		case <-ctx.Done():
		}
		return
	}
	pid, err := strconv.Atoi(strings.TrimPrefix(line, watchEngine))
	if err != nil {
		return
	}
	select {
	case t.engine <- pid:
	case <-ctx.Done():
	}
}

// run observes until ctx ends. A dead daemon is an observation, not an error.
func run(ctx context.Context, cfg Config, t asked, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	o := &observer{cfg: cfg, stop: stop, w: &writer{enc: json.NewEncoder(out)}, wake: make(chan struct{}, 1), watched: map[int]bool{}, seen: map[int]host.Proc{},
		stopped: map[int]host.Proc{}, terms: map[int]map[string]string{}, settings: map[int]map[string]string{}, private: map[uint32]int{}}
	if cfg.AlertAddr != "" {
		stop, err := o.startSink()
		if err != nil {
			return err
		}
		defer stop()
	}
	if cfg.Journal != "" {
		if err := o.serveJournal(ctx, t.journal); err != nil {
			return err
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() { o.follow(ctx) })
	wg.Go(func() { o.followAborts(ctx) })
	if len(cfg.Files) > 0 {
		wg.Go(func() { o.followFiles(ctx) })
	}
	wg.Go(func() {
		select {
		case pid := <-t.engine:
			o.followUsage(ctx, pid)
		case <-ctx.Done():
		}
	})
	o.watch(ctx)
	wg.Wait()
	return o.w.getFailure()
}

type observer struct {
	cfg     Config
	w       *writer
	stop    context.CancelFunc
	client  *pm2.Client
	wake    chan struct{}
	seen    map[int]host.Proc // PM2's daemon and its processes as the last snapshot has them, by the pid here; watch's goroutine only
	stopped map[int]host.Proc // of these, which were stopped since; likewise
	// What was told last of each pid here, and of each worker by its pm_id; likewise.
	terms    map[int]map[string]string
	settings map[int]map[string]string
	// private is who of PM2's holds each socket that listens on a loopback address, by its inode
	// and by the pid here, 0 for somebody else; likewise.
	private map[uint32]int
	watched map[int]bool // pids with a pidfd watch; watch's goroutine only
	stdout  chatter      // follow's goroutine only
	daemon  atomic.Int64 // PM2's daemon, as this pid namespace numbers it; the last that answered
}

// watch takes a snapshot whenever something has happened, and now and then.
func (o *observer) watch(ctx context.Context) {
	level := time.NewTicker(levelCheck)
	quick := time.NewTicker(glance)
	defer level.Stop()
	defer quick.Stop()
	for {
		o.takeSnapshot(ctx)
		if o.w.getFailure() != nil {
			o.stop()
		}
		if !o.waitForLook(ctx, level.C, quick.C) {
			return
		}
	}
}

// waitForLook waits until there is something to look at; it is false when ctx has ended.
func (o *observer) waitForLook(ctx context.Context, level, quick <-chan time.Time) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-level:
			return true
		case <-quick:
			if o.glimpse() {
				return true
			}
		case <-o.wake:
			// What belongs together comes together: let it come.
			select {
			case <-time.After(gather):
			case <-ctx.Done():
			}
			return true
		}
	}
}

func (o *observer) poke() {
	select {
	case o.wake <- struct{}{}:
	default: // a look is due already
	}
}

// follow prints the bus's events, and subscribes again when the daemon has gone.
func (o *observer) follow(ctx context.Context) {
	for ctx.Err() == nil {
		bus, err := pm2.Subscribe(ctx, o.cfg.Space.Path(o.cfg.Home), pm2.TopicEvent, pm2.TopicException, pm2.TopicErr, pm2.TopicOut, pm2.TopicLog)
		if err != nil {
			select {
			case <-time.After(resubscribe):
			case <-ctx.Done():
			}
			continue
		}
		o.poke()
		stop := context.AfterFunc(ctx, func() { _ = bus.Close() }) // ends the loop below
		for e := range bus.Events() {
			o.recordEvent(e)
		}
		stop()
		_ = bus.Close() // it has ended by itself
		o.poke()
	}
}

const resubscribe = 50 * time.Millisecond

// Bounds of what is kept: bytes of a log line, and lines on stdout in a second, for there are
// apps that print one for each request.
const (
	maxText   = 4 << 10
	maxStdout = 100
)

// chatter counts the lines on stdout in a second.
type chatter struct {
	since time.Duration
	lines int
}

// isFull reports whether so many came within the second that no more is kept.
func (c *chatter) isFull(now time.Duration) bool {
	if now-c.since > time.Second {
		*c = chatter{since: now}
	}
	c.lines++
	return c.lines > maxStdout
}

func (o *observer) recordEvent(e pm2.Event) {
	if e.Topic == pm2.TopicOut && o.stdout.isFull(host.Now()) {
		return
	}
	text := e.Text
	if len(text) > maxText {
		text = text[:maxText]
	}
	o.w.writeLine(evidence.Line{Event: &evidence.Event{
		At: host.Now(), Topic: e.Topic, Event: e.Event, ID: e.ID, Name: e.Name, Text: text,
	}})
	if e.Topic == pm2.TopicEvent || e.Topic == pm2.TopicLog {
		o.poke()
	}
}

// writer prints lines, one at a time, from several goroutines.
type writer struct {
	mu  sync.Mutex
	enc *json.Encoder
	err error
}

func (w *writer) writeLine(l evidence.Line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = w.enc.Encode(l)
	}
}

// fail ends the observer's usefulness: evidence with a hole proves nothing.
func (w *writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) getFailure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil && !errors.Is(w.err, os.ErrClosed) {
		return fmt.Errorf("cannot go on observing: %w", w.err)
	}
	return nil
}
