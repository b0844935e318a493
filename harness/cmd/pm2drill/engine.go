package main

import (
	"context"
	"flag"
	"os"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/remedy"
)

// newEngine returns `pm2drill engine`.
func newEngine() *cobra.Command {
	cmd := &cobra.Command{
		Use: "engine {--app NAME [--url URL] | --config FILE} [flags]", Short: "run the reference remediation engine on this host", GroupID: groupEngine,
		Long: `Looks after one app of PM2 on this host, or after several of one PM2, as the user that PM2
runs as, until SIGTERM or SIGINT. It prints one JSON object a line and reads requests from
stdin; harness/engine/CONTRACT.md describes both. The app must be in PM2's list when the
engine starts. If the app has no health URL, such as a consumer of a queue, a worker that
lives counts as serving.

With --config it does what a file says, which "pm2drill engine init" writes and "pm2drill
engine check" validates. The file is read again when it changes and at SIGHUP, and is taken
over as a whole or not at all. A flag that is given besides wins.

One engine looks after the apps of a PM2. A second one is refused; with --standby it waits,
and takes over when the first one ends.

In PM2's directory it writes pm2drill-engine.lock, pm2drill-engine.audit.jsonl,
pm2drill-engine.intents.json, pm2drill-engine.asked.json and, where its configuration asks for
approval links without a secret, pm2drill-engine.secret; it reads
pm2drill-engine.approved.json, which "pm2drill engine approve" writes. While
pm2drill-engine.off exists there, it changes nothing.`,
		Example: `  pm2drill engine --app web --url http://127.0.0.1:3000/healthz --dry-run
  pm2drill engine --app web --url http://127.0.0.1:3000/healthz --alert-url https://alerts.example/pm2
  pm2drill engine --app web=http://127.0.0.1:3000/healthz --app mailer
  pm2drill engine --config engine.yaml`,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	engine := remedy.NewCommand(os.Getenv)
	fs := flag.NewFlagSet("engine", flag.ContinueOnError)
	engine.Declare(fs)
	cli.GoSection(cmd, "What it looks after", fs, "config", "app", "url", "namespace", "home")
	cli.GoSection(cmd, "When it acts", fs, "stall", "outage-deadline", "standby")
	cli.GoSection(cmd, "What it may do", fs, "dry-run", "min-healthy", "surge", "stream-deadline", "inspector")
	cli.GoSection(cmd, "What it tells", fs, "alert-url", "listen", "listen-beyond-loopback", "trace")
	cmd.Flags().AddGoFlagSet(fs)
	cli.HideDefaults(cmd.Flags(), "url", "alert-url", "home")
	engine.Given = cmd.Flags().Changed
	cli.Completions{"inspector": cli.OneOf("never", "private", "always"), "home": cli.CompleteFolders}.Register(cmd)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return cli.UnknownVerb(cmd, args[0])
		}
		return nil
	}
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int {
		return engine.Run(ctx, c.Args, c.Stdin, c.Stdout, c.Stderr)
	})
	cmd.AddCommand(newEngineInit(), newEngineCheck(), newEngineApprove(), newEngineWatch())
	return cmd
}
