package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/reproduce"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
)

// newReproduce returns `pm2drill reproduce`.
func newReproduce() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reproduce [flags] NAME|--from CAPTURE", Short: "cause one incident, or a captured one, and show it live", GroupID: groupIncident,
		Long: `Starts the cluster of one scenario, sends load to it, injects the fault, and shows the
state live, with commands to inspect it. No engine runs until you start it. Leaving
removes everything.

With --from it reads a file of ` + "`pm2drill capture`" + `, prints the diagnosis of the engine's
rules, and causes the same incident: with the same versions of PM2 and Node, number of
workers, timeouts and restart settings, and an app that fails in the same way. With --app
it starts your own app from its folder and injects only faults from outside (another
process on its port, a stopped process). With --image that app runs in your image; without
--app, it is the app that the image has at the path where the host had it. The
reproduction is captured as the host was, and the same rules compare the symptoms.
Exits with 0 if they are the same, 1 if not, and 2 if that cannot be told.

With --from and the folder of a report, --times measures how often what is red there comes
again: it drills each drill that broke a promise, or those of the scenario that is named,
with the same seed and versions, and tells the rate with its 95 % interval (Wilson). Exits
with 0 if each red came again, 1 if one never did, and 2 if its drills prove nothing.`,
		Example: `  pm2drill reproduce port-taken
  pm2drill reproduce --from pm2drill-web-20260102-150405.tgz
  pm2drill reproduce --from pm2drill-web-20260102-150405.tgz --app ./web --os-env web.env
  pm2drill reproduce --from reports/20260102-150405-0007 --times 20`,
		ValidArgsFunction: completeOneScenario,
	}
	f := session.Flags{Command: "reproduce", Repeat: 1}
	var from reproduce.Source
	var as reproduce.Appearance
	cli.Section(cmd, "A captured incident", from.Declare)
	cli.Section(cmd, "A recorded red", func(fs *pflag.FlagSet) {
		from.DeclareTimes(fs)
		fs.IntVar(&f.Jobs, "jobs", 0, "with --times, drill `N` side by side; 0 means two for each core of the Docker host")
	})
	cli.Section(cmd, "A scenario", func(fs *pflag.FlagSet) {
		fs.BoolVar(&as.Decoy, "decoy", false, "inject the scenario's look-alike instead of its fault")
		fs.BoolVar(&as.Drawn, "variant", false, "run an app that differs from the catalogue's in what the seed draws, as in run --variants 1")
		fs.Int64Var(&f.Seed, "seed", 0, "seed `N` of the injection's timing and of --variant; 0 draws one")
	})
	cli.Section(cmd, "Versions", f.DeclareVersions)
	cli.Section(cmd, "Engine that you may start", f.DeclareEngine)
	cli.Completions{"from": cli.FilesNamed("tgz"), "engine-dir": cli.CompleteFolders}.Register(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int { return reproduce.Run(ctx, c, f, from, as) })
	return cmd
}
