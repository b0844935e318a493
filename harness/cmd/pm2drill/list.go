package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/scenarios"
)

// listed is one scenario of `list --json`.
type listed struct {
	Name   string   `json:"name"`
	Story  string   `json:"story"`
	Labels []string `json:"labels"`
	Arms   []string `json:"arms"`
	Breaks string   `json:"breaks"`          // the promise its control arm breaks, or a claim that does not hold
	Claim  string   `json:"claim,omitempty"` // of the source document
}

// newList returns `pm2drill list`.
func newList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list [flags] [NAME|LABEL...]", Short: "list the scenarios", GroupID: groupDrill,
		Long:              "Prints name, labels, arms and story of the scenarios that are named or have one of the labels,\nor of all of them.",
		Example:           "  pm2drill list\n  pm2drill list cause:port-conflict\n  pm2drill list --json tier:core",
		ValidArgsFunction: completeScenarios,
	}
	asJSON := cmd.Flags().Bool("json", false, "print a JSON array")
	cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int { return listScenarios(c, *asJSON) })
	return cmd
}

func listScenarios(c cli.Call, asJSON bool) int {
	found, unknown := scenarios.Find(c.Args)
	if len(unknown) > 0 {
		return session.RefuseUnknown(c, unknown)
	}
	if !asJSON {
		for _, s := range found {
			fmt.Fprintf(c.Stdout, "%s  [%s]  arms: %s\n  %s\n", s.Name, strings.Join(s.Labels, " "),
				strings.Join(s.Arms(), ", "), strings.ReplaceAll(s.Story, "\n", "\n  "))
			if s.Claim != nil {
				fmt.Fprintf(c.Stdout, "  Claim: %s\n  What holds: %s\n", s.Claim.Says, s.Claim.Instead)
			}
			fmt.Fprintln(c.Stdout)
		}
		return cli.ExitKept
	}
	out := make([]listed, 0, len(found))
	for _, s := range found {
		l := listed{Name: s.Name, Story: s.Story, Labels: s.Labels, Arms: s.Arms(), Breaks: s.Breaks}
		if s.Claim != nil {
			l.Claim = s.Claim.Says
		}
		out = append(out, l)
	}
	return c.PrintJSON(out)
}
