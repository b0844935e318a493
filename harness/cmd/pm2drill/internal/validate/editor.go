package validate

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/lsp"
)

// ServeEditor serves one editor.
func ServeEditor(ctx context.Context, c cli.Call, t TargetFlags, wanted Choice) int {
	switch {
	case len(c.Args) > 0:
		return c.Complain("it takes no files: the editor names them")
	case wanted.Wrong() != "":
		return c.Complain("%s", wanted.Wrong())
	}
	if _, err := t.Resolve(); err != nil {
		return c.Complain("%v", err)
	}
	binary, err := os.Executable()
	if err != nil {
		return c.Fail(fmt.Errorf("cannot find this program: %w", err))
	}
	err = lsp.Serve(ctx, c.Stdin, c.Stdout, lsp.Config{
		Version: cli.Version(), Docs: docsURL, Start: buildSettings(t, wanted), Wanted: isConfigText,
		Target: func(s lsp.Settings) (ecosystem.Target, error) { return buildTarget(s).Resolve() },
		Evaluate: func(ctx context.Context, path string, text []byte, target ecosystem.Target) (*lint.Subject, error) {
			return EvaluateBy(ctx, binary, input{path, text}, target)
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

// buildSettings returns the flags as an editor would set them.
func buildSettings(t TargetFlags, c Choice) lsp.Settings {
	return lsp.Settings{CPUs: t.CPUs, Memory: t.memory, Node: t.Node, PM2: t.PM2, Env: t.Env, OSEnv: t.OSEnv, Cwd: t.cwd,
		Severity: c.severity, Rules: parseRuleIDs(c.rules), Ignored: parseRuleIDs(c.ignored)}
}

// buildTarget returns the settings as flags.
func buildTarget(s lsp.Settings) TargetFlags {
	return TargetFlags{CPUs: s.CPUs, memory: s.Memory, Node: s.Node, PM2: s.PM2, Env: s.Env, OSEnv: s.OSEnv, cwd: s.Cwd}
}
