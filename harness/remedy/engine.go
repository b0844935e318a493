package remedy

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
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
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/operate"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Name is what the reference engine calls itself.
const Name = "pm2drill-remedy"

// Config is what an engine needs to know.
type Config struct {
	Home     string // PM2_HOME
	Apps     []App  // at least one; no two are the same
	AlertURL string // where alerts are POSTed; empty for nowhere
	// Inspector says where the inspector of a process may be opened.
	Inspector drain.Policy
	Guard     drain.Guard // closes an inspector that the engine dies over; nil for none
	// StreamDeadline is how long a worker that is replaced is given to end its streams.
	StreamDeadline time.Duration
	DryRun         bool   // plan and say, do and write nothing
	Surge          bool   // a roll adds a spare worker first, and removes it at its end
	Version        string // of the engine, for its ready line
	Limits         plan.Limits
	Stdin          io.Reader // requests, until it ends
	Stdout         io.Writer // lines
	Stderr         io.Writer // what the operator should look at; nil for nowhere
	Trace          io.Writer // every observation as a JSON line; nil for none
}

// App is an app to look after.
type App struct {
	Name string // PM2's
	// Namespace is PM2's namespace of the app; "" where only one has an app of that name.
	Namespace string
	URL       string // health URL; "" of an app without one
	Port      int    // of URL, 0 without one
}

// runner is an engine at work on one app.
type runner struct {
	cfg      Config
	app      App
	book     *intent.Book // nil in a dry run
	limits   plan.Limits
	watch    *observe.Watcher
	executor act.Executor
	notes    *notes
	desk     *alert.Desk
	veil     *redact.Redactor // before all that leaves the engine

	out *sync.Mutex // guards Stdout

	// The watching goroutine's own.
	first observe.Observation
	facts *diagnose.Reader
	state plan.State
	focus observe.Focus
	hurry bool // they ask for something new

	acts sync.WaitGroup // actions under way

	spareDue time.Duration // when the spare worker of an unfinished roll may be removed, or tried to again
}

// Run looks after the apps until ctx ends. The end of Stdin only ends requests.
// It returns an error only if it cannot begin; what goes wrong later it says in
// its lines, and goes on.
func Run(ctx context.Context, cfg Config) error {
	if err := CheckOwner(cfg.Home); err != nil {
		return err
	}
	notes, err := takeNotes(cfg.Home, cfg.DryRun)
	if err != nil {
		return err
	}
	defer notes.close()
	var runners []*runner
	out := new(sync.Mutex)
	for _, app := range cfg.Apps {
		r := newRunner(cfg, app, notes, out)
		defer r.watch.Close()
		if err := r.look(ctx); err != nil {
			return err
		}
		runners = append(runners, r)
	}
	go answerRequests(ctx, cfg.Stdin, runners)
	var all sync.WaitGroup
	for _, r := range runners {
		all.Go(func() { r.run(ctx) })
	}
	all.Wait()
	return nil
}

// newRunner returns an engine for one app. out guards what all of them say.
func newRunner(cfg Config, app App, notes *notes, out *sync.Mutex) *runner {
	veil := new(redact.Redactor)
	veil.Keep(app.Name)
	veil.LearnURL(cfg.AlertURL)
	veil.LearnURL(app.URL)
	r := &runner{
		cfg: cfg, app: app, limits: cfg.Limits, facts: diagnose.NewReader(cfg.Limits.Stall, nodeerr.NewMemo()), notes: notes, book: notes.openBook(app), state: plan.NewState(nil), veil: veil,
		watch: observe.NewWatcher(cfg.Home, app.Name, app.URL, app.Port, veil), out: out,
	}
	r.desk = alert.NewDesk(alert.Sender{
		Engine: Name, Host: notes.host, App: app.Name, Namespace: app.Namespace, Port: app.Port, Stall: cfg.Limits.Stall,
	}, cfg.AlertURL, veil, func(err error) {
		r.say(engine.Line{Type: engine.TypeWithheld, Action: "alert", Why: "it was not delivered", Error: err.Error()})
	})
	r.executor = act.Executor{
		Home: cfg.Home, App: app.Name, Namespace: r.watch.Namespace, Port: app.Port, URL: app.URL,
		Book: r.book, Key: r.desk.Key, Inspector: cfg.Inspector, Guard: cfg.Guard, StreamDeadline: cfg.StreamDeadline,
	}
	return r
}

// newOperator returns what people's requests are carried out by.
func (r *runner) newOperator() *operate.Operator {
	return &operate.Operator{
		Executor: r.executor, Desk: r.desk, Watcher: r.watch, Limits: r.limits, DryRun: r.cfg.DryRun, Surge: r.cfg.Surge,
		Say: r.say, Begin: r.begin, Running: &r.acts,
	}
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
	if r.cfg.AlertURL != "" {
		can = append(can, engine.CanAlert)
	}
	r.say(engine.Line{Type: engine.TypeReady, Engine: Name, Version: r.cfg.Version, App: r.app.Name, Capabilities: can})
	o := r.first
	for n := 0; ctx.Err() == nil; n++ {
		r.turn(ctx, o)
		if !r.rest(ctx, n, o.At) {
			break
		}
		o = r.watch.Look(ctx, r.focus)
	}
	r.acts.Wait()
	r.repay(context.WithoutCancel(ctx))
	closeDesk()
}

// turn is one round: what was seen is diagnosed, decided upon and acted on.
func (r *runner) turn(ctx context.Context, o observe.Observation) {
	if ctx.Err() != nil {
		return // what was seen while ending may be half
	}
	if r.cfg.Trace != nil {
		r.record(o)
	}
	r.reconcile(ctx, o, r.watch.Processes())
	facts := r.facts.Read(o)
	var decisions []plan.Decision
	r.state, decisions = plan.Decide(r.state, o, diagnose.Diagnose(facts), r.limits)
	r.desk.Publish(facts.History(), r.state.ListEngaged())
	for _, d := range decisions {
		r.carryOut(ctx, d)
	}
	if err := r.keepHeld(); err != nil {
		r.say(engine.Line{Type: engine.TypeWithheld, Action: "note", Why: "a later run will not know which workers are held", Error: err.Error()})
	}
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

// rest waits for something to happen, or for the time of the next look, and
// reports whether to go on. n counts the turns.
func (r *runner) rest(ctx context.Context, n int, last time.Duration) bool {
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

// say prints a line and writes it into the audit.
func (r *runner) say(l engine.Line) {
	l.At = host.Now()
	if len(r.cfg.Apps) > 1 {
		l.App = r.app.Name
	}
	l, err := redactLine(r.veil, l)
	if err != nil { // of a text that is no secret for sure, none is said
		l = engine.Line{Type: engine.TypeWithheld, At: l.At, Action: "redact", Why: "a line could not be said without its secrets"}
	}
	r.out.Lock()
	defer r.out.Unlock()
	// Nobody may be listening any more; the audit still is.
	err = engine.EncodeLine(r.cfg.Stdout, l)
	if auditErr := r.notes.audit(l); auditErr != nil && err == nil {
		_ = engine.EncodeLine(r.cfg.Stdout, engine.Line{Type: engine.TypeWithheld, At: l.At, Action: "audit", Error: auditErr.Error()})
	}
}

// answerRequests takes what an operator asks for on stdin until it ends.
func answerRequests(ctx context.Context, stdin io.Reader, runners []*runner) {
	for req, err := range engine.Requests(stdin) {
		i := slices.IndexFunc(runners, func(r *runner) bool { return req.App == r.app.Name || req.App == "" && len(runners) == 1 })
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			runners[0].say(engine.Line{Type: engine.TypeWithheld, Why: "the request cannot be read", Error: err.Error()})
		case i < 0:
			runners[0].say(engine.Line{Type: engine.TypeWithheld, Action: req.Request, Why: fmt.Sprintf("this engine looks after %s, not %.80q", nameApps(runners), req.App)})
		case req.Request == engine.RequestScale:
			runners[i].newOperator().Scale(ctx, req.Workers)
		default:
			runners[i].newOperator().Roll(ctx, req.Rollback)
		}
	}
}

// nameApps lists the apps that are looked after.
func nameApps(runners []*runner) string {
	var names []string
	for _, r := range runners {
		names = append(names, r.app.Name)
	}
	return strings.Join(names, ", ")
}
