// Command pm2drill drills PM2 clusters: it breaks them on purpose, lets a
// remediation engine act, and judges from recorded evidence whether they
// recovered and whether a request was dropped.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

func main() { os.Exit(dispatch()) }

func dispatch() int {
	// A second signal finds the default handler and kills; what is left behind
	// then is the reaper's.
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if len(os.Args) < 2 || os.Args[1] != "engine" { // SIGHUP may ask it for its configuration to be read again
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	context.AfterFunc(ctx, stop)
	return cli.Execute(ctx, newRoot(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// Groups of verbs in the help.
const (
	groupDrill    = "drill"
	groupValidate = "validate"
	groupIncident = "incident"
	groupEngine   = "engine"
	groupOther    = "other"
)

// newRoot returns pm2drill with all its verbs.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use: "pm2drill", Short: "drill PM2 clusters, and remediate their incidents",
		Long: `pm2drill breaks PM2 clusters on purpose, lets a remediation engine act, and judges
from recorded evidence whether they recovered and whether a request was dropped.`,
		Version: cli.Version(),
		Args:    cobra.ArbitraryArgs,
	}
	root.SetVersionTemplate("pm2drill {{.Version}}\n")
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return cli.UnknownVerb(root, args[0])
		}
		return cli.PrintUsage(cmd)
	}
	root.AddGroup(
		&cobra.Group{ID: groupDrill, Title: "Drill a cluster and read the reports:"},
		&cobra.Group{ID: groupValidate, Title: "Validate ecosystem files:"},
		&cobra.Group{ID: groupIncident, Title: "Capture and reproduce incidents:"},
		&cobra.Group{ID: groupEngine, Title: "Run and test remediation engines:"},
		&cobra.Group{ID: groupOther, Title: "Other:"},
	)
	root.SetHelpCommand(newHelp(root))
	root.SetHelpCommandGroupID(groupOther)
	root.AddCommand(
		newRun(), newList(), newJudge(), newMerge(), newCompare(), newReport(), newMatrix(),
		newValidate(), newExplain(), newSchema(), newLSP(),
		newCapture(), newReproduce(),
		newEngine(), newGate(), newSelftest(), newLeague(),
		newLoad(), newDoctor(), newClean(), newMCP(), newVersion(), newMan(root), newAgent(),
	)
	describeCompletion(root)
	needLinux(root, runtime.GOOS)
	return root
}

// newHelp returns `pm2drill help [COMMAND]`.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "describe pm2drill or one of its commands",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, left, err := root.Find(args)
			switch {
			case err != nil:
				return cli.UnknownVerb(root, args[0])
			case len(left) > 0:
				return cli.UnknownVerb(cmd, left[0])
			}
			return cmd.Help()
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var verbs []cobra.Completion
			for _, cmd := range root.Commands() {
				if cmd.IsAvailableCommand() {
					verbs = append(verbs, cobra.CompletionWithDesc(cmd.Name(), cmd.Short))
				}
			}
			return verbs, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// describeCompletion adds cobra's `pm2drill completion SHELL`.
func describeCompletion(root *cobra.Command) {
	root.SetCompletionCommandGroupID(groupOther)
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			cmd.Short = "print the completion script of a shell"
			cmd.Long = "Prints a script with which a shell completes commands, flags, and their values: scenarios,\nlabels, arms, rules, files."
			cmd.Args = cobra.ArbitraryArgs
			cmd.RunE = func(cmd *cobra.Command, args []string) error {
				if len(args) > 0 {
					return cli.UnknownVerb(cmd, args[0])
				}
				return cli.PrintUsage(cmd)
			}
			for _, shell := range cmd.Commands() {
				shell.Args, shell.Short = cli.RefuseArgs, "print the script of "+shell.Name()
			}
			cmd.Example = `  source <(pm2drill completion bash)
  pm2drill completion bash > /etc/bash_completion.d/pm2drill
  pm2drill completion zsh > "${fpath[1]}/_pm2drill"
  pm2drill completion fish > ~/.config/fish/completions/pm2drill.fish`
		}
	}
}
