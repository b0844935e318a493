package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/remedy"
)

// defaultEngineFile is the configuration that init writes.
const defaultEngineFile = "engine.yaml"

// newEngineInit returns `pm2drill engine init`.
func newEngineInit() *cobra.Command {
	cmd := &cobra.Command{
		Use: "init [FILE] [flags]", Short: "write a configuration of the engine for the PM2 that runs",
		Long: `Writes a configuration with every app of PM2's list and a comment at each key, for its owner
alone to read. It overwrites nothing. Without FILE it writes ` + defaultEngineFile + `.`,
		Example: "  pm2drill engine init\n  pm2drill engine init /etc/pm2drill/engine.yaml",
	}
	home := addHome(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int {
		c.Name = "engine init"
		name := defaultEngineFile
		switch len(c.Args) {
		case 0:
		case 1:
			name = c.Args[0]
		default:
			return c.Complain("give one file")
		}
		if err := remedy.Init(ctx, *home, name); err != nil {
			return c.Complain("%v", err)
		}
		fmt.Fprintf(c.Stdout, "%s is written: read it, then `pm2drill engine check %s`\n", name, name)
		return cli.ExitKept
	})
	return cmd
}

// newEngineCheck returns `pm2drill engine check`.
func newEngineCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use: "check FILE [flags]", Short: "validate a configuration of the engine",
		Long: `Validates a configuration by itself and against the PM2 that it is for, and prints what the
engine would make of it: which apps it looks after, and what it may do. It changes nothing.
It exits with 64 and names file, line and key of each problem if the file cannot be used.`,
		Example: "  pm2drill engine check engine.yaml",
	}
	home := addHome(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int {
		c.Name = "engine check"
		if len(c.Args) != 1 {
			return c.Complain("give the file: pm2drill engine check FILE")
		}
		if err := remedy.Check(ctx, c.Args[0], os.Getenv, *home, c.Stdout); err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				c.Complain("%s", line)
			}
			return cli.ExitUsage
		}
		return cli.ExitKept
	})
	return cmd
}

// newEngineApprove returns `pm2drill engine approve`.
func newEngineApprove() *cobra.Command {
	cmd := &cobra.Command{
		Use: "approve [ID] [flags]", Short: "permit the engine to act on an incident that it asks about",
		Long: `Permits the engine to act on one incident whose policy is to ask. Its line "withheld" and its
alert name the ID. The approval ends with the incident, or with the engine. Without ID it
lists what the engine asks.`,
		Example: "  pm2drill engine approve\n  pm2drill engine approve 1a2b3c4d",
	}
	home := addHome(cmd)
	cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int {
		c.Name = "engine approve"
		switch len(c.Args) {
		case 0:
			return listAsked(c, *home)
		case 1:
		default:
			return c.Complain("give one ID")
		}
		a, err := remedy.Approve(*home, c.Args[0])
		if err != nil {
			return c.Complain("%v", err)
		}
		fmt.Fprintf(c.Stdout, "the engine may act on %s of %s\n", a.Cause, a.App)
		return cli.ExitKept
	})
	return cmd
}

func listAsked(c cli.Call, home string) int {
	asked, err := remedy.ListAsked(home)
	if err != nil {
		return c.Complain("%v", err)
	}
	for _, a := range asked {
		about := ""
		if a.Worker != nil {
			about = fmt.Sprintf(" of worker %d", *a.Worker)
		}
		fmt.Fprintf(c.Stdout, "%s  %s  %s: %s%s, asked %s\n", a.Key, a.App, a.Cause, a.Action, about, a.Since.Local().Format("2006-01-02 15:04:05"))
	}
	if len(asked) == 0 {
		fmt.Fprintln(c.Stdout, "the engine asks no approval")
	}
	return cli.ExitKept
}

// addHome adds the flag for PM2's directory.
func addHome(cmd *cobra.Command) *string {
	home := cmd.Flags().String("home", remedy.HomeOf(os.Getenv), "`DIRECTORY` of PM2 (variable PM2_HOME, or ~/.pm2)")
	cli.HideDefaults(cmd.Flags(), "home")
	cli.Completions{"home": cli.CompleteFolders}.Register(cmd)
	return home
}
