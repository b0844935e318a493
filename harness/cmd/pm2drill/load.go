package main

import (
	"context"
	"flag"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/load"
)

// newLoad returns `pm2drill load`.
func newLoad() *cobra.Command {
	cmd := &cobra.Command{
		Use: "load --url URL --rate N --duration TIME --lane KIND [flags]", Short: "send open-loop load and report the outcome of every request", GroupID: groupOther,
		Long: `Sends GET requests at a constant rate and accounts for every one. Each request is
owed at a fixed moment, sent once on a connection of the generator's own, and
ends in exactly one class: answered (a complete 2xx), wrong-status, truncated,
timed-out, reset, refused, or unsent, which means that the generator could not send it.

Exits with 0 when every request was answered, 1 when one was dropped, and 2 when one was
not sent.`,
		Example:           "  pm2drill load --url http://127.0.0.1:3000/ --rate 50 --duration 30s --lane short",
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	var x load.Command
	fs := flag.NewFlagSet("load", flag.ContinueOnError)
	x.Declare(fs)
	cli.GoSection(cmd, "Load", fs, "url", "rate", "duration", "lane", "conns", "work")
	cli.GoSection(cmd, "Result", fs, "timeout", "json")
	cmd.Flags().AddGoFlagSet(fs)
	cli.Completions{"lane": cli.OneOf(string(load.Short), string(load.KeepAlive), string(load.Long))}.Register(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int { return x.Run(ctx, c.Args, c.Stdout, c.Stderr) })
	return cmd
}
