package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/scenarios"
)

// runFlags is what `pm2drill run` was asked for.
type runFlags struct {
	names  []string // scenarios and labels
	arms   []string
	repeat int
	jobs   int // drills side by side
	seed   int64
	node   string
	pm2    string
	out    string
	engine string
	trace  bool
	asJSON bool
}

const runSynopsis = `[flags] [NAME|LABEL...]

Drills every arm of the scenarios (all of them if none is named), judges the
evidence and writes a report folder. The reference engine is drilled.
`

func runCommand(ctx context.Context, c call) int {
	f, code, done := parseRun(c)
	if done {
		return code
	}
	todo, unknown := scenarios.Find(f.names)
	if len(unknown) > 0 {
		return unknownScenario(c, unknown)
	}
	s := session{flags: f, screen: newScreen(c.stdout, c.stderr, f.asJSON), started: time.Now()}
	if err := s.prepare(ctx); err != nil {
		return refuse(c, err)
	}
	err := s.drill(ctx, todo)
	return s.finish(c, err)
}

func parseRun(c call) (f runFlags, code int, done bool) {
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	arms := fs.String("arms", "", "only these arms, separated by commas: "+strings.Join(evidence.Arms(), ", "))
	fs.IntVar(&f.repeat, "repeat", 1, "drill each arm this many times")
	fs.IntVar(&f.jobs, "jobs", 0, "drill this many arms side by side; 0 takes two for each core of the Docker host. A drill that finds the host too noisy is inconclusive, never kept")
	fs.Int64Var(&f.seed, "seed", 0, "seed of the injection's timing; 0 draws one and prints it")
	fs.StringVar(&f.node, "node", os.Getenv("NODE"), "Node version of the image (default "+cluster.DefaultNode+")")
	fs.StringVar(&f.pm2, "pm2", os.Getenv("PM2"), "PM2 version of the image (default "+cluster.DefaultPM2+")")
	fs.StringVar(&f.out, "out", "", "report folder (default: reports/RUN)")
	fs.StringVar(&f.engine, "engine", "", "command of the engine to drill, run inside the cluster's container (default: the reference engine)")
	fs.BoolVar(&f.trace, "trace", false, "keep what the reference engine saw, look by look, in the report folder's traces/")
	fs.BoolVar(&f.asJSON, "json", false, "print report.json on stdout instead of progress")
	if f.names, code, done = parse(fs, c, runSynopsis); done {
		return f, code, done
	}
	every := evidence.Arms()
	f.arms = every
	if *arms != "" {
		f.arms = strings.Split(*arms, ",")
	}
	for _, arm := range f.arms {
		if !slices.Contains(every, arm) {
			fmt.Fprintf(c.stderr, "pm2drill run: there is no arm %q: use --arms with some of %s\n", arm, strings.Join(every, ","))
			return f, exitUsage, true
		}
	}
	if f.repeat < 1 {
		fmt.Fprintf(c.stderr, "pm2drill run: --repeat %d drills nothing: give 1 or more\n", f.repeat)
		return f, exitUsage, true
	}
	if f.trace && f.engine != "" {
		fmt.Fprintf(c.stderr, "pm2drill run: --trace is of the reference engine: leave it out with --engine\n")
		return f, exitUsage, true
	}
	if f.jobs < 0 {
		fmt.Fprintf(c.stderr, "pm2drill run: --jobs %d drills nothing: give 1 or more, or 0 for as many as the host bears\n", f.jobs)
		return f, exitUsage, true
	}
	if f.seed == 0 {
		f.seed = rand.Int64N(1 << 31)
	}
	return f, exitKept, false
}

// session is one run of the command.
type session struct {
	flags   runFlags
	screen  *screen
	started time.Time
	bench   drill.Bench
	reaper  *cluster.Reaper
	report  report.Report
}

// job is one drill to do.
type job struct {
	scenario scenarios.Scenario
	arm      string
	seed     int64
}

func (s *session) jobs(todo []scenarios.Scenario) []job {
	var jobs []job
	for n := range s.flags.repeat {
		for _, sc := range todo {
			for _, arm := range sc.Arms() {
				if slices.Contains(s.flags.arms, arm) {
					jobs = append(jobs, job{sc, arm, s.flags.seed + int64(n)})
				}
			}
		}
	}
	return jobs
}

func (s *session) try(ctx context.Context, i, of int, j job) (report.Drill, error) {
	bench := s.bench
	bench.Seed = j.seed
	title := fmt.Sprintf("[%d/%d] %s %s", i+1, of, j.scenario.Name, j.arm)
	bench.Watch = s.screen.watch(title)
	d, err := j.scenario.Try(ctx, j.arm, s.engine(), bench)
	if held(d) {
		s.screen.done(title, d)
	}
	return d, err
}

func (s *session) engine() drill.Engine {
	if s.flags.engine != "" {
		return drill.Engine{Name: s.flags.engine, Command: []string{"sh", "-c", "exec " + s.flags.engine}}
	}
	e := drill.Engine{Name: "pm2drill engine " + version(), Command: []string{"pm2drill", "engine"}}
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
func (s *session) finish(c call, drillErr error) int {
	s.report.Run.Duration = time.Since(s.started)
	if n := len(s.report.Drills); n > 0 {
		h := s.report.Drills[n-1].Record.Header
		s.report.Run.Versions = report.Versions{PM2Drill: version(), Engine: s.engine().Name, PM2: h.PM2, Node: h.Node}
		s.report.Dir = s.flags.out
		if err := report.Write(s.flags.out, s.report); err != nil {
			drillErr = errors.Join(drillErr, err)
		}
		s.screen.summary(s.report)
	}
	var usage usageError
	switch {
	case errors.As(drillErr, &usage):
		return refuse(c, drillErr)
	case errors.Is(drillErr, context.Canceled):
		fmt.Fprintln(c.stderr, "pm2drill run: interrupted; what was started has been removed")
		return exitInterrupted
	case drillErr != nil:
		return fail(c, "run", drillErr)
	}
	return exitCode(s.report.Verdict())
}

func exitCode(v promise.Verdict) int {
	switch v {
	case promise.Kept:
		return exitKept
	case promise.Broken:
		return exitBroken
	}
	return exitInconclusive
}

// usageError is input that cannot be used; it exits with 64.
type usageError struct{ what string }

func (e usageError) Error() string { return e.what }

func refuse(c call, err error) int {
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(c.stderr, "pm2drill run: %v\n", err)
		return exitUsage
	}
	return fail(c, "run", err)
}

// command is the command that does this run again.
func (s *session) command() string {
	words := []string{"bin/pm2drill", "run", "--seed", strconv.FormatInt(s.flags.seed, 10), "--node", s.flags.node, "--pm2", s.flags.pm2}
	if s.flags.repeat > 1 {
		words = append(words, "--repeat", strconv.Itoa(s.flags.repeat))
	}
	words = append(words, "--jobs", strconv.Itoa(s.flags.jobs))
	if s.flags.engine != "" {
		words = append(words, "--engine", strconv.Quote(s.flags.engine))
	}
	if len(s.flags.arms) < len(evidence.Arms()) {
		words = append(words, "--arms", strings.Join(s.flags.arms, ","))
	}
	return strings.Join(append(words, s.flags.names...), " ")
}

// reproduce is the command that drills one arm again.
func (s *session) reproduce(scenario, arm string, seed int64) string {
	return fmt.Sprintf("bin/pm2drill run --arms %s --seed %d --node %s --pm2 %s %s", arm, seed, s.flags.node, s.flags.pm2, scenario)
}

// runID names a run by its start, so that folders sort.
func runID(t time.Time, seed int64) string {
	return fmt.Sprintf("%s-%04x", t.UTC().Format("20060102-150405"), seed&0xffff)
}
