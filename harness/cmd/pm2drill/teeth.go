package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/scenarios"
)

const teethSynopsis = `[flags] [NAME...]

Drills engines that are wrong on purpose, each where that must show, and the
reference engine beside parts of the harness that fail (all of them if none is
named). A promise must break for each saboteur, none for an honest engine that looks
unusual, and nothing may be judged where a part fails. Exits with 0 when all are caught, and with 1 when one is not.
`

func teethCommand(ctx context.Context, c call) int {
	fs := flag.NewFlagSet("teeth", flag.ContinueOnError)
	f := runFlags{command: "teeth", repeat: 1}
	f.common(fs)
	names, code, done := parse(fs, c, teethSynopsis)
	if done {
		return code
	}
	if wrong := f.wrong(c); wrong != "" {
		return complain(c, "teeth", "%s", wrong)
	}
	f.names = names
	teeth, unknown := findTeeth(names)
	if unknown != "" {
		return complain(c, "teeth", "there is no saboteur or crippled part %q: there are %s", unknown, strings.Join(teethNames(), ", "))
	}
	s := session{flags: f, screen: newScreen(c.stdout, c.stderr, f.asJSON), started: time.Now()}
	if err := s.prepare(ctx); err != nil {
		return refuse(c, "teeth", err)
	}
	return s.bite(ctx, c, teeth)
}

// findTeeth returns the teeth of these names, all without any.
func findTeeth(names []string) (found []scenarios.Tooth, unknown string) {
	all := scenarios.Teeth(drill.Reference(version()))
	if len(names) == 0 {
		return all, ""
	}
	for _, name := range names {
		n := len(found)
		for _, t := range all {
			if t.Name == name {
				found = append(found, t)
			}
		}
		if len(found) == n {
			return nil, name
		}
	}
	return found, ""
}

func teethNames() []string {
	var names []string
	for _, t := range scenarios.Teeth(drill.Engine{}) {
		if !slices.Contains(names, t.Name) {
			names = append(names, t.Name)
		}
	}
	return names
}

// bite drills the teeth, writes the report of what they did, and counts.
func (s *session) bite(ctx context.Context, c call, teeth []scenarios.Tooth) int {
	jobs := make([]job, len(teeth))
	for i, t := range teeth {
		jobs[i] = job{scenario: t.Scenario, arm: t.Arm, seed: s.flags.seed, engine: t.Engine, title: t.Name + " in " + t.Scenario.Name + " " + t.Arm, tooth: &teeth[i]}
	}
	s.quiet = true
	if err := s.drill(ctx, jobs); err != nil {
		return s.finish(c, err)
	}
	s.finish(c, nil) // with the report; that drills are broken is as it must be
	out := teethJSON{Of: len(teeth), Report: s.flags.out}
	for i, t := range teeth {
		why, ok := t.Caught(s.report.Drills[i])
		if ok {
			out.Caught++
		}
		out.Teeth = append(out.Teeth, toothJSON{t.Name, t.Story, t.Scenario.Name, t.Arm, ok, why})
	}
	if err := out.show(c.stdout, s.screen.colour, s.flags.asJSON); err != nil {
		return fail(c, "teeth", err)
	}
	if out.Caught < out.Of {
		return exitBroken
	}
	return exitKept
}

// teethJSON is what `teeth --json` prints.
type teethJSON struct {
	Caught int         `json:"caught"`
	Of     int         `json:"of"`
	Report string      `json:"report"` // folder
	Teeth  []toothJSON `json:"teeth"`
}

type toothJSON struct {
	Name     string `json:"name"`
	Story    string `json:"story"`
	Scenario string `json:"scenario"`
	Arm      string `json:"arm"`
	Caught   bool   `json:"caught"`
	Because  string `json:"because"`
}

func (t teethJSON) show(w io.Writer, colour, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(t)
	}
	for _, x := range t.Teeth {
		fmt.Fprintf(w, "%s %-26s %s %s\n    %s\n", tick(x.Caught, colour), x.Name, x.Scenario, x.Arm, x.Because)
	}
	_, err := fmt.Fprintf(w, "\n%d of %d caught   report %s\n", t.Caught, t.Of, t.Report)
	return err
}
