package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/matrix"
)

// newMatrix returns `pm2drill matrix`.
func newMatrix() *cobra.Command {
	cmd := &cobra.Command{
		Use: "matrix [flags] [NAME|LABEL...]", Short: "drill PM2 alone on several versions, and keep a table of what it does", GroupID: groupDrill,
		Long: `Drills the scenarios that are named or have one of the labels, or all of them, without an
engine, on each version of PM2 and of Node, and writes one table: for each scenario, claim
of the guide and public issue of PM2 whether it was reproduced, when last, and the command
that does it again. The folder has the table as matrix.html, matrix.md and matrix.json, and
the reports with their evidence. matrix.json is written after every few drills: the same
command continues where one was stopped, with more versions or scenarios too.

A version of PM2 that images/pm2 does not have is taken from the npm registry: its lock file
is made once, kept in FOLDER/locks, and named in the table by its SHA-256. It builds the
images of the versions, and so runs in a clone of pm2drill.

Exits with 0 when each drill proves whether the incident was reproduced, 2 when one does not.`,
		Example: `  pm2drill matrix --pm2 6.0.14,7.0.4 port-taken null-message
  pm2drill matrix --pm2 5.4.3,6.0.14,7.0.0,7.0.1,7.0.2,7.0.3,7.0.4 --node 20,22,24,26 tier:core tier:claims`,
		ValidArgsFunction: completeScenarios,
	}
	var f matrix.Flags
	f.Declare(cmd.Flags())
	cli.Completions{"out": cli.CompleteFolders}.Register(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int { return matrix.Run(ctx, c, f) })
	return cmd
}
