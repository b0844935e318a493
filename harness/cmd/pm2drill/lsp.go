package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/lsp"
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
	var t targetFlags
	var wanted choice
	cli.Section(cmd, "Host that the file is for", t.add)
	cli.Section(cmd, "Findings", wanted.add)
	cmd.Flags().Bool("stdio", true, "serve over stdin and stdout, which it always does; some editors pass this")
	targetCompletions().add(cmd)
	choiceCompletions().add(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int { return serveEditor(ctx, c, t, wanted) })
	return cmd
}

// serveEditor serves one editor.
func serveEditor(ctx context.Context, c cli.Call, t targetFlags, wanted choice) int {
	switch {
	case len(c.Args) > 0:
		return c.Complain("it takes no files: the editor names them")
	case wanted.wrong() != "":
		return c.Complain("%s", wanted.wrong())
	}
	if _, err := t.target(); err != nil {
		return c.Complain("%v", err)
	}
	binary, err := os.Executable()
	if err != nil {
		return c.Fail(fmt.Errorf("cannot find this program: %w", err))
	}
	err = lsp.Serve(ctx, c.Stdin, c.Stdout, lsp.Config{
		Version: version(), Docs: docsURL, Start: settingsOf(t, wanted), Wanted: isConfigText,
		Target: func(s lsp.Settings) (ecosystem.Target, error) { return targetOf(s).target() },
		Evaluate: func(ctx context.Context, path string, text []byte, target ecosystem.Target) (*lint.Subject, error) {
			return subjectBy(ctx, binary, input{path, text}, target)
		},
	})
	switch {
	case errors.Is(err, lsp.ErrNoShutdown):
		return cli.ExitBroken // as the protocol has it
	case err != nil:
		return c.Fail(err)
	}
	return cli.ExitKept
}

// settingsOf are the flags as an editor would set them.
func settingsOf(t targetFlags, c choice) lsp.Settings {
	return lsp.Settings{CPUs: t.cpus, Memory: t.memory, Node: t.node, PM2: t.pm2, Env: t.env, OSEnv: t.osEnv, Cwd: t.cwd,
		Severity: c.severity, Rules: ruleIDs(c.rules), Ignored: ruleIDs(c.ignored)}
}

// targetOf are the settings as flags.
func targetOf(s lsp.Settings) targetFlags {
	return targetFlags{cpus: s.CPUs, memory: s.Memory, node: s.Node, pm2: s.PM2, env: s.Env, osEnv: s.OSEnv, cwd: s.Cwd}
}
