package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// explained is one rule of `explain --json`.
type explained struct {
	ID       string        `json:"id"`
	Severity lint.Severity `json:"severity"` // the worst that its findings have
	Title    string        `json:"title"`
	Why      string        `json:"why"`
	Fix      string        `json:"fix"`
	Source   string        `json:"source"` // where PM2 does so
}

// newExplain returns `pm2drill explain`.
func newExplain() *cobra.Command {
	cmd := &cobra.Command{
		Use: "explain [flags] [ID...]", Short: "explain a rule of validate", GroupID: groupValidate,
		Long:              "Prints what a rule of `pm2drill validate` finds, what harm that does and how to repair it.\nWithout an ID it lists the rules.",
		Example:           "  pm2drill explain\n  pm2drill explain K005\n  pm2drill explain --json K005",
		ValidArgsFunction: completeRules,
	}
	asJSON := cmd.Flags().Bool("json", false, "print a JSON array of the rules, each with all that is known of it")
	cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int { return explainRules(c, *asJSON) })
	return cmd
}

func explainRules(c cli.Call, asJSON bool) int {
	rules := lint.Rules()
	if len(c.Args) > 0 {
		rules = nil
	}
	for _, id := range c.Args {
		r, ok := lint.Find(id)
		if !ok {
			return c.Complain("there is no rule %q: `pm2drill explain` lists them", id)
		}
		rules = append(rules, r)
	}
	switch {
	case asJSON:
		out := make([]explained, len(rules))
		for i, r := range rules {
			out[i] = explained{r.ID, r.Severity, r.Title, r.Why, r.Fix, r.Source}
		}
		return c.PrintJSON(out)
	case len(c.Args) == 0:
		for _, r := range rules {
			fmt.Fprintf(c.Stdout, "%s  %-7s  %s\n", r.ID, r.Severity, r.Title)
		}
		return cli.ExitKept
	}
	for i, r := range rules {
		if i > 0 {
			fmt.Fprintln(c.Stdout)
		}
		fmt.Fprint(c.Stdout, lint.Page(r))
	}
	return cli.ExitKept
}
