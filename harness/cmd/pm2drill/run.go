package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/hold"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// newRun returns `pm2drill run`.
func newRun() *cobra.Command {
	cmd := &cobra.Command{
		Use: "run [flags] [NAME|LABEL|FOLDER...]", Short: "run drills, judge them and write a report", GroupID: groupDrill,
		Long: `Drills every arm of the scenarios that are named or have one of the labels, or of all of
them, judges the evidence and writes a report folder. A name with a slash in it is a
folder with a scenario of your own (scenarios/OWN.md). The reference engine is drilled,
unless --engine or --engine-image names another one.`,
		Example: `  pm2drill run port-taken
  pm2drill run tier:core --arms control,engine --jobs 2
  pm2drill run ./my-incident
  pm2drill run port-taken --engine './engine.sh' --engine-dir ./my-engine
  pm2drill run port-taken --arms engine --until 5% --at-most 200
  pm2drill run port-taken --dry-run`,
		ValidArgsFunction: completeScenarios,
	}
	f := session.Flags{Command: "run"}
	var arms string
	cli.Section(cmd, "What is drilled", func(fs *pflag.FlagSet) {
		fs.StringVar(&arms, "arms", "", "drill only these `ARMS`, separated by commas: "+strings.Join(evidence.Arms(), ", "))
		f.DeclareVariants(fs, "draw `N` apps that differ from the catalogue's (scenarios/README.md says in what), by the seed, and drill these instead, each beside the same app without an engine")
		f.DeclareTest(fs)
		f.DeclareUntil(fs)
	})
	cli.Section(cmd, "Engine under test", f.DeclareEngine)
	f.DeclareDrilling(cmd)
	cli.Section(cmd, session.SectionReport, func(fs *pflag.FlagSet) {
		fs.BoolVar(&f.Trace, "trace", false, "keep every observation of the reference engine in the report folder's traces/")
	})
	cli.Completions{"arms": cli.CompleteList(evidence.Arms)}.Register(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int {
		f.Names = c.Args
		if wrong := checkRun(&f, c, arms); wrong != "" {
			return c.Complain("%s", wrong)
		}
		return run(ctx, c, f)
	})
	return cmd
}

// checkRun takes over which arms are drilled, and says what of the flags cannot be used, ""
// if they can.
func checkRun(f *session.Flags, c cli.Call, arms string) string {
	every := evidence.Arms()
	f.Arms = every
	if arms != "" {
		f.Arms = strings.Split(arms, ",")
	}
	for _, arm := range f.Arms {
		if !slices.Contains(every, arm) {
			return fmt.Sprintf("there is no arm %q: use --arms with some of %s", arm, strings.Join(every, ","))
		}
	}
	if f.Trace && f.Engine != "" {
		return "--trace is of the reference engine: leave it out with --engine"
	}
	return f.Wrong(c)
}

func run(ctx context.Context, c cli.Call, f session.Flags) int {
	todo, own, err := session.Select(f.Names)
	if err != nil {
		return session.RefuseName(c, err)
	}
	s := session.Session{Flags: f, Progress: session.NewProgress(c.Stdout, c.Stderr, f.AsJSON), Started: time.Now(), Own: own, Extra: f.Until.Words()}
	hold.StayAtFailure(&s, c)
	jobs := s.NewJobs(todo)
	if f.Variants > 0 {
		if jobs, err = s.DrawVariants(todo); err != nil {
			return c.Complain("%v", err)
		}
	}
	if jobs, err = s.TakeShard(jobs); err != nil {
		return c.Complain("%v", err)
	}
	if f.DryRun {
		return s.PrintPlan(c, jobs)
	}
	if err := s.Prepare(ctx); err != nil {
		return c.Refuse(err)
	}
	if f.Until.Bound > 0 {
		return s.Finish(c, s.DrillUntil(ctx, f.Until, func(seed int64) []session.Job {
			s.Flags.Seed = seed
			return s.NewJobs(todo)
		}))
	}
	return s.Finish(c, s.Drill(ctx, jobs))
}
