package session

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/scenarios"
)

// Session is one run of a verb that drills.
type Session struct {
	Flags    Flags
	Progress *Progress
	Started  time.Time
	Bench    drill.Bench
	Intent   *cluster.Intent
	Own      map[string]string // folders of scenarios from outside, by their names
	plan     report.Report     // what is to be drilled, none of it begun
	Report   report.Report
	Extra    []string      // words of the command that are its own
	Quiet    bool          // the report is written, and its summary not shown
	Fleeting bool          // nothing is written
	shard    *report.Shard // nil of a whole run
	hosts    []*host       // the first is that of Bench
	Foreign  string        // image that the drills run in, instead of one of ours; "" for ours
	Hooks    Hooks
}

// Hooks are what a verb does besides the drills; each may be nil.
type Hooks struct {
	// Ended looks at a drill that is over, before its cluster is removed.
	Ended func(ctx context.Context, j Job, r *evidence.Record, h *drill.Held) error
	// Conclude adds to the report before it is written.
	Conclude func(*report.Report) error
	// Write writes the report, instead of folder.Write.
	Write func(c cli.Call, d report.Digest) error
	// Rule returns the verdict on the run, instead of the report's.
	Rule func(c cli.Call, r report.Report) promise.Verdict
}

// Again returns a session that drills on the same hosts with the same flags, and writes a report
// of its own into a folder. It has no hooks and shows no summary.
func (s *Session) Again(out string, started time.Time) Session {
	again := Session{
		Flags: s.Flags, Progress: s.Progress, Started: started, Bench: s.Bench, Intent: s.Intent, Report: report.Report{Run: s.Report.Run},
		Extra: s.Extra, hosts: s.hosts, Foreign: s.Foreign, Quiet: true,
	}
	again.Flags.Out, again.Report.Run.Started = out, started
	return again
}

// Job is one drill to do.
type Job struct {
	Scenario scenarios.Scenario
	Arm      string
	Seed     int64
	Engine   drill.Engine
	Title    string
	Try      func(context.Context, drill.Bench) (report.Drill, error) // drills it; nil for Scenario.Try
	Spoils   bool                                                     // it must be inconclusive, and is not repeated for that
	place    int                                                      // among the run's jobs
}

// NewJobs returns the drills of the scenarios: every arm that the flags name, as often as they
// ask for.
func (s *Session) NewJobs(todo []scenarios.Scenario) []Job {
	var jobs []Job
	for n := range s.Flags.Repeat {
		for _, sc := range todo {
			for _, arm := range sc.Arms() {
				if slices.Contains(s.Flags.Arms, arm) {
					jobs = append(jobs, Job{Scenario: sc, Arm: arm, Seed: s.Flags.Seed + int64(n), Engine: s.NewEngine(), Title: sc.Name + " " + arm})
				}
			}
		}
	}
	return jobs
}

// tryJob drills one job, the i-th (from 0) of so many, on a host.
func (s *Session) tryJob(ctx context.Context, at *host, i, of int, j Job) (report.Drill, error) {
	bench := s.Bench
	bench.Docker, bench.Binary, bench.Boot = at.docker, at.binary, at.boot
	bench.Seed = j.Seed
	title := fmt.Sprintf("[%d/%d] %s", i+1, of, j.Title)
	if len(s.Flags.Hosts) > 0 {
		bench.Host = at.docker.Address()
		title += " on " + bench.Host
	}
	bench.Watch = s.Progress.Watch(title)
	bench.Command = func(string, string, int64) string { return s.formatJobCommand(j) }
	bench.Keep = func() (io.WriteCloser, error) { return folder.Grow(s.Flags.Out, s.plan, j.place) }
	if s.Hooks.Ended != nil {
		bench.Ended = func(ctx context.Context, r *evidence.Record, h *drill.Held) error { return s.Hooks.Ended(ctx, j, r, h) }
	}
	try := j.Try
	if try == nil {
		try = func(ctx context.Context, b drill.Bench) (report.Drill, error) {
			return j.Scenario.Try(ctx, j.Arm, j.Engine, b)
		}
	}
	d, err := try(ctx, bench)
	if HasEvidence(d) {
		s.Progress.ShowResult(title, d)
	}
	return d, err
}

// NewEngine returns the engine under test: the one that the flags name, or the reference
// engine.
func (s *Session) NewEngine() drill.Engine {
	if s.Flags.EngineImage != "" {
		return drill.Image(s.Flags.EngineImage, s.Flags.Engine)
	}
	if s.Flags.EngineDir != "" {
		return drill.Shell(s.Flags.Engine, s.Flags.Engine, os.DirFS(s.Flags.EngineDir))
	}
	if s.Flags.Engine != "" {
		return drill.Shell(s.Flags.Engine, s.Flags.Engine, nil)
	}
	e := drill.Reference(cli.Version())
	if s.Flags.Trace {
		e.Trace = "/tmp/pm2drill-trace.jsonl"
		e.Command = append(e.Command, "--trace", e.Trace)
	}
	return e
}

// keepTrace keeps an engine's trace beside the report that is to come.
func (s *Session) keepTrace(scenario, arm string, trace []byte) error {
	dir := filepath.Join(s.Flags.Out, "traces")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot keep the engine's trace: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, scenario+"-"+arm+".jsonl"), trace, 0o644); err != nil {
		return fmt.Errorf("cannot keep the engine's trace: %w", err)
	}
	return nil
}

// Title names what is shown, and on what it runs.
func (s *Session) Title(scenario, arm string) string {
	return fmt.Sprintf("%s, %s   PM2 %s, Node %s", scenario, arm, s.Flags.PM2, s.Flags.Node)
}
