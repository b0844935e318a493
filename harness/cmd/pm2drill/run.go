package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/conformance"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/scenarios"
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
  pm2drill run port-taken --dry-run`,
		ValidArgsFunction: completeScenarios,
	}
	f := runFlags{command: "run"}
	var arms string
	cli.Section(cmd, "What is drilled", func(fs *pflag.FlagSet) {
		fs.StringVar(&arms, "arms", "", "drill only these `ARMS`, separated by commas: "+strings.Join(evidence.Arms(), ", "))
		f.vary(fs, "draw `N` apps that differ from the catalogue's (scenarios/README.md says in what), by the seed, and drill these instead, each beside the same app without an engine")
		f.test(fs)
	})
	cli.Section(cmd, "Engine under test", f.subject)
	f.drilling(cmd)
	cli.Section(cmd, sectionReport, func(fs *pflag.FlagSet) {
		fs.BoolVar(&f.trace, "trace", false, "keep every observation of the reference engine in the report folder's traces/")
	})
	cli.Completions{"arms": cli.CompleteList(evidence.Arms)}.Register(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int {
		f.names = c.Args
		if wrong := f.wrongRun(c, arms); wrong != "" {
			return c.Complain("%s", wrong)
		}
		return run(ctx, c, f)
	})
	return cmd
}

// wrongRun takes over which arms are drilled, and says what of the flags cannot be used, ""
// if they can.
func (f *runFlags) wrongRun(c cli.Call, arms string) string {
	every := evidence.Arms()
	f.arms = every
	if arms != "" {
		f.arms = strings.Split(arms, ",")
	}
	for _, arm := range f.arms {
		if !slices.Contains(every, arm) {
			return fmt.Sprintf("there is no arm %q: use --arms with some of %s", arm, strings.Join(every, ","))
		}
	}
	if f.trace && f.engine != "" {
		return "--trace is of the reference engine: leave it out with --engine"
	}
	return f.wrong(c)
}

func run(ctx context.Context, c cli.Call, f runFlags) int {
	todo, own, err := selected(f.names)
	if err != nil {
		return misnamed(c, err)
	}
	s := session{flags: f, screen: newScreen(c.Stdout, c.Stderr, f.asJSON), started: time.Now(), own: own, stay: stayOf(c, f)}
	jobs := s.jobs(todo)
	if f.variants > 0 {
		if jobs, err = s.variants(todo); err != nil {
			return c.Complain("%v", err)
		}
	}
	if f.dry {
		return s.plans(c, jobs)
	}
	if err := s.prepare(ctx); err != nil {
		return c.Refuse(err)
	}
	return s.finish(c, s.drill(ctx, jobs))
}

// selected finds the scenarios of these names. What has a slash in it is a folder with
// a scenario of its own; own maps those scenarios' names to their folders.
func selected(names []string) (todo []scenarios.Scenario, own map[string]string, err error) {
	own = map[string]string{}
	var ours []string
	for _, name := range names {
		if !strings.ContainsRune(name, filepath.Separator) && name != "." && name != ".." {
			ours = append(ours, name)
			continue
		}
		s, err := scenarios.Own(name)
		if err != nil {
			return nil, nil, err
		}
		if clash, _ := scenarios.Find([]string{s.Name}); len(clash) > 0 || own[s.Name] != "" {
			return nil, nil, fmt.Errorf("%s: there is another scenario %s: give the folder another name", name, s.Name)
		}
		todo, own[s.Name] = append(todo, s), name
	}
	if len(ours) == 0 && len(todo) > 0 {
		return todo, own, nil
	}
	found, unknown := scenarios.Find(ours)
	if len(unknown) > 0 {
		return nil, nil, unknownError(unknown)
	}
	return append(found, todo...), own, nil
}

// misnamed says which of the names cannot be used, and returns the exit code for it.
func misnamed(c cli.Call, err error) int {
	var unknown unknownError
	if errors.As(err, &unknown) {
		return unknownScenario(c, unknown)
	}
	return c.Complain("%v", err)
}

// unknownError are names that no scenario and no label has.
type unknownError []string

func (e unknownError) Error() string { return "there is no scenario " + strings.Join(e, ", ") }

// session is one run of the command.
type session struct {
	flags    runFlags
	screen   *screen
	started  time.Time
	bench    drill.Bench
	intent   *cluster.Intent
	own      map[string]string // folders of scenarios from outside, by their names
	plan     report.Report     // what is to be drilled, none of it begun
	report   report.Report
	gate     *conformance.Gate          // nil of another command
	said     conformance.Statement      // of the gate, once the report is written
	extra    []string                   // words of the command that are its own
	quiet    bool                       // the report is written, and its summary not shown
	fleeting bool                       // nothing is written
	stay     *stay                      // nil where nobody asked to stay at a failure
	conclude func(*report.Report) error // adds to the report before it is written; nil of most commands
	foreign  string                     // image that the drills run in, instead of one of ours; "" for ours
}

// job is one drill to do.
type job struct {
	scenario scenarios.Scenario
	arm      string
	seed     int64
	engine   drill.Engine
	title    string
	tooth    *scenarios.Tooth // nil of another command
	place    int              // among the run's jobs
}

func (s *session) jobs(todo []scenarios.Scenario) []job {
	var jobs []job
	for n := range s.flags.repeat {
		for _, sc := range todo {
			for _, arm := range sc.Arms() {
				if slices.Contains(s.flags.arms, arm) {
					jobs = append(jobs, job{scenario: sc, arm: arm, seed: s.flags.seed + int64(n), engine: s.engine(), title: sc.Name + " " + arm})
				}
			}
		}
	}
	return jobs
}

func (s *session) try(ctx context.Context, i, of int, j job) (report.Drill, error) {
	bench := s.bench
	bench.Seed = j.seed
	title := fmt.Sprintf("[%d/%d] %s", i+1, of, j.title)
	bench.Watch = s.screen.watch(title)
	bench.Command = func(string, string, int64) string { return s.commandOf(j) }
	bench.Keep = func() (io.WriteCloser, error) { return folder.Grow(s.flags.out, s.plan, j.place) }
	if s.stay != nil {
		bench.Ended = s.ended(j)
	}
	try := func() (report.Drill, error) { return j.scenario.Try(ctx, j.arm, j.engine, bench) }
	if j.tooth != nil {
		try = func() (report.Drill, error) { return j.tooth.Try(ctx, bench) }
	}
	d, err := try()
	if held(d) {
		s.screen.done(title, d)
	}
	return d, err
}

func (s *session) engine() drill.Engine {
	if s.flags.image != "" {
		return drill.Image(s.flags.image, s.flags.engine)
	}
	if s.flags.dir != "" {
		return drill.Shell(s.flags.engine, s.flags.engine, os.DirFS(s.flags.dir))
	}
	if s.flags.engine != "" {
		return drill.Shell(s.flags.engine, s.flags.engine, nil)
	}
	e := drill.Reference(cli.Version())
	if s.flags.trace {
		e.Trace = "/tmp/pm2drill-trace.jsonl"
		e.Command = append(e.Command, "--trace", e.Trace)
	}
	return e
}

// traced keeps an engine's trace beside the report that is to come.
func (s *session) traced(scenario, arm string, trace []byte) error {
	dir := filepath.Join(s.flags.out, "traces")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot keep the engine's trace: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, scenario+"-"+arm+".jsonl"), trace, 0o644); err != nil {
		return fmt.Errorf("cannot keep the engine's trace: %w", err)
	}
	return nil
}

// finish writes the report of whatever was drilled and says how it went.
func (s *session) finish(c cli.Call, drillErr error) int {
	var engine drill.EngineError
	if errors.As(drillErr, &engine) {
		// There is nothing to report of no engine.
		return c.Refuse(errors.Join(engine, folder.Forget(s.flags.out)))
	}
	s.report.Run.Duration = time.Since(s.started)
	if len(s.report.Drills) > 0 {
		s.report.Dir = s.flags.out
		if s.conclude != nil {
			drillErr = errors.Join(drillErr, s.conclude(&s.report))
		}
		digest := report.DigestOf(s.report)
		drillErr = errors.Join(drillErr, s.write(c, digest))
		if !s.quiet {
			s.screen.summary(digest)
		}
	}
	if drillErr != nil {
		return c.Refuse(drillErr)
	}
	if s.gate != nil {
		if missing := s.said.Shortfall(); missing != "" {
			c.Complain("%s: %s", s.said.Result(), missing)
		}
		return cli.ExitCode(s.said.Verdict())
	}
	return cli.ExitCode(s.report.Verdict())
}

// write writes the report, and of a gate what it says of the engine.
func (s *session) write(c cli.Call, d report.Digest) error {
	if s.gate == nil {
		return errors.Join(folder.Write(s.flags.out, d), s.keepApps())
	}
	s.said = conformance.Conformance(d, *s.gate)
	return errors.Join(conformance.WriteGate(s.flags.out, s.said), s.keepApps(), s.tellGitHub(c, d))
}

// keepApps keeps what the fixtures ran as, and the source map by which stacks can be read.
func (s *session) keepApps() error {
	if !slices.ContainsFunc(s.report.Drills, func(d report.Drill) bool { return held(d) && d.Record.Header.Drawn != nil }) {
		return nil
	}
	dir := filepath.Join(s.flags.out, "app")
	err := os.MkdirAll(dir, 0o755)
	for name, text := range map[string][]byte{"app.js": s.bench.Apps.Script, "app.js.map": s.bench.Apps.Map} {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), text, 0o644))
	}
	if err != nil {
		return fmt.Errorf("cannot keep what the fixtures ran as: %w", err)
	}
	return nil
}
