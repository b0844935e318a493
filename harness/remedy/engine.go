package remedy

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/act"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
	"github.com/pm2drill/pm2drill/harness/remedy/intent"
	"github.com/pm2drill/pm2drill/harness/remedy/link"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/operate"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
	"github.com/pm2drill/pm2drill/harness/remedy/status"
)

// Name is what the reference engine calls itself.
const Name = "pm2drill-remedy"

// Config is what an engine needs to know.
type Config struct {
	Home     string         // PM2_HOME
	Apps     []App          // at least one; no two are the same
	AlertURL string         // where alerts are POSTed; empty for nowhere
	Targets  []alert.Target // where they go besides
	// Inspector says where the inspector of a process may be opened.
	Inspector drain.Policy
	Guard     drain.Guard // closes an inspector that the engine dies over; nil for none
	// StreamDeadline is how long a worker that is replaced is given to end its streams.
	StreamDeadline time.Duration
	DryRun         bool   // plan and say, do and write nothing
	Surge          bool   // a roll adds a spare worker first, and removes it at its end
	Version        string // of the engine, for its ready line
	Limits         plan.Limits
	AtMost         AtMost
	Audit          AuditSize
	Links          *Links        // by which people permit what the engine asks; nil for none
	Board          *status.Board // what is shown of the engine; nil for nothing
	Updates        <-chan Update // what changes while it runs; nil for nothing
	Ready          func()        // called once every app was looked at; nil for nobody
	Stdin          io.Reader     // requests, until it ends
	Stdout         io.Writer     // lines
	Stderr         io.Writer     // what the operator should look at; nil for nowhere
	Trace          io.Writer     // every observation as a JSON line; nil for none

	turn   *os.File     // the lock of Home, if it is taken already
	signer *link.Signer // of links; nil for none
}

// App is an app to look after.
type App struct {
	Name string // PM2's
	// Namespace is PM2's namespace of the app; "" where only one has an app of that name.
	Namespace string
	URL       string             // health URL; "" of an app without one
	From      string             // where URL was given, such as FILE:LINE: apps[0].health.url; "" by a flag or a variable
	Port      int                // of URL, 0 without one
	Expect    []observe.Statuses // of URL that are healthy, all others being ill; none to learn what is usual
	Limits    *plan.Limits       // nil for the engine's
}

// AtMost is the most that may be done at a time, "" for all; nil for always all.
type AtMost func(time.Time) plan.Policy

// settings are what of an engine may change while it looks after an app.
type settings struct {
	limits plan.Limits
	expect []observe.Statuses
	atMost AtMost
}

// runner is an engine at work on one app.
type runner struct {
	cfg      Config
	app      App
	set      atomic.Pointer[settings] // as it is to be from the next turn on; nil for as it is
	book     *intent.Book             // nil in a dry run
	limits   plan.Limits
	watch    *observe.Watcher
	executor act.Executor
	notes    *notes
	desk     *alert.Desk
	veil     *redact.Redactor // before all that leaves the engine
	named    bool             // lines name the app

	out *sync.Mutex // guards Stdout

	// The watching goroutine's own.
	first observe.Observation
	facts *diagnose.Reader
	state plan.State
	focus observe.Focus
	hurry bool // they ask for something new
	// unkept: that the notes cannot be written has been said.
	unkept bool

	approved []string // keys that the audit has told of

	acts sync.WaitGroup // actions under way

	spareDue time.Duration // when the spare worker of an unfinished roll may be removed, or tried to again
}

// newRunner returns an engine for one app. out guards what all of them say.
func newRunner(cfg Config, app App, notes *notes, out *sync.Mutex) *runner {
	veil := new(redact.Redactor)
	veil.Keep(app.Name)
	veil.LearnURL(cfg.AlertURL)
	veil.LearnURL(app.URL)
	r := &runner{
		cfg: cfg, app: app, notes: notes, state: plan.NewState(nil), veil: veil,
		watch: observe.NewWatcher(cfg.Home, app.Name, app.URL, app.Port, veil), out: out,
		named: len(cfg.Apps) > 1 || cfg.Updates != nil,
	}
	r.adjust(app, cfg.AtMost)
	r.adopt(time.Now())
	r.facts = diagnose.NewReader(r.limits.Stall, nodeerr.NewMemo())
	r.desk = alert.NewDesk(alert.Sender{
		Engine: Name, Host: notes.host, App: app.Name, Namespace: app.Namespace, Port: app.Port, Stall: r.limits.Stall,
	}, cfg.Targets, veil, func(err error) {
		r.say(engine.Line{Type: engine.TypeWithheld, Action: "alert", Why: "it was not delivered", Error: err.Error()})
	})
	if cfg.Board != nil {
		r.desk.Seen = cfg.Board.NoteAlert
		cfg.Board.WatchQueue(app.Name, r.desk.Waiting)
	}
	r.executor = act.Executor{
		Home: cfg.Home, App: app.Name, Namespace: r.watch.Namespace, Port: app.Port, URL: app.URL,
		Key: r.desk.Key, Inspector: cfg.Inspector, Guard: cfg.Guard, StreamDeadline: cfg.StreamDeadline,
	}
	return r
}

// adjust changes the settings of an app from the next turn on.
func (r *runner) adjust(app App, atMost AtMost) {
	limits := r.cfg.Limits
	if app.Limits != nil {
		limits = *app.Limits
	}
	r.set.Store(&settings{limits, app.Expect, atMost})
}

// adopt takes over the settings as they are at a time. It must not be called during a look.
func (r *runner) adopt(now time.Time) {
	s := r.set.Load()
	if s == nil {
		return
	}
	r.limits = s.limits
	if s.atMost != nil {
		r.limits.Policies.AtMost = s.atMost(now)
	}
	r.watch.Expect(s.expect)
}

// takeBook opens the intents of the app. There must be one book of an app at a time.
func (r *runner) takeBook() {
	r.book = r.notes.openBook(r.app)
	r.executor.Book = r.book
}

// newOperator returns what people's requests are carried out by.
func (r *runner) newOperator() *operate.Operator {
	return &operate.Operator{
		Executor: r.executor, Desk: r.desk, Watcher: r.watch, Limits: r.getLimits(), DryRun: r.cfg.DryRun, Surge: r.cfg.Surge,
		Say: r.say, Begin: r.begin, Running: &r.acts,
	}
}

// getLimits returns the limits for a goroutine that is not the watching one.
func (r *runner) getLimits() plan.Limits {
	if s := r.set.Load(); s != nil {
		return s.limits
	}
	return r.limits
}

// look looks for the first time, and returns an error if there is no such app.
func (r *runner) look(ctx context.Context) error {
	o := r.watch.Look(ctx, observe.Focus{})
	if !o.Daemon.Alive {
		return fmt.Errorf("cannot look after %s: %s", r.app.Name, r.veil.Clean(o.Daemon.Error))
	}
	space, err := settleApp(r.app.Name, r.app.Namespace, r.watch.Processes())
	if err != nil {
		return err
	}
	r.watch.UseNamespace(space)
	if len(pm2.Namespaces(r.watch.Processes(), r.app.Name)) > 1 {
		r.watch.Forget()
		o = r.watch.Look(ctx, observe.Focus{}) // for the first time, without the namesakes
	}
	r.first, err = r.lookAtURL(ctx, o)
	return err
}

// run looks after the app until ctx ends.
func (r *runner) run(ctx context.Context) {
	if r.notes.unread != nil {
		r.say(engine.Line{Type: engine.TypeWithheld, Action: "note", Why: "workers that an earlier run has stopped are not known, and stay so", Error: r.notes.unread.Error()})
	}
	closeDesk := r.desk.Open(context.WithoutCancel(ctx))
	can := []string{engine.CanDetect, engine.CanRoll, engine.CanScale}
	if len(r.cfg.Targets) > 0 {
		can = append(can, engine.CanAlert)
	}
	r.say(engine.Line{Type: engine.TypeReady, Engine: Name, Version: r.cfg.Version, App: r.app.Name, Capabilities: can})
	o := r.first
	for n := 0; ctx.Err() == nil; n++ {
		r.turn(ctx, o)
		if !r.waitForTurn(ctx, n, o.At) {
			break
		}
		o = r.watch.Look(ctx, r.focus)
	}
	r.acts.Wait()
	r.repay(context.WithoutCancel(ctx))
	closeDesk()
}

// turn does one round: what was seen is diagnosed, decided upon and acted on.
func (r *runner) turn(ctx context.Context, o observe.Observation) {
	if ctx.Err() != nil {
		return // what was seen while ending may be half
	}
	r.adopt(time.Now())
	if r.cfg.Trace != nil {
		r.record(o)
	}
	if r.cfg.Board != nil {
		r.cfg.Board.NoteLook(r.app.Name, countStates(o, r.limits.Stall), time.Now())
	}
	r.notePaused(o.Paused)
	r.noteApproved(o.Approved)
	r.reconcile(ctx, o, r.watch.Processes())
	facts := r.facts.Read(o)
	var decisions []plan.Decision
	r.state, decisions = plan.Decide(r.state, o, diagnose.Diagnose(facts), r.limits)
	r.desk.Publish(facts.History(), r.state.ListEngaged())
	for _, d := range decisions {
		r.carryOut(ctx, d)
	}
	err := r.keepHeld()
	if err != nil && !r.unkept { // once, until it can be written again
		r.say(engine.Line{Type: engine.TypeWithheld, Action: "note", Why: "a later run will not know which workers are held", Error: err.Error()})
	}
	r.unkept = err != nil
	was := r.focus
	r.focus = plan.ChooseFocus(r.state, facts)
	r.hurry = r.focus.Exceeds(was)
}

// keepHeld forgets what was noted of workers that are not held and under no action, as far
// as the engine has heard.
func (r *runner) keepHeld() error {
	if r.book == nil {
		return nil
	}
	return r.book.Keep(r.state.Keeps)
}

// coalesce is how long events are gathered before the next look: a crash comes
// with several.
const coalesce = 100 * time.Millisecond

// waitForTurn waits for something to happen, or for the time of the next look, and
// reports whether to go on. n counts the turns.
func (r *runner) waitForTurn(ctx context.Context, n int, last time.Duration) bool {
	if r.hurry {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(r.focus.PauseBefore(n) - (host.Now() - last))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	case <-r.watch.Woken():
	}
	if wait := coalesce - (host.Now() - last); wait > 0 {
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
		}
	}
	return true
}
