package remedy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/intent"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// reconcile compares what an earlier run of the engine has noted with PM2's list, until
// each note is settled: what that run has stopped is held again, and is started when its
// cause is over; what somebody has started since is theirs.
func (r *runner) reconcile(ctx context.Context, o observe.Observation, list []pm2.Process) {
	if r.book == nil || list == nil {
		return
	}
	for _, in := range r.book.Earlier() {
		if in.ID == intent.Spare {
			r.removeSpare(ctx, in, o, list)
			continue
		}
		i := slices.IndexFunc(list, func(p pm2.Process) bool { return p.ID == in.ID && p.Name == r.app.Name })
		var row pm2.Process
		if i >= 0 {
			row = list[i]
		}
		fate := in.Fate(row, i >= 0, in.Lives(), time.Now())
		if fate == intent.Passing {
			continue
		}
		r.book.Settle(in.ID)
		switch {
		case fate == intent.Down:
			r.inherit(in)
		case fate == intent.Same && (in.Action == engine.ActionReplace || in.Action == engine.ActionDrain):
			r.say(engine.Line{
				Type: engine.TypeWithheld, Cause: in.Cause, Action: in.Action, ID: &in.ID, PID: in.PID,
				Why: "an earlier run of the engine was killed while it drained this worker, which may take no traffic until it ends",
			})
		}
	}
}

// spareAgain is how long after the removal of a spare worker began it is tried again: longer than
// that may take (operate.RemoveSpare).
const spareAgain = 150 * time.Second

// removeSpare removes the spare worker that a roll has left which was not brought to its end, as
// soon as all others serve and nothing else is under way.
func (r *runner) removeSpare(ctx context.Context, in intent.Intent, o observe.Observation, list []pm2.Process) {
	rows := slices.DeleteFunc(slices.Clone(list), func(p pm2.Process) bool { return p.Name != r.app.Name || p.ID < 0 })
	spare, added := in.FindSpare(rows)
	switch {
	case added == 0 && in.Late(time.Now()):
		r.book.Settle(in.ID)
	case added > 1:
		r.say(engine.Line{Type: engine.TypeWithheld, Action: engine.ActionScale, Why: fmt.Sprintf(
			"an earlier run of the engine has left a spare worker, and %d workers are new: which is it, only people know", added)})
		r.book.Settle(in.ID)
	case added == 0, o.Rolling, o.Paused, o.At < r.spareDue, len(r.state.ListEngaged()) > 0, !areOthersServing(o, spare.ID, r.limits.Stall):
	default:
		r.spareDue = o.At + spareAgain
		r.acts.Go(func() {
			if r.newOperator().RemoveSpare(ctx, spare) == nil {
				r.book.Settle(in.ID)
			}
		})
	}
}

// areOthersServing reports whether all workers but one serve, of those that are wanted,
// and there are some.
func areOthersServing(o observe.Observation, but int, stall time.Duration) bool {
	serving := false
	for _, w := range o.Workers {
		switch state := o.DeriveState(w, stall); {
		case w.ID == but || state == observe.DerivedStopped:
		case state != observe.DerivedServing:
			return false
		default:
			serving = true
		}
	}
	return serving
}

// inherit takes over a worker that an earlier run has stopped.
func (r *runner) inherit(in intent.Intent) {
	cause := in.Cause
	if !cause.Known() {
		cause = engine.Undetermined
	}
	r.state = r.state.Inherit(in.ID, cause)
	r.desk.Inherit(cause, in.Dedupe)
}

// ErrNoApp: PM2's list does not have the app.
var ErrNoApp = errors.New("PM2 has no such app")

// settleApp returns the namespace of the app that is meant. An app that PM2's list does not
// have is an error that wraps ErrNoApp; one that it has in several namespaces is an error
// too. A nil list is that of a daemon which did not answer in time: it proves nothing.
func settleApp(app, namespace string, list []pm2.Process) (string, error) {
	spaces := pm2.Namespaces(list, app)
	in := strings.Join(spaces, ", ")
	switch {
	case list != nil && !hasApp(list, app):
		if name, url, ok := strings.Cut(app, "="); ok && hasApp(list, name) {
			return "", fmt.Errorf("cannot look after %s: %w, and %q is not a URL: write NAME=http://HOST:PORT/PATH", app, ErrNoApp, url)
		}
		return "", fmt.Errorf("cannot look after %s: %w: %s", app, ErrNoApp, listApps(list))
	case namespace != "" && len(spaces) > 0 && !slices.Contains(spaces, namespace):
		return "", fmt.Errorf("cannot look after %s: %w in namespace %s: it is in %s", app, ErrNoApp, namespace, in)
	case namespace == "" && len(spaces) > 1:
		return "", fmt.Errorf("cannot look after %s: PM2 has one in each of the namespaces %s: say with --namespace which is meant", app, in)
	case namespace == "" && len(spaces) == 1:
		return spaces[0], nil
	}
	return namespace, nil
}

// hasApp reports whether PM2's list has an app.
func hasApp(list []pm2.Process, app string) bool {
	return slices.ContainsFunc(list, func(p pm2.Process) bool { return p.Name == app })
}

// listApps says which apps PM2's list has.
func listApps(list []pm2.Process) string {
	var names []string
	for _, p := range list {
		if p.ID >= 0 {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return "its list is empty: start the app first"
	}
	slices.Sort(names)
	return "it has " + strings.Join(slices.Compact(names), ", ")
}

// lookAtURL returns an error if the health URL is wrong for sure, and the latest look. While
// it seems so, and the workers have only just been started, it looks again.
func (r *runner) lookAtURL(ctx context.Context, o observe.Observation) (observe.Observation, error) {
	for n := 0; ; n++ {
		doubt, sure := findURLDoubt(r.watch, r.app, o)
		switch {
		case sure:
			return o, errors.New(doubt)
		case doubt != "" && o.IsYoung() && r.waitForTurn(ctx, n, o.At):
			o = r.watch.Look(ctx, observe.Focus{})
			continue
		case doubt != "" && r.cfg.Stderr != nil:
			fmt.Fprintf(r.cfg.Stderr, "pm2drill engine: %s\n", doubt)
		}
		return o, nil
	}
}

// findURLDoubt says why the health URL of an app seems to be wrong
// (observe.Watcher.DoubtURL), and where the URL was given.
func findURLDoubt(w *observe.Watcher, app App, o observe.Observation) (doubt string, sure bool) {
	doubt, sure = w.DoubtURL(o)
	if doubt == "" {
		return "", false
	}
	return cmp.Or(app.From, "--url") + ": " + doubt, sure
}
