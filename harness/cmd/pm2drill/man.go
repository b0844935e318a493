package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// newMan returns the hidden `pm2drill man DIR`, which packagers call.
func newMan(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "write the manual pages into a folder", GroupID: groupOther, Hidden: true,
		Long:    "Writes one manual page (section 1) for pm2drill and one for each command into DIR, which is\nmade if it is not there.",
		Example: "  pm2drill man /usr/local/share/man/man1",
		RunE: cli.Run(func(_ context.Context, c cli.Call) int {
			if len(c.Args) != 1 {
				return c.Complain("name one folder to write the manual pages into: pm2drill man DIR")
			}
			if err := writeManual(root, c.Args[0]); err != nil {
				return c.Fail(err)
			}
			return cli.ExitKept
		}),
		ValidArgsFunction: cli.CompleteFolders,
	}
}

// writeManual writes the manual pages into a folder.
func writeManual(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make the folder of the manual pages: %w", err)
	}
	root.DisableAutoGenTag = true // a page that is written again is the same
	header := &doc.GenManHeader{Title: "PM2DRILL", Section: "1", Source: "pm2drill " + cli.Version(), Manual: "pm2drill"}
	if err := doc.GenManTree(root, header, dir); err != nil {
		return fmt.Errorf("cannot write the manual pages: %w", err)
	}
	return addExitStatus(filepath.Join(dir, root.Name()+".1"))
}

// addExitStatus adds the exit codes to a manual page, before what it refers to.
func addExitStatus(name string) error {
	page, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("cannot add the exit codes to a manual page: %w", err)
	}
	section := ".SH EXIT STATUS\n"
	for _, x := range strings.Split(strings.ReplaceAll(cli.ExitCodes, "\n", " "), ", ") {
		code, meaning, _ := strings.Cut(x, " ")
		section += fmt.Sprintf(".TP\n\\fB%s\\fP\n%s\n", code, meaning)
	}
	const next = ".SH SEE ALSO"
	before, after, _ := strings.Cut(string(page), next)
	if err := os.WriteFile(name, []byte(before+section+"\n"+next+after), 0o644); err != nil {
		return fmt.Errorf("cannot add the exit codes to a manual page: %w", err)
	}
	return nil
}
