package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// newExplain returns `pm2drill explain`.
func newExplain() *cobra.Command {
	return &cobra.Command{
		Use: "explain [ID...]", Short: "explain a rule of validate", GroupID: groupValidate,
		Long:              "Prints what a rule of `pm2drill validate` finds, what harm that does and how to repair it.\nWithout an ID it lists the rules.",
		Example:           "  pm2drill explain\n  pm2drill explain K005",
		ValidArgsFunction: completeRules,
		RunE:              cli.Run(explainRules),
	}
}

func explainRules(_ context.Context, c cli.Call) int {
	if len(c.Args) == 0 {
		for _, r := range lint.Rules() {
			fmt.Fprintf(c.Stdout, "%s  %-7s  %s\n", r.ID, r.Severity, r.Title)
		}
		return cli.ExitKept
	}
	for i, id := range c.Args {
		r, ok := lint.Find(id)
		if !ok {
			return c.Complain("there is no rule %q: `pm2drill explain` lists them", id)
		}
		if i > 0 {
			fmt.Fprintln(c.Stdout)
		}
		fmt.Fprint(c.Stdout, lint.Page(r))
	}
	return cli.ExitKept
}
