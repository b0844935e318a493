package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// newClean returns `pm2drill clean`.
func newClean() *cobra.Command {
	return &cobra.Command{
		Use: "clean", Short: "remove everything that pm2drill created, except reports", GroupID: groupOther,
		Long: `Removes every container, network and volume that pm2drill has created in any run, and the
processes and temporary files that runs have left on this host. Reports and their
evidence are kept.`,
		Example:           "  pm2drill clean",
		Args:              cli.RefuseArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              cli.Run(clean),
	}
}

func clean(ctx context.Context, c cli.Call) int {
	docker, err := cluster.Connect(ctx)
	if err != nil {
		return c.Fail(err)
	}
	n, err := docker.Clean(ctx)
	if err != nil {
		return c.Fail(err)
	}
	fmt.Fprintf(c.Stdout, "removed %d containers, networks, volumes, processes and folders\n", n)
	return cli.ExitKept
}
