package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// stay holds the first cluster whose drill breaks what it should keep.
type stay struct {
	call   cli.Call
	stayed atomic.Bool
}

// stayOf is what was asked for: nil for nothing.
func stayOf(c cli.Call, f runFlags) *stay {
	if !f.stay {
		return nil
	}
	return &stay{call: c}
}

// ended judges a drill that is over, and stays with its cluster if it is the first that
// has broken a promise of an arm in which all are to be kept. Meanwhile no other drill
// boots; those under way come to their end. Only an interrupt is an error: what goes
// wrong in the view is no matter of the drill.
func (s *session) ended(j job) func(context.Context, *evidence.Record, *drill.Held) error {
	return func(ctx context.Context, r *evidence.Record, h *drill.Held) error {
		d := j.scenario.Judge(j.arm, r)
		lost := slices.DeleteFunc(slices.Clone(d.Rulings), func(r promise.Ruling) bool { return r.Met() || r.Verdict != promise.Broken })
		if d.Verdict != promise.Broken || len(lost) == 0 || !s.stay.stayed.CompareAndSwap(false, true) {
			return nil
		}
		s.bench.Boot.Lock()
		defer s.bench.Boot.Unlock()
		k := newConsole(s.stay.call)
		if k.screen != nil {
			defer s.screen.cede()()
		}
		for _, ruling := range lost {
			k.notes = append(k.notes, fmt.Sprintf("broken: %s: %s", ruling.Promise, ruling.Because))
		}
		err := h.Resume(ctx)
		if err == nil {
			err = k.watch(ctx, h, render.Live{Title: s.titleOf(j.scenario.Name, j.arm), Hints: hints(h)})
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && !errors.Is(err, errLeft):
			fmt.Fprintf(s.stay.call.Stderr, "pm2drill %s: cannot stay: %v\n", s.flags.command, err)
		}
		return nil
	}
}
