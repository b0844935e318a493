package validate

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// printPlan says what a reload of the last subject would do to what runs: the first
// subject, or what a daemon says of itself.
func (v *Validation) printPlan(ctx context.Context, c cli.Call, subjects []*lint.Subject) int {
	for _, s := range subjects {
		switch {
		case s.Loaded.Unsupported != "":
			fmt.Fprintf(c.Stderr, "pm2drill validate: nothing can be said of %s: it uses %s\n", s.Path, s.Loaded.Unsupported)
			return cli.ExitInconclusive
		case len(s.Loaded.Others) > 0:
			undecided, _ := listUndecided(s)
			fmt.Fprintf(c.Stderr, "pm2drill validate: what %s changes is undecided: %s\n", s.Path, undecided)
			return cli.ExitInconclusive
		case s.Loaded.Failure != nil:
			return c.Complain("PM2 cannot load %s: %s", s.Path, s.Loaded.Failure.Message)
		case s.Rejected != nil:
			return c.Complain("PM2 refuses %s: %v", s.Path, s.Rejected)
		}
	}
	p, err := v.newPlan(ctx, c, subjects)
	if err != nil {
		return c.Complain("%v", err)
	}
	fmt.Fprint(c.Stdout, p.Text())
	if len(p.Findings) > 0 {
		return cli.ExitBroken
	}
	return cli.ExitKept
}

func (v *Validation) newPlan(ctx context.Context, c cli.Call, subjects []*lint.Subject) (lint.Plan, error) {
	if len(subjects) == 2 {
		return lint.Rollout(subjects[0], subjects[1]), nil
	}
	list, err := v.readRunning(ctx, c)
	if err != nil {
		return lint.Plan{}, err
	}
	return lint.RolloutOnto(list, subjects[0])
}

// readRunning returns PM2's list: from the daemon, or as it was piped in.
func (v *Validation) readRunning(ctx context.Context, c cli.Call) (list []byte, err error) {
	if v.piped {
		return io.ReadAll(io.LimitReader(c.Stdin, maxList))
	}
	d, err := pm2.Dial(ctx, v.home)
	if err != nil {
		return nil, fmt.Errorf("no PM2 runs in %s (%w): name its directory with --home, or the file that runs before the one that is to", v.home, err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Rows(ctx)
}

// maxList bounds the list that is read, in bytes; a row has some 10 KB.
const maxList = 64 << 20
