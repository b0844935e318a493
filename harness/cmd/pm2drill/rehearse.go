package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/validate"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/format"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/rehearsal"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/scenarios"
)

// rehearsalFlags are what validate --rehearse takes besides.
type rehearsalFlags struct {
	on, npm              bool
	image, app           string
	path, long, out, act string
	port, jobs           int
	rate                 float64
	slow                 time.Duration
	seed                 int64
}

func (f *rehearsalFlags) add(fs *pflag.FlagSet) {
	fs.BoolVar(&f.on, "rehearse", false, "start the app in a container and rehearse its rollout under load; needs Docker")
	fs.StringVar(&f.image, "image", "", "`IMAGE` with node and pm2 to run it in (default: the image of --node and --pm2)")
	fs.BoolVar(&f.npm, "npm-ci", false, "install the app's modules by npm ci, outside its folder, instead of copying node_modules")
	fs.StringVar(&f.app, "app", "", "`NAME` of the app that serves, if the file has several")
	fs.IntVar(&f.port, "port", 0, "`PORT` that the app serves on (default: the one on which something listens)")
	fs.StringVar(&f.path, "path", "/", "`PATH` to request, which must be answered with 2xx, such as the health check")
	fs.StringVar(&f.long, "long-path", "", "`PATH` whose answer takes long")
	fs.Float64Var(&f.rate, "rate", 50, "`N` requests per second on new connections, and as many on reused ones, 5 to 1000")
	fs.DurationVar(&f.slow, "slow", 5*time.Second, "how much longer a start takes on a slow day, at most 1m")
	fs.StringVar(&f.act, "acts", "", "only these `ACTS`, separated by commas")
	fs.StringVar(&f.out, "out", "", "write the report to this `FOLDER` (default reports/RUN)")
	fs.IntVar(&f.jobs, "jobs", 0, "`N` acts side by side; 0 means two for each core of the Docker host")
	fs.Int64Var(&f.seed, "seed", 0, "seed `N` of the timing; 0 draws one and prints it")
}

// rehearsalCompletions are the values of those flags.
func rehearsalCompletions() cli.Completions {
	acts := func() (names []string) {
		for _, a := range (scenarios.Rehearsal{}).Acts() {
			names = append(names, a.Name)
		}
		return names
	}
	return cli.Completions{"acts": cli.CompleteList(acts), "out": cli.CompleteFolders}
}

// wrong says what of the flags cannot be used, "" if they can.
func (f *rehearsalFlags) wrong(v *validate.Validation, names []string) string {
	switch {
	case !f.on && (f.npm || f.image != "" || f.app != "" || f.act != ""):
		return "--npm-ci, --image, --app and --acts go with --rehearse"
	case !f.on:
		return ""
	case v.Stdin || len(names) != 1:
		return "--rehearse takes one file or folder: the app is copied from where it lies"
	case v.Format != "human" && v.Format != "json":
		return "--rehearse writes human or json"
	case v.Plan || v.Fix:
		return "--rehearse goes with neither --plan nor --fix"
	case !strings.HasPrefix(f.path, "/") || (f.long != "" && !strings.HasPrefix(f.long, "/")):
		return "--path and --long-path begin with /"
	case !(f.rate >= 5) || f.rate > 1000:
		return fmt.Sprintf("--rate %v: give 5 to 1000 requests per second", f.rate)
	case f.slow < 0 || f.slow > time.Minute:
		return fmt.Sprintf("--slow %s: give at most a minute", f.slow)
	}
	return ""
}

// stage is a rehearsal under way.
type stage struct {
	validate.Validation
	session
	rehearsal rehearsalFlags
	subject   *lint.Subject
	static    format.Result
	own       cluster.Own
	app       drill.App
	cluster   bool             // PM2 runs the app in cluster mode
	veil      *redact.Redactor // before all that the app has a say in
}

// veilOf knows the secrets of an app: those of its ecosystem file, of its folder and of
// the environment that PM2 is called in.
func veilOf(s *lint.Subject, own cluster.Own) *redact.Redactor {
	veil := new(redact.Redactor)
	for _, a := range s.Apps {
		veil.Keep(a.Name)
	}
	veil.LearnVariables(own.Vars)
	veil.LearnFolder(own.Dir)
	veil.LearnTree(s.Config.Top.Plain()) // nil of a file that was not evaluated
	return veil
}

// rehearse shows what the linter finds, and then what happens.
func rehearse(ctx context.Context, c cli.Call, v validate.Validation, f rehearsalFlags, name string, subjects []*lint.Subject, run format.Run) int {
	if len(subjects) > 1 {
		return c.Complain("%s has %d ecosystem files: name the one to rehearse", name, len(subjects))
	}
	s := subjects[0]
	st := stage{Validation: v, rehearsal: f, subject: s, static: run.Results[0]}
	dir := name
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		dir = filepath.Dir(name)
	}
	file, err := filepath.Rel(dir, s.Path)
	if err != nil {
		return c.Fail(err)
	}
	st.own = cluster.Own{Dir: dir, File: file, Env: v.Env, Vars: map[string]string{}, Image: f.image}
	if err := validate.ReadEnv(v.OSEnv, st.own.Vars); err != nil {
		return c.Complain("%v", err)
	}
	st.veil = veilOf(s, st.own)
	if v.Format == "human" {
		if err := format.Write(c.Stdout, v.Format, run); err != nil {
			return c.Fail(err)
		}
	}
	st.session = st.newSession(c, name)
	if wrong := st.session.flags.wrong(c); wrong != "" {
		return c.Complain("%s", wrong)
	}
	if err := st.prepare(ctx); err != nil {
		return c.Refuse(err)
	}
	st.session.bench.Clean = st.veil.Clean
	return st.play(ctx, c)
}

func (st *stage) newSession(c cli.Call, name string) session {
	f := st.rehearsal
	s := session{
		flags: runFlags{
			command: "validate", names: []string{name}, repeat: 1, jobs: f.jobs, seed: f.seed, node: st.Node, pm2: st.PM2, out: f.out, asJSON: st.Format == "json",
		},
		started: time.Now(), extra: st.words(f.act), foreign: f.image, quiet: st.Format == "json",
	}
	s.screen = newScreen(c.Stdout, c.Stderr, s.flags.asJSON)
	return s
}

// commandOf is the command that rehearses one act again.
func (st *stage) commandOf(act string) string {
	again := st.session
	again.extra = st.words(act)
	return again.command()
}

// words are the flags that ask for the same rehearsal, of these acts; "" for all.
func (st *stage) words(acts string) []string {
	f := st.rehearsal
	words := []string{"--rehearse"}
	for _, w := range []struct{ flag, value, otherwise string }{
		{"--acts", acts, ""}, {"--env", st.Env, ""}, {"--image", f.image, ""}, {"--app", f.app, ""}, {"--path", f.path, "/"}, {"--long-path", f.long, ""},
		{"--rate", strconv.FormatFloat(f.rate, 'g', -1, 64), "50"}, {"--slow", f.slow.String(), "5s"}, {"--port", strconv.Itoa(f.port), "0"},
	} {
		if w.value != w.otherwise {
			words = append(words, w.flag, cli.QuoteWord(redact.Text(w.value)))
		}
	}
	if f.npm {
		words = append(words, "--npm-ci")
	}
	return words
}

// play does a first start, from which it learns what there is to drill, and then the
// acts.
func (st *stage) play(ctx context.Context, c cli.Call) int {
	st.session.bench.Command = func(scenario, _ string, _ int64) string { return st.commandOf(scenario) }
	failure, err := st.firstStart(ctx)
	if failure != "" {
		return st.neverServed(c, failure)
	}
	if err != nil {
		return c.Refuse(err)
	}
	acts := scenarios.Rehearsal{
		App: st.app, Cluster: st.cluster, Slow: st.rehearsal.slow, Load: scenarios.OwnLoad(st.rehearsal.path, st.rehearsal.long, st.rehearsal.rate),
	}.Acts()
	var jobs []job
	for _, a := range acts {
		if st.rehearsal.act == "" || slices.Contains(strings.Split(st.rehearsal.act, ","), a.Name) {
			jobs = append(jobs, job{scenario: a, arm: a.RehearsalArm(), seed: st.session.flags.seed, engine: drill.Reference(cli.Version()), title: a.Name})
		}
	}
	if len(jobs) == 0 {
		var names []string
		for _, a := range acts {
			names = append(names, a.Name)
		}
		return c.Complain("there is no act %s: there are %s", st.rehearsal.act, strings.Join(names, ", "))
	}
	st.session.conclude = st.conclude
	return st.end(c, st.finish(c, st.drill(ctx, jobs)))
}

// conclude adds to the report what the rehearsal means for the file.
func (st *stage) conclude(r *report.Report) error {
	var acts []rehearsal.Act
	for _, d := range r.Drills {
		if held(d) {
			acts = append(acts, rehearsal.Act{Name: d.Scenario, Record: d.Record, Rulings: d.Rulings, Slowed: d.Scenario == "slow-start"})
		}
	}
	figures := rehearsal.Measure(acts)
	out := &report.Rehearsal{
		Schema: report.RehearsalSchema, File: st.subject.Path, App: st.app.Name, Workers: st.app.Workers,
		Verdict: string(r.Verdict()), Report: st.session.flags.out, Figures: figures,
		Checks: rehearsal.Confirm(st.static.Findings, acts, figures),
	}
	r.Rehearsal = out
	return st.propose(out, rehearsal.Measure(rehearsal.Sound(acts)))
}

// propose adds the app's settings, those that the figures of sound acts call for, and the
// patch.
func (st *stage) propose(out *report.Rehearsal, sound report.Measured) error {
	i := slices.IndexFunc(st.subject.Apps, func(a lint.App) bool { return a.Name == st.app.Name })
	if i < 0 { // a file that was not evaluated, or an app without a name
		return nil
	}
	app := st.subject.Apps[i]
	out.Settings, out.Proposals = rehearsal.Settings(app), rehearsal.Propose(app, sound, st.rehearsal.slow)
	var wanted []lint.Pair
	for _, p := range out.Proposals {
		wanted = append(wanted, lint.Pair{Key: p.Key, Value: p.Value})
	}
	after, n := lint.Mend(st.subject, lint.Settle(app, wanted))
	if n == 0 {
		return nil
	}
	var err error
	out.Patch, err = rehearsal.Patch(filepath.Base(st.subject.Path), st.subject.Source, after,
		func(patch string) bool { return st.veil.Clean(patch) != patch })
	return err
}

// end shows the outcome as JSON if that was asked for, and returns the exit code.
func (st *stage) end(c cli.Call, code int) int {
	out := st.session.report.Rehearsal
	if out == nil || code != cli.ExitKept && code != cli.ExitBroken && code != cli.ExitInconclusive {
		return code
	}
	if st.Format == "json" {
		enc := json.NewEncoder(c.Stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(out); err != nil {
			return c.Fail(err)
		}
	}
	if code == cli.ExitKept && st.unrefuted(out.Checks) {
		return cli.ExitBroken
	}
	return code
}

// unrefuted reports whether a finding that is as bad as the threshold stands.
func (st *stage) unrefuted(checks []report.Check) bool {
	for i, f := range st.static.Findings {
		if f.Severity.AtLeast(lint.Severity(st.Threshold)) && checks[i].Verdict != report.Refuted {
			return true
		}
	}
	return false
}

// withoutFrames leaves out the table of pm2 ls, which no other width than its own can show.
func withoutFrames(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		return strings.HasPrefix(line, "host metrics") || strings.IndexAny(line, "┌├└│") == 0
	})
	return strings.Join(lines, "\n")
}

// neverServed reports a first start from which nobody came to serve: a cold start that is
// broken, with PM2's and the app's own words.
func (st *stage) neverServed(c cli.Call, failure string) int {
	images := st.session.bench.Images
	st.session.report.Run.Versions = report.Versions{PM2Drill: cli.Version(), PM2: images.PM2Version, Node: images.NodeVersion}
	st.session.report.Drills = []report.Drill{{
		Scenario: "cold-start", Arm: evidence.ArmRehearsal, Story: "pm2 start, as on a host that has just booted.",
		Command: st.session.command(), Verdict: promise.Broken,
		Rulings: []promise.Ruling{{
			Name: promise.StaysUp().Name, Promise: promise.StaysUp().Sentence, Verdict: promise.Broken, Expected: promise.Kept, Because: st.veil.Clean(withoutFrames(failure)),
		}},
	}}
	st.session.conclude = func(r *report.Report) error {
		r.Rehearsal = &report.Rehearsal{
			Schema: report.RehearsalSchema, File: st.subject.Path, App: st.app.Name, Verdict: string(promise.Broken), Report: st.session.flags.out,
		}
		for _, f := range st.static.Findings {
			r.Rehearsal.Checks = append(r.Rehearsal.Checks, report.Check{Rule: f.Rule, Key: f.Key, Verdict: report.Unseen, Because: "the app never served"})
		}
		return nil
	}
	return st.end(c, st.finish(c, nil))
}
