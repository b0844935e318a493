package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Command is a fault of somebody's own: a line of shell that is run inside the
// container, in the app's folder, as the app's user.
type Command struct {
	Run   string
	Undo  string // ends it; "" where nothing can
	Proof Proof
}

// Proof is how one sees that a command has done its harm. All that is set must be so.
type Proof struct {
	Exits  int    // so many workers that served have gone
	Silent bool   // one worker answers nothing, and its process lives
	Says   string // a worker has said these words
	Drops  int    // so many requests have been dropped
}

// Kind implements Fault.
func (Command) Kind() string { return evidence.KindFault }

// Inject runs the command.
func (f Command) Inject(ctx context.Context, at Site) error { return shell(ctx, at, f.Run) }

// Lift runs the command that ends it.
func (f Command) Lift(ctx context.Context, at Site) error {
	if f.Undo == "" {
		return nil
	}
	return shell(ctx, at, f.Undo)
}

func shell(ctx context.Context, at Site, line string) error {
	out, err := at.Cluster.Exec(ctx, "sh", "-c", "cd "+cluster.OwnDir+" && "+line)
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot run %q: %w", line, err)
	}
	return nil
}

// Bitten says yes once everything that is to prove it is on record.
func (f Command) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := injected(r)
	if !ok {
		return Bite{}, false
	}
	var bite Bite
	var notes []string
	if f.Proof.Silent {
		silent, ok := oneSilent(r)
		if !ok {
			return silent, false
		}
		bite.PIDs, notes = silent.PIDs, append(notes, silent.Note)
	}
	for _, c := range []struct {
		want, have int
		what       string
	}{
		{f.Proof.Exits, exitedSince(r, t), "workers have gone"},
		{f.Proof.Drops, droppedSince(r, t), "requests have been dropped"},
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
	if f.Proof.Says != "" {
		i := slices.IndexFunc(r.Events, func(e evidence.Event) bool { return e.At >= t && strings.Contains(e.Text, f.Proof.Says) })
		if i < 0 {
			return Bite{Note: fmt.Sprintf("nobody has said %q", f.Proof.Says)}, false
		}
		notes = append(notes, fmt.Sprintf("a worker said %q", lineWith(r.Events[i].Text, f.Proof.Says)))
	}
	bite.Note = strings.Join(notes, ", ")
	return bite, len(notes) > 0
}

func droppedSince(r *evidence.Record, t time.Duration) int {
	n := 0
	for _, q := range r.Dropped() {
		if q.Done >= t {
			n++
		}
	}
	return n
}
