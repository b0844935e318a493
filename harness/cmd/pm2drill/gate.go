package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/conformance"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/scenarios"
)

const gateSynopsis = `--engine CMD | --engine-image IMAGE [flags] [NAME|LABEL...]

Holds a remediation engine to a profile: every arm of every scenario in it. With names,
labels or folders, as run takes them, only those are drilled; the result is then partial
at best, unless they are the whole profile. The
report folder has a statement of conformance (conformance.json, conformance.md) and
a badge besides. What the engine does not declare is skipped, and the result is
partial. In a GitHub job it annotates, and writes the step's summary.
Exits with 0 when all is kept, 1 when a promise is broken, 2 when the result is
inconclusive or partial.

  pm2drill gate --engine './engine.sh' --engine-dir ./my-engine
  pm2drill gate --engine 'pm2drill engine' --profile extended
  pm2drill gate --engine 'pm2drill engine' port-taken cause:skewed-load
`

func gateCommand(ctx context.Context, c call) int {
	fs := flag.NewFlagSet("gate", flag.ContinueOnError)
	f := runFlags{command: "gate", arms: evidence.Arms()}
	profile := fs.String("profile", "core", "what to hold the engine to: "+strings.Join(scenarios.Profiles(), " or "))
	failed := fs.String("only-failed", "", "drill only what was broken or inconclusive in this report folder; the result is partial at best")
	partial := fs.Bool("allow-partial", false, "exit with 0 also when the result is partial, but not with --only-failed")
	f.common(fs)
	f.test(fs)
	f.vary(fs, "besides the profile, or what of it is named, draw so many apps that differ from the catalogue's, the seed deciding; keep the seed to yourself until the engine is built")
	var code int
	var done bool
	if f.names, code, done = parse(fs, c, gateSynopsis); done {
		return code
	}
	switch {
	case *failed != "" && f.variants > 0:
		return complain(c, "gate", "--only-failed drills what failed before, and --variants draws what was never drilled: leave one of them out")
	case f.engine == "" && f.image == "":
		return complain(c, "gate", "there is no engine: name it with --engine CMD or --engine-image IMAGE (the reference engine is --engine 'pm2drill engine')")
	case !slices.Contains(scenarios.Profiles(), *profile):
		return complain(c, "gate", "there is no profile %q: use %s", *profile, strings.Join(scenarios.Profiles(), " or "))
	}
	if wrong := f.wrong(c); wrong != "" {
		return complain(c, "gate", "%s", wrong)
	}
	s := session{flags: f, screen: newScreen(c.stdout, c.stderr, f.asJSON), started: time.Now(), stay: stayOf(c, f)}
	todo, err := s.chosen(scenarios.Profile(*profile))
	if err != nil {
		return misnamed(c, "gate", err)
	}
	jobs := s.jobs(todo)
	if *failed != "" {
		if jobs, err = onlyFailed(jobs, *failed); err != nil {
			return complain(c, "gate", "%v", err)
		}
	}
	left := leftOut(s.jobs(scenarios.Profile(*profile)), jobs)
	if f.variants > 0 {
		drawn, err := s.variants(todo)
		if err != nil {
			return complain(c, "gate", "%v", err)
		}
		jobs = append(jobs, drawn...)
	}
	if f.dry {
		return s.plans(c, jobs)
	}
	s.gate = &conformance.Gate{
		Profile: *profile, Engine: report.GateEngine{Command: f.engine, Image: f.image}, Repeat: f.repeat, Due: len(jobs), LeftOut: left,
	}
	s.extra = gateWords(*profile, *failed)
	if err := s.prepare(ctx); err != nil {
		return refuse(c, "gate", err)
	}
	code = s.finish(c, s.drill(ctx, jobs))
	if code == exitInconclusive && *partial && s.said.Result() == conformance.Partial && *failed == "" {
		return exitKept
	}
	return code
}

// chosen are the scenarios that were named, or the whole profile if none was. A claim of the
// source document has no arm with an engine.
func (s *session) chosen(profile []scenarios.Scenario) ([]scenarios.Scenario, error) {
	if len(s.flags.names) == 0 {
		return profile, nil
	}
	found, own, err := selected(s.flags.names)
	if err != nil {
		return nil, err
	}
	s.own = own
	found = slices.DeleteFunc(found, func(x scenarios.Scenario) bool { return x.Claim != nil })
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no engine takes part in a claim of the source document: drill it with `pm2drill run`", strings.Join(s.flags.names, ", "))
	}
	return found, nil
}

// leftOut counts the jobs of the profile that are not among those to be drilled.
func leftOut(whole, jobs []job) (n int) {
	for _, w := range whole {
		if !slices.ContainsFunc(jobs, func(j job) bool {
			return j.scenario.Name == w.scenario.Name && j.arm == w.arm && j.seed == w.seed
		}) {
			n++
		}
	}
	return n
}

// gateWords are the flags of gate alone, for the command that does it again.
func gateWords(profile, failed string) []string {
	words := []string{"--profile", profile}
	if failed != "" {
		words = append(words, "--only-failed", failed)
	}
	return words
}

// onlyFailed leaves of the jobs those whose arm was broken or inconclusive in a
// report.
func onlyFailed(jobs []job, dir string) ([]job, error) {
	was, err := folder.Unmet(dir)
	if err != nil {
		return nil, err
	}
	jobs = slices.DeleteFunc(jobs, func(j job) bool { return !slices.Contains(was[j.scenario.Name], j.arm) })
	if len(jobs) == 0 {
		return nil, fmt.Errorf("nothing of the profile is broken or inconclusive in %s: leave out --only-failed", dir)
	}
	return jobs, nil
}

// tellGitHub annotates a job and writes its step's summary, if this is one.
func (s *session) tellGitHub(c call, d report.Digest) error {
	var errs []error
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		out := io.Writer(c.stdout)
		if s.flags.asJSON {
			out = c.stderr
		}
		errs = append(errs, conformance.Annotations(out, d))
	}
	if name := os.Getenv("GITHUB_STEP_SUMMARY"); name != "" {
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("cannot write the step's summary: %w", err))...)
		}
		errs = append(errs, s.said.Markdown(f), f.Close())
	}
	return errors.Join(errs...)
}
