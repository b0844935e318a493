package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/lint"
)

func explainCommand(_ context.Context, c call) int {
	flags := flag.NewFlagSet("explain", flag.ContinueOnError)
	ids, code, done := parse(flags, c, "[ID...]\n\nSays what a rule of `pm2drill validate` catches, what comes of it and what to do;\nwithout an id it lists the rules.\n")
	if done {
		return code
	}
	if len(ids) == 0 {
		for _, r := range lint.Rules() {
			fmt.Fprintf(c.stdout, "%s  %-7s  %s\n", r.ID, r.Severity, r.Title)
		}
		return exitKept
	}
	for i, id := range ids {
		r, ok := lint.Find(id)
		if !ok {
			return complain(c, "explain", "there is no rule %q: `pm2drill explain` lists them", id)
		}
		if i > 0 {
			fmt.Fprintln(c.stdout)
		}
		fmt.Fprint(c.stdout, lint.Page(r))
	}
	return exitKept
}
