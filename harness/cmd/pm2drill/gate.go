package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/hold"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/conformance"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/scenarios"
)

// gateFlags are what gate was asked for besides.
type gateFlags struct {
	profile string
	failed  string // report folder of which only what failed is drilled; "" for none
	partial bool   // a partial result is good enough
}

func (g *gateFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&g.profile, "profile", "core", "`PROFILE` to test against: "+strings.Join(scenarios.Profiles(), " or "))
	fs.StringVar(&g.failed, "only-failed", "", "drill only what was broken or inconclusive in this report `FOLDER`; the result is partial at best")
	fs.BoolVar(&g.partial, "allow-partial", false, "exit with 0 also when the result is partial, but not with --only-failed")
}

// newGate returns `pm2drill gate`.
func newGate() *cobra.Command {
	cmd := &cobra.Command{
		Use: "gate --engine COMMAND|--engine-image IMAGE [flags] [NAME|LABEL|FOLDER...]", Short: "test a remediation engine against a profile, for CI", GroupID: groupEngine,
		Long: `Drills a remediation engine in every arm of every scenario of a profile. With names, labels
or folders, as run takes them, it drills only those; the result is then partial at best,
unless they are the whole profile. It adds a statement of conformance (conformance.json,
conformance.md) and a badge to the report folder. What the engine does not declare is
skipped, and the result is partial. In a GitHub job it writes annotations and the
summary of the step.

Exits with 0 when all promises are kept, 1 when one is broken, 2 when the result is
inconclusive or partial.`,
		Example: `  pm2drill gate --engine './engine.sh' --engine-dir ./my-engine
  pm2drill gate --engine 'pm2drill engine' --profile extended
  pm2drill gate --engine 'pm2drill engine' port-taken cause:skewed-load`,
		ValidArgsFunction: completeScenarios,
	}
	f := session.Flags{Command: "gate", Arms: evidence.Arms()}
	var g gateFlags
	cli.Section(cmd, "Engine under test", f.DeclareEngine)
	cli.Section(cmd, "What is drilled", func(fs *pflag.FlagSet) {
		g.add(fs)
		f.DeclareVariants(fs, "besides the profile, or what of it is named, draw `N` apps that differ from the catalogue's, by the seed; keep the seed to yourself until the engine is built")
		f.DeclareTest(fs)
	})
	f.DeclareDrilling(cmd)
	cli.Completions{"profile": cli.OneOf(scenarios.Profiles()...), "only-failed": cli.CompleteFolders}.Register(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int {
		f.Names = c.Args
		if wrong := g.findConflict(f); wrong != "" {
			return c.Complain("%s", wrong)
		}
		if wrong := f.Wrong(c); wrong != "" {
			return c.Complain("%s", wrong)
		}
		return runGate(ctx, c, f, g)
	})
	return cmd
}

// findConflict says which flags cannot be used together, "" if all can.
func (g gateFlags) findConflict(f session.Flags) string {
	switch {
	case g.failed != "" && f.Variants > 0:
		return "--only-failed drills what failed before, and --variants draws what was never drilled: leave one of them out"
	case f.Engine == "" && f.EngineImage == "":
		return "there is no engine: name it with --engine CMD or --engine-image IMAGE (the reference engine is --engine 'pm2drill engine')"
	case !slices.Contains(scenarios.Profiles(), g.profile):
		return fmt.Sprintf("there is no profile %q: use %s", g.profile, strings.Join(scenarios.Profiles(), " or "))
	}
	return ""
}

func runGate(ctx context.Context, c cli.Call, f session.Flags, g gateFlags) int {
	s := session.Session{Flags: f, Progress: session.NewProgress(c.Stdout, c.Stderr, f.AsJSON), Started: time.Now()}
	hold.StayAtFailure(&s, c)
	todo, own, err := chooseScenarios(f.Names, scenarios.Profile(g.profile))
	if err != nil {
		return session.RefuseName(c, err)
	}
	s.Own = own
	jobs := s.NewJobs(todo)
	if g.failed != "" {
		if jobs, err = selectFailed(jobs, g.failed); err != nil {
			return c.Complain("%v", err)
		}
	}
	left := countLeftOut(s.NewJobs(scenarios.Profile(g.profile)), jobs)
	if f.Variants > 0 {
		drawn, err := s.DrawVariants(todo)
		if err != nil {
			return c.Complain("%v", err)
		}
		jobs = append(jobs, drawn...)
	}
	if jobs, err = s.TakeShard(jobs); err != nil {
		return c.Complain("%v", err)
	}
	if f.DryRun {
		return s.PrintPlan(c, jobs)
	}
	var said conformance.Statement
	s.Hooks.Write = func(c cli.Call, d report.Digest) error {
		said = conformance.Conformance(d, conformance.Gate{
			Profile: g.profile, Engine: report.GateEngine{Command: f.Engine, Image: f.EngineImage}, Repeat: f.Repeat, Due: len(jobs), LeftOut: left,
		})
		return errors.Join(conformance.WriteGate(s.Flags.Out, said), tellGitHub(c, f.AsJSON, d, said))
	}
	s.Hooks.Rule = func(c cli.Call, _ report.Report) promise.Verdict {
		if missing := said.Shortfall(); missing != "" {
			c.Complain("%s: %s", said.Result(), missing)
		}
		return said.Verdict()
	}
	s.Extra = listGateFlags(g.profile, g.failed)
	if err := s.Prepare(ctx); err != nil {
		return c.Refuse(err)
	}
	code := s.Finish(c, s.Drill(ctx, jobs))
	if code == cli.ExitInconclusive && g.partial && said.Result() == conformance.Partial && g.failed == "" {
		return cli.ExitKept
	}
	return code
}

// chooseScenarios returns the scenarios that were named, or the whole profile if none was, and
// the folders of those from outside by their names. A claim of the source document has no arm
// with an engine.
func chooseScenarios(names []string, profile []scenarios.Scenario) (todo []scenarios.Scenario, own map[string]string, err error) {
	if len(names) == 0 {
		return profile, nil, nil
	}
	todo, own, err = session.Select(names)
	if err != nil {
		return nil, nil, err
	}
	todo = slices.DeleteFunc(todo, func(x scenarios.Scenario) bool { return x.Claim != nil })
	if len(todo) == 0 {
		return nil, nil, fmt.Errorf("%s: no engine takes part in a claim of the source document: drill it with `pm2drill run`", strings.Join(names, ", "))
	}
	return todo, own, nil
}

// countLeftOut counts the jobs of the profile that are not among those to be drilled.
func countLeftOut(whole, jobs []session.Job) (n int) {
	for _, w := range whole {
		if !slices.ContainsFunc(jobs, func(j session.Job) bool {
			return j.Scenario.Name == w.Scenario.Name && j.Arm == w.Arm && j.Seed == w.Seed
		}) {
			n++
		}
	}
	return n
}

// listGateFlags returns the flags of gate alone, for the command that does it again.
func listGateFlags(profile, failed string) []string {
	words := []string{"--profile", profile}
	if failed != "" {
		words = append(words, "--only-failed", failed)
	}
	return words
}

// selectFailed keeps of the jobs those whose arm was broken or inconclusive in a report.
func selectFailed(jobs []session.Job, dir string) ([]session.Job, error) {
	was, err := folder.Unmet(dir)
	if err != nil {
		return nil, err
	}
	jobs = slices.DeleteFunc(jobs, func(j session.Job) bool { return !slices.Contains(was[j.Scenario.Name], j.Arm) })
	if len(jobs) == 0 {
		return nil, fmt.Errorf("nothing of the profile is broken or inconclusive in %s: leave out --only-failed", dir)
	}
	return jobs, nil
}

// tellGitHub annotates a job and writes its step's summary, if this is one.
func tellGitHub(c cli.Call, asJSON bool, d report.Digest, said conformance.Statement) error {
	var errs []error
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		out := io.Writer(c.Stdout)
		if asJSON {
			out = c.Stderr
		}
		errs = append(errs, conformance.Annotations(out, d))
	}
	if name := os.Getenv("GITHUB_STEP_SUMMARY"); name != "" {
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("cannot write the step's summary: %w", err))...)
		}
		errs = append(errs, said.Markdown(f), f.Close())
	}
	return errors.Join(errs...)
}
