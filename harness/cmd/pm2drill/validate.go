package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/rehearse"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/validate"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/format"
)

// newValidate returns `pm2drill validate`.
func newValidate() *cobra.Command {
	cmd := &cobra.Command{
		Use: "validate [flags] FILE|DIR...", Short: "check ecosystem files before a deployment", GroupID: groupValidate,
		Long: `Checks ecosystem files for problems before they are deployed. It needs no Node, PM2 or
Docker, and the file cannot write, start or send anything. It evaluates the file by PM2's
rules for the host that the flags describe. It searches a folder with all folders in it,
except node_modules, .git and folders of old copies (backup, archive).

Exits with 0 when no finding is as severe as --threshold, 1 when one is, 2 when the file
does something that cannot be evaluated here, and 64 when there is no such file. With
--plan it exits with 1 when a reload would leave something as it is, else with 0.

With --rehearse it exits with 0 when every act keeps its promises and no finding is as
severe as --threshold, 1 when not, and 2 when an act proves nothing. With --verify, 1 says
that the advice repairs what is broken, and 3 that it does not or could not be applied.`,
		Example: `  pm2drill validate ecosystem.config.js --env production --cpus 8
  pm2drill validate ecosystem.config.js --target runtime
  pm2drill validate . --severity warning --ignore T002
  pm2drill validate . --format sarif > pm2.sarif
  pm2drill validate --plan ecosystem.config.js
  ssh web1 pm2 jlist | pm2drill validate --plan - ecosystem.config.js
  pm2drill validate . --with-node
  pm2drill validate . --rehearse --path /healthz --long-path /report
  pm2drill validate . --rehearse --verify
  pm2drill validate . --rehearse --path /orders --method POST --body @order.json
  pm2drill validate . --rehearse --verify --events-path /events --websocket-path /ws`,
		ValidArgsFunction: cli.FilesNamed("js", "cjs", "mjs", "ts", "cts", "mts", "json", "yml", "yaml"),
	}
	v, r := new(validate.Validation), new(rehearse.Flags)
	cli.Section(cmd, "Host that the file is for", v.TargetFlags.Declare)
	cli.Section(cmd, "Findings", v.DeclareFindings)
	cli.Section(cmd, "Input", v.DeclareInput)
	cli.Section(cmd, "Fixes", v.DeclareFixes)
	cli.Section(cmd, "What a reload would do (--plan)", v.DeclarePlan)
	cli.Section(cmd, "Rehearsal (--rehearse)", r.Declare)
	validate.TargetCompletions().Register(cmd)
	validate.ChoiceCompletions().Register(cmd)
	rehearse.Completions().Register(cmd)
	cli.Completions{
		"format": cli.OneOf(format.Names()...), "threshold": cli.OneOf(validate.ListSeverities()...), "with-node": cli.OneOf("container", "host"),
		"home": cli.CompleteFolders, "baseline": cli.FilesNamed("json"), "write-baseline": cli.FilesNamed("json"),
	}.Register(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int {
		v.Colour = cli.UsesColour(c.Stdout)
		v.NodeNamed = cli.NodeVersion(os.Getenv) != "" || cmd.Flags().Changed("node")
		if wrong := v.Wrong(c.Args); wrong != "" {
			return c.Complain("%s", wrong)
		}
		if wrong := r.Wrong(v, c.Args); wrong != "" {
			return c.Complain("%s", wrong)
		}
		if r.On {
			v.Rehearse = func(ctx context.Context, c cli.Call, name string, subjects []*lint.Subject, run format.Run) int {
				return rehearse.Run(ctx, c, *v, *r, name, subjects, run)
			}
		}
		return v.Check(ctx, c)
	})
	return cmd
}
