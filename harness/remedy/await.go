package remedy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/channel"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/status"
)

// awaitEvery is how often an engine that has found no daemon looks for one. A look is a
// connection to a socket.
const awaitEvery = time.Second

// tellAbsent is the share of the outage deadline after which people are told that there is no
// daemon: at a boot of the host the engine may be started a moment before PM2.
const tellAbsent = 2

// prepare returns the configuration, once PM2's daemon runs: where it does not, or does not answer
// and is needed to know which apps are meant, it waits for it and tells people.
func (x *Command) prepare(ctx context.Context, args []string, stdout, stderr io.Writer) (Config, error) {
	began := host.Now()
	cfg, err := x.settle(ctx, args, false, stderr)
	if !isAbsent(err) {
		return cfg, err
	}
	looks := time.NewTicker(awaitEvery)
	defer looks.Stop()
	return x.awaitPM2(ctx, cfg, absence{began: began, why: err, stdout: stdout, stderr: stderr}, args, looks.C)
}

// isAbsent reports whether an error is that PM2's daemon does not run, or does not answer in time.
func isAbsent(err error) bool {
	return errors.Is(err, pm2.ErrDaemonDead) || errors.Is(err, context.DeadlineExceeded)
}

// settle returns the configuration and an error that says why the engine cannot begin by it:
// one of which isAbsent holds where PM2's daemon does not run, or does not answer and the
// configuration's file does not suffice. The configuration then has what is known without it. all asks besides whether PM2 has the apps.
func (x *Command) settle(ctx context.Context, args []string, all bool, stderr io.Writer) (Config, error) {
	cfg, err := x.configure(ctx, args, stderr)
	if err != nil {
		return cfg, err
	}
	list, err := x.list(ctx, cfg.Home)
	if err != nil && (all || errors.Is(err, pm2.ErrDaemonDead)) {
		return cfg, err
	}
	if err == nil && list == nil {
		list = []pm2.Process{} // an empty one, and not one that did not come
	}
	for _, app := range cfg.Apps {
		if _, err := settleApp(app.Name, app.Namespace, list); err != nil && all {
			return cfg, err
		}
	}
	return cfg, nil
}

// absence is an engine's wait for PM2's daemon, of which people are told.
type absence struct {
	stdout, stderr io.Writer
	notes          *notes
	board          *status.Board
	apps           []string
	desks          []*alert.Desk // one for each app
	began          time.Duration
	why            error               // what is missing
	told           error               // of which people were told, nil for nothing
	open           *diagnose.Diagnosis // as which they were told
}

// awaitPM2 waits until PM2's daemon runs and has the apps, and returns the configuration as it
// is then. a has what is missing, and cfg what is known so far. Each of ticks is a look. People
// are told as soon as it has lasted for some of the outage deadline, and again when it is over.
func (x *Command) awaitPM2(ctx context.Context, cfg Config, a absence, args []string, ticks <-chan time.Time) (Config, error) {
	if err := x.open(ctx, cfg, &a, ticks); err != nil {
		return cfg, err
	}
	defer a.notes.close()
	for _, desk := range a.desks {
		defer desk.Open(context.WithoutCancel(ctx))()
	}
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	findService(a.stderr).keepAlive(waiting)
	hangups := make(chan os.Signal, 1)
	if x.file != "" { // which is read at each look; without one SIGHUP ends the engine
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
	}
	fmt.Fprintf(a.stderr, "pm2drill engine: %v: the engine waits for PM2, and begins when it runs and has the apps\n", a.why)
	for {
		if host.Now()-a.began >= cfg.Limits.Outage/tellAbsent && a.told != a.why {
			a.raise()
		}
		select {
		case <-ctx.Done():
			return cfg, ctx.Err()
		case <-hangups:
		case <-ticks:
		}
		next, err := x.settle(ctx, args, true, io.Discard)
		if err == nil {
			a.resolve()
			a.leave(next.Apps)
			next.Board = a.board
			return next, nil
		}
		if err.Error() != a.why.Error() {
			fmt.Fprintf(a.stderr, "pm2drill engine: still waiting: %v\n", err)
			a.why = err
		}
	}
}

// open begins to wait. It takes the engine's lock, so that one engine tells people; one that
// stands by waits for its turn first. What --listen names is served from then on.
func (x *Command) open(ctx context.Context, cfg Config, a *absence, ticks <-chan time.Time) error {
	var turn *os.File
	if x.waits && !cfg.DryRun {
		waiting, stop := context.WithCancel(ctx)
		defer stop()
		var err error
		if turn, err = awaitTurn(ctx, cfg.Home, ticks, func() {
			fmt.Fprintf(a.stderr, "pm2drill engine: %v, and another engine waits for PM2: this one stands by\n", a.why)
			findService(a.stderr).keepAlive(waiting)
		}); err != nil {
			return err
		}
	}
	a.board = status.NewBoard(cfg.Version)
	if err := x.serve(ctx, a.board, a.stderr); err != nil {
		if turn != nil {
			_ = turn.Close() // the next one may take it
		}
		return err
	}
	var err error
	if a.notes, err = takeNotes(cfg.Home, cfg.DryRun, turn); err != nil {
		return err
	}
	a.notes.kept = cfg.Audit
	targets := cfg.Targets
	if cfg.AlertURL != "" {
		targets = append([]alert.Target{channel.NewWebhook(cfg.AlertURL)}, targets...)
	}
	for _, app := range cfg.Apps {
		a.join(app, cfg.AlertURL, targets)
	}
	return nil
}

// join has people be told for an app.
func (a *absence) join(app App, alertURL string, targets []alert.Target) {
	veil := new(redact.Redactor)
	veil.Keep(app.Name)
	veil.LearnURL(alertURL)
	sender := alert.Sender{Engine: Name, Host: a.notes.host, App: app.Name, Namespace: app.Namespace}
	desk := alert.NewDesk(sender, targets, veil, func(err error) {
		fmt.Fprintf(a.stderr, "pm2drill engine: an alert was not delivered: %s\n", veil.Clean(err.Error()))
	})
	desk.Seen = a.board.NoteAlert
	a.board.WatchQueue(app.Name, desk.Waiting)
	a.apps, a.desks = append(a.apps, app.Name), append(a.desks, desk)
}

// leave takes what is no app that the engine looks after, such as a pattern, off the board.
func (a *absence) leave(apps []App) {
	for _, name := range a.apps {
		if !slices.ContainsFunc(apps, func(app App) bool { return app.Name == name }) {
			a.board.Forget(name)
		}
	}
}

// diagnose returns what is wrong: the daemon does not run, or it does not answer.
func (a *absence) diagnose() diagnose.Diagnosis {
	f := diagnose.Diagnosis{
		Cause: engine.DaemonDead, Subject: "daemon", Confidence: 0.9,
		Evidence: []engine.Fact{{Source: "rpc", Text: fmt.Sprintf("%v, since the engine was started %s ago", a.why, (host.Now() - a.began).Round(time.Second))}},
		RuledOut: []engine.Ruled{{Cause: engine.Undetermined, Fact: "a daemon that is busy accepts the connection"}},
		Human:    "start PM2 and restore its processes (pm2 resurrect), or end this engine if PM2 is not to run; look into pm2.log for why the daemon ended",
	}
	if errors.Is(a.why, context.DeadlineExceeded) {
		f.Cause, f.Symptom, f.Severity, f.Since, f.Confidence = engine.Undetermined, engine.DaemonSilent, diagnose.Total, a.began, 0.5
		f.RuledOut = []engine.Ruled{{Cause: engine.DaemonDead, Fact: "it accepts the connection"}}
		f.Human = "PM2's daemon does not answer: somebody has stopped it (SIGSTOP; kill -CONT makes it go on), or it is busy. In cluster mode no connection reaches a worker without it"
	}
	return f
}

// raise tells people of what is missing.
func (a *absence) raise() {
	f := a.diagnose()
	if a.open != nil && a.open.Cause != f.Cause {
		a.resolve()
	}
	if a.open == nil {
		a.say(lineOf(f, engine.Line{Type: lineTypeOf(f), Evidence: f.Evidence, RuledOut: f.RuledOut}))
		a.say(lineOf(f, engine.Line{Type: engine.TypeIncident, Incident: engine.IncidentOpened}))
	}
	a.told, a.open = a.why, &f
	a.send(engine.StatusFiring, f, "the engine starts nothing, and begins its work as soon as PM2 runs and has the apps")
}

// resolve tells people that it is over, if they were told.
func (a *absence) resolve() {
	if a.open == nil {
		return
	}
	f := *a.open
	a.open = nil
	a.say(lineOf(f, engine.Line{Type: engine.TypeIncident, Incident: engine.IncidentResolved}))
	a.send(engine.StatusResolved, f, "")
}

// lineTypeOf returns the type of the line that says what was found.
func lineTypeOf(f diagnose.Diagnosis) string {
	if f.Symptom != "" {
		return engine.TypeSymptom
	}
	return engine.TypeDetected
}

// lineOf returns a line with what it is about.
func lineOf(f diagnose.Diagnosis, l engine.Line) engine.Line {
	l.Cause, l.Symptom = f.Cause, f.Symptom
	return l
}

func (a *absence) send(status string, f diagnose.Diagnosis, next string) {
	for _, desk := range a.desks {
		desk.Send(status, alert.Incident{Diagnosis: f, Opened: a.began, Seen: host.Now(), Next: next})
	}
}

func (a *absence) say(l engine.Line) {
	l.At = host.Now()
	a.board.NoteLine("", l)
	a.notes.printLine(a.stdout, audited{Line: l})
}
