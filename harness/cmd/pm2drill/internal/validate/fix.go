package validate

import (
	"context"
	"fmt"
	"os"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/format"
)

// fix shows, or writes, what can be fixed safely: each change is validated before it is shown.
func (v *Validation) fix(ctx context.Context, c cli.Call, subjects []*lint.Subject, run format.Run) int {
	fixed := 0
	for i, s := range subjects {
		after, n, err := lint.Prove(s, run.Results[i].Findings, func(text []byte) (*lint.Subject, error) {
			return Evaluate(ctx, input{path: s.Path, source: text}, s.Target)
		})
		if err != nil {
			return c.Fail(err)
		}
		if n == 0 {
			continue
		}
		fixed += n
		diff, err := lint.Diff(s.Path, s.Source, after)
		if err != nil {
			return c.Fail(err)
		}
		fmt.Fprint(c.Stdout, diff)
		if !v.apply {
			continue
		}
		if v.Stdin {
			return c.Complain("--write needs a file, not --stdin")
		}
		info, err := os.Stat(s.Path)
		if err != nil {
			return c.Fail(fmt.Errorf("cannot write %s: %w", s.Path, err))
		}
		if err := os.WriteFile(s.Path, after, info.Mode().Perm()); err != nil {
			return c.Fail(fmt.Errorf("cannot write %s: %w", s.Path, err))
		}
	}
	fmt.Fprintln(c.Stderr, v.describeFixes(fixed, countFindings(run)))
	return v.computeExitCode(run)
}

// describeFixes says how many of the findings are or can be fixed.
func (v *Validation) describeFixes(fixed, all int) string {
	of, is := fmt.Sprintf("%d of %d findings", fixed, all), "are"
	if fixed == 1 {
		is = "is"
	}
	if all == 1 {
		of = "the finding"
	}
	switch {
	case all == 0:
		return "nothing found: there is nothing to fix"
	case fixed == 0 && all == 1:
		of += " cannot be fixed safely"
	case fixed == 0:
		of = fmt.Sprintf("none of the %d findings can be fixed safely", all)
	case v.apply:
		return of + " " + is + " fixed"
	default:
		return of + " can be fixed safely: --fix --write does it"
	}
	if v.apply {
		of += ": nothing is written"
	}
	return of
}

func countFindings(run format.Run) (n int) {
	for _, x := range run.Results {
		n += len(x.Findings)
	}
	return n
}
