package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/lsp"
)

const lspSynopsis = `[flags]

A language server for ecosystem files, over stdin and stdout: what validate finds while
you type, the fixes that are proven, and the pages of the rules. The flags hold until the
editor's own settings say otherwise; harness/lint/lsp/README.md says how to set
up VS Code, Neovim, Helix and Emacs.
`

// lspCommand serves one editor.
func lspCommand(ctx context.Context, c call) int {
	flags := flag.NewFlagSet("lsp", flag.ContinueOnError)
	var t targetFlags
	var wanted choice
	t.add(flags)
	wanted.add(flags)
	flags.Bool("stdio", true, "serve over stdin and stdout, as it always does; some editors say so")
	names, code, done := parse(flags, c, lspSynopsis)
	switch {
	case done:
		return code
	case len(names) > 0:
		return complain(c, "lsp", "it takes no files: the editor names them")
	case wanted.wrong() != "":
		return complain(c, "lsp", "%s", wanted.wrong())
	}
	if _, err := t.target(); err != nil {
		return complain(c, "lsp", "%v", err)
	}
	binary, err := os.Executable()
	if err != nil {
		return fail(c, "lsp", fmt.Errorf("cannot find this program: %w", err))
	}
	err = lsp.Serve(ctx, c.stdin, c.stdout, lsp.Config{
		Version: version(), Docs: docsURL, Start: settingsOf(t, wanted), Wanted: isConfigText,
		Target: func(s lsp.Settings) (ecosystem.Target, error) { return targetOf(s).target() },
		Evaluate: func(ctx context.Context, path string, text []byte, target ecosystem.Target) (*lint.Subject, error) {
			return subjectBy(ctx, binary, input{path, text}, target)
		},
	})
	switch {
	case errors.Is(err, lsp.ErrNoShutdown):
		return exitBroken // as the protocol has it
	case err != nil:
		return fail(c, "lsp", err)
	}
	return exitKept
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

func schemaCommand(_ context.Context, c call) int {
	flags := flag.NewFlagSet("schema", flag.ContinueOnError)
	entry := flags.Bool("entry", false, "print its entry for a catalogue of schemas instead")
	names, code, done := parse(flags, c, "[flags]\n\nPrints the JSON Schema (draft 7) of ecosystem files, for editors and other validators.\n")
	switch {
	case done:
		return code
	case len(names) > 0:
		return complain(c, "schema", "it takes no arguments")
	}
	write := ecosystem.Schema
	if *entry {
		write = ecosystem.SchemaEntry
	}
	text, err := write()
	if err == nil {
		_, err = c.stdout.Write(text)
	}
	if err != nil {
		return fail(c, "schema", err)
	}
	return exitKept
}
