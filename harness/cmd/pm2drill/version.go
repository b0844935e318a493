package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// newVersion returns `pm2drill version`.
func newVersion() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", GroupID: groupOther,
		Args: cli.RefuseArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: cli.Run(func(_ context.Context, c cli.Call) int {
			fmt.Fprintln(c.Stdout, "pm2drill", cli.Version())
			return cli.ExitKept
		}),
	}
}
