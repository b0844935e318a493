package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// newVersion returns `pm2drill version`.
func newVersion() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", GroupID: groupOther,
		Args: cobra.NoArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: cli.Run(func(_ context.Context, c cli.Call) int {
			fmt.Fprintln(c.Stdout, "pm2drill", version())
			return cli.ExitKept
		}),
	}
}

// release is the version of a release. The linker sets it (-X main.release=v1.2.3).
var release string

// version returns the release, or what the Go tool has stamped into the binary of none.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.Contains(v, s.Value[:7]) {
			v += " " + s.Value[:12]
		}
	}
	return v
}
