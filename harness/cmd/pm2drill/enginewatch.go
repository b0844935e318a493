package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/watch"
	"github.com/pm2drill/pm2drill/harness/engine"
)

// newEngineWatch returns `pm2drill engine watch`.
func newEngineWatch() *cobra.Command {
	cmd := &cobra.Command{
		Use: "watch --app NAME [--url URL] [flags]", Short: "show an app of this host live, and what the engine does about it",
		Long: `Shows the workers of one app live: state, CPU, memory, restarts and requests, the stderr of the
worker that the arrow keys select, and what the engine has said last (its audit log). It works
with and without an engine. With --url each worker gets a request for it every second.

The key e turns the engine's kill switch (pm2drill-engine.off in PM2's directory): while it
is on, the engine changes nothing. Only q and Ctrl-C leave. Where stdout is no terminal, it
prints lines. Requests are those that the worker counts itself, by PM2's library in it.`,
		Example: "  pm2drill engine watch --app web --url http://127.0.0.1:3000/healthz",
	}
	app := watch.App{}
	fs := cmd.Flags()
	fs.StringVar(&app.Name, "app", engine.Lookup(os.Getenv, engine.EnvApp), "PM2's `NAME` of the app (variable "+engine.EnvApp+")")
	fs.StringVar(&app.URL, "url", engine.Lookup(os.Getenv, engine.EnvURL), "health `URL` of the app (variable "+engine.EnvURL+")")
	fs.StringVar(&app.Namespace, "namespace", "", "PM2's `NAMESPACE` of the app; needed only if several have an app of that name")
	home := addHome(cmd)
	cli.HideDefaults(fs, "app", "url")
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int {
		c.Name = "engine watch"
		switch {
		case len(c.Args) > 0:
			return c.Complain("%q is not expected: the app is named with --app", c.Args[0])
		case app.Name == "":
			return c.Complain("name the app with --app")
		}
		app.Home = *home
		return watch.Run(ctx, c, app)
	})
	return cmd
}
