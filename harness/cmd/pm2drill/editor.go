package main

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
		Version: cli.Version(), Docs: docsURL, Start: settingsOf(t, wanted), Wanted: isConfigText,
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
