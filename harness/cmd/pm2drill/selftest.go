package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/scenarios"
)

// newSelftest returns `pm2drill selftest`.
func newSelftest() *cobra.Command {
	cmd := &cobra.Command{
		Use: "selftest [flags] [NAME...]", Aliases: []string{"teeth"}, Short: "prove that wrong engines and faults of the harness are detected", GroupID: groupEngine,
		Long: `Drills engines that are wrong on purpose, each in a scenario where that must show, and the
reference engine beside parts of the harness that fail; all of them, or those that are
named. Each wrong engine must break a promise, an engine that is unusual but correct must
break none, and a drill with a part that fails must be inconclusive. Exits with 0 when
all are detected, and with 1 when one is not.`,
		Example:           "  pm2drill selftest\n  pm2drill selftest does-nothing fault-off --jobs 1",
		ValidArgsFunction: completeMutants,
	}
	f := session.Flags{Command: "selftest", Repeat: 1}
	f.DeclareDrilling(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int {
		f.Names = c.Args
		if wrong := f.Wrong(c); wrong != "" {
			return c.Complain("%s", wrong)
		}
		return runSelftest(ctx, c, f)
	})
	return cmd
}

func runSelftest(ctx context.Context, c cli.Call, f session.Flags) int {
	mutants, unknown := findMutants(f.Names)
	if unknown != "" {
		return c.Complain("there is no saboteur or crippled part %q%s: there are %s", unknown, cli.Suggest(listMutants(), unknown), strings.Join(listMutants(), ", "))
	}
	s := session.Session{Flags: f, Progress: session.NewProgress(c.Stdout, c.Stderr, f.AsJSON), Started: time.Now()}
	if err := s.Prepare(ctx); err != nil {
		return c.Refuse(err)
	}
	return drillMutants(ctx, &s, c, mutants)
}

// findMutants returns the mutants of these names, or all if there are none; unknown is the
// first name that no mutant has.
func findMutants(names []string) (found []scenarios.Tooth, unknown string) {
	all := scenarios.Teeth(drill.Reference(cli.Version()))
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

func listMutants() []string {
	var names []string
	for _, t := range scenarios.Teeth(drill.Engine{}) {
		if !slices.Contains(names, t.Name) {
			names = append(names, t.Name)
		}
	}
	return names
}

// drillMutants drills the mutants, writes the report of what they did, and counts.
func drillMutants(ctx context.Context, s *session.Session, c cli.Call, mutants []scenarios.Tooth) int {
	jobs := make([]session.Job, len(mutants))
	for i, t := range mutants {
		jobs[i] = session.Job{Scenario: t.Scenario, Arm: t.Arm, Seed: s.Flags.Seed, Engine: t.Engine, Title: t.Name + " in " + t.Scenario.Name + " " + t.Arm, Try: t.Try, Spoils: t.Spoil != nil}
	}
	s.Quiet = true
	if err := s.Drill(ctx, jobs); err != nil {
		return s.Finish(c, err)
	}
	s.Finish(c, nil) // with the report; that drills are broken is as it must be
	out := selftestJSON{Of: len(mutants), Report: s.Flags.Out}
	for i, t := range mutants {
		why, ok := t.Caught(s.Report.Drills[i])
		if ok {
			out.Caught++
		}
		out.Teeth = append(out.Teeth, mutantJSON{t.Name, t.Story, t.Scenario.Name, t.Arm, ok, why})
	}
	if err := out.show(c.Stdout, s.Progress.Colour, s.Flags.AsJSON); err != nil {
		return c.Fail(err)
	}
	if out.Caught < out.Of {
		return cli.ExitBroken
	}
	return cli.ExitKept
}

// selftestJSON is what `selftest --json` prints.
type selftestJSON struct {
	Caught int          `json:"caught"`
	Of     int          `json:"of"`
	Report string       `json:"report"` // folder
	Teeth  []mutantJSON `json:"teeth"`
}

type mutantJSON struct {
	Name     string `json:"name"`
	Story    string `json:"story"`
	Scenario string `json:"scenario"`
	Arm      string `json:"arm"`
	Caught   bool   `json:"caught"`
	Because  string `json:"because"`
}

func (t selftestJSON) show(w io.Writer, colour, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(t)
	}
	for _, x := range t.Teeth {
		fmt.Fprintf(w, "%s %-26s %s %s\n    %s\n", cli.FormatMark(x.Caught, colour), x.Name, x.Scenario, x.Arm, x.Because)
	}
	_, err := fmt.Fprintf(w, "\n%d of %d caught   report %s\n", t.Caught, t.Of, t.Report)
	return err
}
