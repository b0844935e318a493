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
	left := 0
	for _, x := range run.Results {
		left += len(x.Findings)
	}
	verb := "can be fixed safely; --write does it"
	if v.apply {
		verb = "are fixed"
	}
	fmt.Fprintf(c.Stderr, "%d of %d findings %s\n", fixed, left, verb)
	return v.exitCode(run)
}
