package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/pm2drill/pm2drill/harness/report/compare"
)

const leagueSynopsis = `[--into FILE] REPORT_DIR...

Compares engines that were drilled in the same arms, one report folder each, in a
Markdown table: the folder's name is the engine's. ` + "`make league`" + ` drills the reference
engine and every peer, and puts the table into the README.
`

// The lines between which --into puts the table.
const (
	leagueBegin = "<!-- league: written by `make league` -->\n"
	leagueEnd   = "<!-- /league -->\n"
)

func leagueCommand(_ context.Context, c call) int {
	fs := flag.NewFlagSet("league", flag.ContinueOnError)
	into := fs.String("into", "", "put the table into this file, between its marks (default: print it)")
	dirs, code, done := parse(fs, c, leagueSynopsis)
	if done {
		return code
	}
	if len(dirs) == 0 {
		return complain(c, "league", "name the report folders to compare")
	}
	all, err := judgedSides(dirs)
	if err != nil {
		return complain(c, "league", "%v", err)
	}
	table, err := compare.League(all)
	if err != nil {
		return complain(c, "league", "%v", err)
	}
	if *into == "" {
		fmt.Fprint(c.stdout, table)
		return exitKept
	}
	if err := between(*into, table); err != nil {
		return complain(c, "league", "%v", err)
	}
	return exitKept
}

// between puts text between the marks of a file.
func between(name, text string) error {
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
