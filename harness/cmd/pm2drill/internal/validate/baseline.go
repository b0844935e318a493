package validate

import (
	"errors"
	"fmt"
	"os"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/format"
)

// applyBaseline takes out what the baseline knows, and writes one, and says so, if that is
// asked for.
func (v *Validation) applyBaseline(c cli.Call, run *format.Run) error {
	if v.baseline != "" {
		f, err := os.Open(v.baseline)
		if err != nil {
			return fmt.Errorf("cannot read baseline: %w", err)
		}
		known, err := lint.LoadBaseline(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("%s: %w", v.baseline, err)
		}
		for i := range run.Results {
			x := &run.Results[i]
			var left []lint.Finding
			x.Findings, left = known.Sift(x.Path, x.Findings)
			x.Known = len(left)
		}
	}
	if v.write == "" {
		return nil
	}
	b := lint.Baseline{Schema: lint.BaselineSchema, Known: []lint.Known{}}
	for i := range run.Results {
		x := &run.Results[i]
		b.Add(x.Path, x.Findings)
		x.Known, x.Findings = x.Known+len(x.Findings), nil
	}
	f, err := os.Create(v.write)
	if err != nil {
		return fmt.Errorf("cannot write baseline: %w", err)
	}
	if err := errors.Join(b.Save(f), f.Close()); err != nil {
		return err
	}
	fmt.Fprintf(c.Stderr, "findings written to %s: %d; --baseline %[1]s leaves them out\n", v.write, len(b.Known))
	return nil
}
