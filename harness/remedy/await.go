package remedy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/channel"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
)

// awaitEvery is how often an engine that has found no daemon looks for one. A look is a
// connection to a socket.
const awaitEvery = time.Second

// tellAbsent is the share of the outage deadline after which people are told that there is no
// daemon: at a boot of the host the engine may be started a moment before PM2.
const tellAbsent = 2

// prepare returns the configuration, once PM2's daemon runs: where it does not, it waits for it
// and tells people.
func (x *Command) prepare(ctx context.Context, args []string, stdout, stderr io.Writer) (Config, error) {
	cfg, err := x.settle(ctx, args, false, stderr)
	if !errors.Is(err, pm2.ErrDaemonDead) {
		return cfg, err
	}
	looks := time.NewTicker(awaitEvery)
	defer looks.Stop()
	return x.awaitPM2(ctx, cfg, err, args, looks.C, stdout, stderr)
}

// settle returns the configuration and an error that says why the engine cannot begin by it:
// one that wraps pm2.ErrDaemonDead where PM2's daemon does not run. The configuration then has
// what is known without it. all asks besides whether PM2 has the apps.
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
	stdout io.Writer
	notes  *notes
	desks  []*alert.Desk // one for each app
	began  time.Duration
	why    error // what is missing
	told   error // of which people were told, nil for nothing
}

// awaitPM2 waits until PM2's daemon runs and has the apps, and returns the configuration as it
// is then. why is what is missing, and cfg what is known so far. Each of ticks is a look. People
// are told as soon as it has lasted for some of the outage deadline, and again when it is over.
func (x *Command) awaitPM2(ctx context.Context, cfg Config, why error, args []string, ticks <-chan time.Time, stdout, stderr io.Writer) (Config, error) {
	a, err := x.newAbsence(ctx, cfg, why, ticks, stdout, stderr)
	if err != nil {
		return cfg, err
	}
	defer a.notes.close()
	for _, desk := range a.desks {
		defer desk.Open(context.WithoutCancel(ctx))()
	}
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	findService(stderr).keepAlive(waiting)
	hangups := make(chan os.Signal, 1)
	if x.file != "" { // which is read at each look; without one SIGHUP ends the engine
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
	}
	fmt.Fprintf(stderr, "pm2drill engine: %v: the engine waits for PM2, and begins when it runs and has the apps\n", why)
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
			return next, nil
		}
		if err.Error() != a.why.Error() {
			fmt.Fprintf(stderr, "pm2drill engine: still waiting: %v\n", err)
			a.why = err
		}
	}
}

// newAbsence begins to wait. It takes the engine's lock, so that one engine tells people; one that
// stands by waits for its turn first.
func (x *Command) newAbsence(ctx context.Context, cfg Config, why error, ticks <-chan time.Time, stdout, stderr io.Writer) (*absence, error) {
	var turn *os.File
	if x.waits && !cfg.DryRun {
		waiting, stop := context.WithCancel(ctx)
		defer stop()
		var err error
		if turn, err = awaitTurn(ctx, cfg.Home, ticks, func() {
			fmt.Fprintf(stderr, "pm2drill engine: %v, and another engine waits for PM2: this one stands by\n", why)
			findService(stderr).keepAlive(waiting)
		}); err != nil {
			return nil, err
		}
	}
	notes, err := takeNotes(cfg.Home, cfg.DryRun, turn)
	if err != nil {
		return nil, err
	}
	notes.kept = cfg.Audit
	a := &absence{stdout: stdout, notes: notes, began: host.Now(), why: why}
	targets := cfg.Targets
	if cfg.AlertURL != "" {
		targets = append([]alert.Target{channel.NewWebhook(cfg.AlertURL)}, targets...)
	}
	for _, app := range cfg.Apps {
		veil := new(redact.Redactor)
		veil.Keep(app.Name)
		veil.LearnURL(cfg.AlertURL)
		sender := alert.Sender{Engine: Name, Host: notes.host, App: app.Name, Namespace: app.Namespace}
		a.desks = append(a.desks, alert.NewDesk(sender, targets, veil, func(err error) {
			fmt.Fprintf(stderr, "pm2drill engine: an alert was not delivered: %s\n", veil.Clean(err.Error()))
		}))
	}
	return a, nil
}

// diagnose returns what is wrong.
func (a *absence) diagnose() diagnose.Diagnosis {
	return diagnose.Diagnosis{
		Cause: engine.DaemonDead, Subject: "daemon", Confidence: 0.9,
		Evidence: []engine.Fact{{Source: "rpc", Text: fmt.Sprintf("%v, since the engine was started %s ago", a.why, (host.Now() - a.began).Round(time.Second))}},
		RuledOut: []engine.Ruled{{Cause: engine.Undetermined, Fact: "a daemon that is busy accepts the connection"}},
		Human:    "start PM2 and restore its processes (pm2 resurrect), or end this engine if PM2 is not to run; look into pm2.log for why the daemon ended",
	}
}

// raise tells people of what is missing.
func (a *absence) raise() {
	first := a.told == nil
	a.told = a.why
	f := a.diagnose()
	if first {
		a.say(engine.Line{Type: engine.TypeDetected, Cause: f.Cause, Evidence: f.Evidence, RuledOut: f.RuledOut})
		a.say(engine.Line{Type: engine.TypeIncident, Cause: f.Cause, Incident: engine.IncidentOpened})
	}
	a.send(engine.StatusFiring, f, "the engine starts nothing, and begins its work as soon as PM2 runs and has the apps")
}

// resolve tells people that it is over, if they were told.
func (a *absence) resolve() {
	if a.told == nil {
		return
	}
	a.say(engine.Line{Type: engine.TypeIncident, Cause: engine.DaemonDead, Incident: engine.IncidentResolved})
	a.send(engine.StatusResolved, a.diagnose(), "")
}

func (a *absence) send(status string, f diagnose.Diagnosis, next string) {
	for _, desk := range a.desks {
		desk.Send(status, alert.Incident{Diagnosis: f, Opened: a.began, Seen: host.Now(), Next: next})
	}
}

func (a *absence) say(l engine.Line) {
	l.At = host.Now()
	a.notes.printLine(a.stdout, audited{Line: l})
}
