package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/pm2drill/pm2drill/scenarios"
)

// listed is one scenario of `list --json`.
type listed struct {
	Name   string   `json:"name"`
	Story  string   `json:"story"`
	Labels []string `json:"labels"`
	Arms   []string `json:"arms"`
	Breaks string   `json:"breaks"`          // the promise its control arm breaks, or a claim that does not hold
	Claim  string   `json:"claim,omitempty"` // of the source document
}

func listCommand(_ context.Context, c call) int {
	fs := flag.NewFlagSet("list", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print a JSON array")
	names, code, done := parse(fs, c, "[--json] [NAME|LABEL...]")
	if done {
		return code
	}
	found, unknown := scenarios.Find(names)
	if len(unknown) > 0 {
		return unknownScenario(c, unknown)
	}
	if !*asJSON {
		for _, s := range found {
			fmt.Fprintf(c.stdout, "%s  [%s]  arms: %s\n  %s\n", s.Name, strings.Join(s.Labels, " "),
				strings.Join(s.Arms(), ", "), strings.ReplaceAll(s.Story, "\n", "\n  "))
			if s.Claim != nil {
				fmt.Fprintf(c.stdout, "  Claim: %s\n  What holds: %s\n", s.Claim.Says, s.Claim.Instead)
			}
			fmt.Fprintln(c.stdout)
		}
		return exitKept
	}
	out := make([]listed, 0, len(found))
	for _, s := range found {
		l := listed{Name: s.Name, Story: s.Story, Labels: s.Labels, Arms: s.Arms(), Breaks: s.Breaks}
		if s.Claim != nil {
			l.Claim = s.Claim.Says
		}
		out = append(out, l)
	}
	enc := json.NewEncoder(c.stdout)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return fail(c, "list", err)
	}
	return exitKept
}

func unknownScenario(c call, names []string) int {
	var have []string
	for _, s := range scenarios.Catalogue() {
		have = append(have, s.Name)
	}
	fmt.Fprintf(c.stderr, "pm2drill: there is no scenario or label %q: there are %s (`pm2drill list` tells their stories)\n",
		names[0], strings.Join(have, ", "))
	return exitUsage
}

func fail(c call, name string, err error) int {
	fmt.Fprintf(c.stderr, "pm2drill %s: %v\n", name, err)
	return exitInternal
}

func versionCommand(_ context.Context, c call) int {
	fmt.Fprintln(c.stdout, "pm2drill", version())
	return exitKept
}

// version is what the Go tool stamped into the binary.
func version() string {
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
