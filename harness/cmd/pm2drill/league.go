package main

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/report/compare"
)

// The lines between which --into puts the table.
const (
	leagueBegin = "<!-- league: written by `make league` -->\n"
	leagueEnd   = "<!-- /league -->\n"
)

// newLeague returns `pm2drill league`.
func newLeague() *cobra.Command {
	cmd := &cobra.Command{
		Use: "league [flags] REPORT_DIR...", Short: "compare engines by their reports", GroupID: groupEngine,
		Long: `Compares engines that were drilled in the same arms in a Markdown table. Each engine has
one report folder, whose name is the engine's. ` + "`make league`" + ` drills the reference engine and
every peer, and writes the table into the README.`,
		Example:           "  pm2drill league reports/league/*\n  pm2drill league --into README.md reports/league/*",
		ValidArgsFunction: cli.CompleteFolders,
	}
	into := cmd.Flags().String("into", "", "write the table into this `FILE`, between its marks (default: print it)")
	cli.Completions{"into": cli.FilesNamed("md")}.Register(cmd)
	cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int { return compareEngines(c, *into) })
	return cmd
}

func compareEngines(c cli.Call, into string) int {
	dirs := c.Args
	if len(dirs) == 0 {
		return c.Complain("name the report folders to compare")
	}
	all, err := judgeSides(dirs)
	if err != nil {
		return c.Complain("%v", err)
	}
	table, err := compare.League(all)
	if err != nil {
		return c.Complain("%v", err)
	}
	if into == "" {
		fmt.Fprint(c.Stdout, table)
		return cli.ExitKept
	}
	if err := replaceBetween(into, table); err != nil {
		return c.Complain("%v", err)
	}
	return cli.ExitKept
}

// replaceBetween puts text between the marks of a file.
func replaceBetween(name, text string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", name, err)
	}
	head, rest, begins := bytes.Cut(raw, []byte(leagueBegin))
	_, tail, ends := bytes.Cut(rest, []byte(leagueEnd))
	if !begins || !ends {
		return fmt.Errorf("%s has no place for the table: put the lines %q and %q into it", name, leagueBegin, leagueEnd)
	}
	out := fmt.Sprintf("%s%s\n%s\n%s%s", head, leagueBegin, text, leagueEnd, tail)
	if err := os.WriteFile(name, []byte(out), 0o644); err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	return nil
}
