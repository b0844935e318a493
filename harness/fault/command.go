package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Command is a fault of somebody's own: a line of shell that is run inside the
// container, in the app's folder, as the app's user; or a request for work; or the one and
// then the other, as a deployment has it.
type Command struct {
	Run   string // "" for a request alone
	Undo  string // ends it; "" where nothing can
	Proof Proof  // the zero value for none, which a request needs not
	// Ask is what the engine under test is asked for. Where there is none, the operator does
	// what PM2 offers, pm2 reload or pm2 scale. The zero value is no request.
	Ask engine.Request
}

// Proof is how one sees that a command has done its harm. All that is set must be so.
type Proof struct {
	Exits  int    // so many workers that served have gone
	Silent bool   // one worker answers nothing, and its process lives
	Says   string // a worker has said these words
	Drops  int    // so many requests have been dropped
}

// Kind implements Fault.
func (f Command) Kind() string {
	if f.Ask.Request != "" {
		return evidence.KindRequest
	}
	return evidence.KindFault
}

// Asks names the capability that an engine needs for it, "" for none.
func (f Command) Asks() string {
	return map[string]string{engine.RequestRoll: engine.CanRoll, engine.RequestScale: engine.CanScale}[f.Ask.Request]
}

// Inject runs the command, and hands the request over.
func (f Command) Inject(ctx context.Context, at Site) error {
	if f.Run != "" {
		if err := runShell(ctx, at, f.Run); err != nil {
			return err
		}
	}
	switch f.Ask.Request {
	case engine.RequestRoll:
		return RollingRestart{Rollback: f.Ask.Rollback}.Inject(ctx, at)
	case engine.RequestScale:
		return ScaleRequest{To: f.Ask.Workers}.Inject(ctx, at)
	}
	return nil
}

// Lift runs the command that ends it.
func (f Command) Lift(ctx context.Context, at Site) error {
	if f.Undo == "" {
		return nil
	}
	return runShell(ctx, at, f.Undo)
}

func runShell(ctx context.Context, at Site, line string) error {
	out, err := at.exec(ctx, "sh", "-c", "cd "+cluster.OwnDir+" && "+line)
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot run %q: %w", line, err)
	}
	return nil
}

// Bitten says yes once everything that is to prove it is on record. Of a request nothing
// need be proven, and it bites as well when an engine ignores it.
func (f Command) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	if f.Ask.Request == "" {
		return f.Proof.findHarm(r, t)
	}
	if f.Proof == (Proof{}) {
		return f.proveAsked(r)
	}
	if bite, ok := isIgnored(r); ok {
		return bite, true
	}
	return f.Proof.findHarm(r, t)
}

// proveAsked returns what proves a request without a proof of its own.
func (f Command) proveAsked(r *evidence.Record) (Bite, bool) {
	if f.Ask.Request == engine.RequestRoll {
		return RollingRestart{}.Bitten(r)
	}
	if !r.Unaided() {
		return Bite{Note: fmt.Sprintf("the engine was asked for %d workers", f.Ask.Workers)}, true
	}
	n := 0
	if len(r.Snapshots) > 0 {
		n = len(r.Snapshots[len(r.Snapshots)-1].Workers)
	}
	return Bite{Note: fmt.Sprintf("PM2 lists %d workers", n)}, n == f.Ask.Workers
}

// findHarm looks for what is to prove the harm since t.
func (p Proof) findHarm(r *evidence.Record, t time.Duration) (Bite, bool) {
	var bite Bite
	var notes []string
	if p.Silent {
		silent, ok := findSilent(r)
		if !ok {
			return silent, false
		}
		bite.PIDs, notes = silent.PIDs, append(notes, silent.Note)
	}
	for _, c := range []struct {
		want, have int
		what       string
	}{
		{p.Exits, countExited(r, t), "workers have gone"},
		{p.Drops, countDropped(r, t), "requests have been dropped"},
	} {
		if c.want == 0 {
			continue
		}
		note := fmt.Sprintf("%d %s", c.have, c.what)
		if c.have < c.want {
			return Bite{Note: note}, false
		}
		notes = append(notes, note)
	}
	if p.Says != "" {
		i := slices.IndexFunc(r.Events, func(e evidence.Event) bool { return e.At >= t && strings.Contains(e.Text, p.Says) })
		if i < 0 {
			return Bite{Note: fmt.Sprintf("nobody has said %q", p.Says)}, false
		}
		notes = append(notes, fmt.Sprintf("a worker said %q", findLine(r.Events[i].Text, p.Says)))
	}
	bite.Note = strings.Join(notes, ", ")
	return bite, len(notes) > 0
}

func countDropped(r *evidence.Record, t time.Duration) int {
	n := 0
	for _, q := range r.Dropped() {
		if q.Done >= t {
			n++
		}
	}
	return n
}
