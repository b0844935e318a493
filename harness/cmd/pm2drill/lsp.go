package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/validate"
)

// newLSP returns `pm2drill lsp`.
func newLSP() *cobra.Command {
	cmd := &cobra.Command{
		Use: "lsp [flags]", Short: "serve an editor that edits ecosystem files (language server)", GroupID: groupValidate,
		Long: `A language server for ecosystem files, over stdin and stdout. It shows what validate finds
while you type, offers the fixes that are proven, and the pages of the rules. The
settings of the editor override the flags. harness/lint/lsp/README.md says how to set up
VS Code, Neovim, Helix and Emacs.`,
		Example:           "  pm2drill lsp\n  pm2drill lsp --cpus 8 --severity warning",
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	var t validate.TargetFlags
	var wanted validate.Choice
	cli.Section(cmd, "Host that the file is for", t.Declare)
	cli.Section(cmd, "Findings", wanted.Declare)
	cmd.Flags().Bool("stdio", true, "serve over stdin and stdout, which it always does; some editors pass this")
	validate.TargetCompletions().Register(cmd)
	validate.ChoiceCompletions().Register(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int { return validate.ServeEditor(ctx, c, t, wanted) })
	return cmd
}
