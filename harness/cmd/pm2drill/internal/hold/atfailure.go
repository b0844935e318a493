package hold

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/live"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// StayAtFailure has a session stay with the cluster of the first drill that breaks a promise
// of an arm in which all are to be kept, if its flags ask for that. Meanwhile no other drill
// boots; those under way come to their end. Only an interrupt is an error: what goes wrong in
// the view does not change the drill.
func StayAtFailure(s *session.Session, c cli.Call) {
	if !s.Flags.AtFailure {
		return
	}
	var stayed atomic.Bool
	s.Hooks.Ended = func(ctx context.Context, j session.Job, r *evidence.Record, h *drill.Held) error {
		d := j.Scenario.Judge(j.Arm, r)
		lost := slices.DeleteFunc(slices.Clone(d.Rulings), func(r promise.Ruling) bool { return r.Met() || r.Verdict != promise.Broken })
		if d.Verdict != promise.Broken || len(lost) == 0 || !stayed.CompareAndSwap(false, true) {
			return nil
		}
		s.Bench.Boot.Lock()
		defer s.Bench.Boot.Unlock()
		k := NewConsole(c)
		if k.screen {
			defer s.Progress.Cede()()
		}
		for _, ruling := range lost {
			k.Note(fmt.Sprintf("broken: %s: %s", ruling.Promise, ruling.Because))
		}
		err := h.Resume(ctx)
		if err == nil {
			err = k.Watch(ctx, h, s.Title(j.Scenario.Name, j.Arm))
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && !errors.Is(err, live.ErrLeft):
			fmt.Fprintf(c.Stderr, "pm2drill %s: cannot stay: %v\n", s.Flags.Command, err)
		}
		return nil
	}
}
