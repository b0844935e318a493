package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
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

func (f *rehearsalFlags) add(fs *flag.FlagSet) {
	fs.BoolVar(&f.on, "rehearse", false, "start the app in a container and rehearse its rollout under load; needs Docker")
	fs.StringVar(&f.image, "image", "", "of --rehearse, an image with node and pm2 to run it in (default: the image of --node and --pm2)")
	fs.BoolVar(&f.npm, "npm-ci", false, "of --rehearse, install the app's modules by npm ci, apart from its folder, instead of copying node_modules")
	fs.StringVar(&f.app, "app", "", "of --rehearse, the app that serves, where the file has several")
	fs.IntVar(&f.port, "port", 0, "of --rehearse, the port that the app serves on (default: the one on which something listens)")
	fs.StringVar(&f.path, "path", "/", "of --rehearse, what to ask the app for: a path that is answered with 2xx, such as its health check")
	fs.StringVar(&f.long, "long-path", "", "of --rehearse, a path whose answer takes long")
	fs.Float64Var(&f.rate, "rate", 50, "of --rehearse, requests per second on new connections, and as many on reused ones")
	fs.DurationVar(&f.slow, "slow", 5*time.Second, "of --rehearse, how much longer a start takes on a slow day")
	fs.StringVar(&f.act, "acts", "", "of --rehearse, only these acts, separated by commas")
	fs.StringVar(&f.out, "out", "", "of --rehearse, the report folder (default: reports/RUN)")
	fs.IntVar(&f.jobs, "jobs", 0, "of --rehearse, acts side by side; 0 takes two for each core of the Docker host")
	fs.Int64Var(&f.seed, "seed", 0, "of --rehearse, seed of the timing; 0 draws one and prints it")
}

// wrongRehearsal says what of the flags cannot be used, "" if they can.
func (v *validation) wrongRehearsal(names []string) string {
	f := &v.rehearsal
	switch {
	case !f.on && (f.npm || f.image != "" || f.app != "" || f.act != ""):
		return "--npm-ci, --image, --app and --acts go with --rehearse"
	case !f.on:
		return ""
	case v.stdin || len(names) != 1:
		return "--rehearse takes one file or folder: the app is copied from where it lies"
	case v.format != "human" && v.format != "json":
		return "--rehearse writes human or json"
	case v.plan || v.fix:
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
	validation
	session
	subject *lint.Subject
	static  format.Result
	own     cluster.Own
	app     drill.App
	cluster bool             // PM2 runs the app in cluster mode
	veil    *redact.Redactor // before all that the app has a say in
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
func (v validation) rehearse(ctx context.Context, c call, name string, subjects []*lint.Subject, run format.Run) int {
	if len(subjects) > 1 {
		return complain(c, "validate", "%s has %d ecosystem files: name the one to rehearse", name, len(subjects))
	}
	s := subjects[0]
	st := stage{validation: v, subject: s, static: run.Results[0]}
	dir := name
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		dir = filepath.Dir(name)
	}
	file, err := filepath.Rel(dir, s.Path)
	if err != nil {
		return fail(c, "validate", err)
	}
	st.own = cluster.Own{Dir: dir, File: file, Env: v.env, Vars: map[string]string{}, Image: v.rehearsal.image}
	if err := readEnv(v.osEnv, st.own.Vars); err != nil {
		return complain(c, "validate", "%v", err)
	}
	st.veil = veilOf(s, st.own)
	if v.format == "human" {
		if err := format.Write(c.stdout, v.format, run); err != nil {
			return fail(c, "validate", err)
		}
	}
	st.session = st.newSession(c, name)
	if wrong := st.session.flags.wrong(c); wrong != "" {
		return complain(c, "validate", "%s", wrong)
	}
	if err := st.prepare(ctx); err != nil {
		return refuse(c, "validate", err)
	}
	st.session.bench.Clean = st.veil.Clean
	return st.play(ctx, c)
}

func (st *stage) newSession(c call, name string) session {
	f := st.validation.rehearsal
	s := session{
		flags: runFlags{
			command: "validate", names: []string{name}, repeat: 1, jobs: f.jobs, seed: f.seed, node: st.node, pm2: st.pm2, out: f.out, asJSON: st.format == "json",
		},
		started: time.Now(), extra: st.words(f.act), foreign: f.image, quiet: st.format == "json",
	}
	s.screen = newScreen(c.stdout, c.stderr, s.flags.asJSON)
	return s
}

// commandOf is the command that rehearses one act again.
func (st *stage) commandOf(act string) string {
	again := st.session
	again.extra = st.words(act)
	return again.command()
}

// words are the flags that ask for the same rehearsal, of these acts; "" for all.
func (v *validation) words(acts string) []string {
	f := v.rehearsal
	words := []string{"--rehearse"}
	for _, w := range []struct{ flag, value, otherwise string }{
		{"--acts", acts, ""}, {"--env", v.env, ""}, {"--image", f.image, ""}, {"--app", f.app, ""}, {"--path", f.path, "/"}, {"--long-path", f.long, ""},
		{"--rate", strconv.FormatFloat(f.rate, 'g', -1, 64), "50"}, {"--slow", f.slow.String(), "5s"}, {"--port", strconv.Itoa(f.port), "0"},
	} {
		if w.value != w.otherwise {
			words = append(words, w.flag, quoted(redact.Text(w.value)))
		}
	}
	if f.npm {
		words = append(words, "--npm-ci")
	}
	return words
}

// play does a first start, from which it learns what there is to drill, and then the
// acts.
func (st *stage) play(ctx context.Context, c call) int {
	st.session.bench.Command = func(scenario, _ string, _ int64) string { return st.commandOf(scenario) }
	failure, err := st.firstStart(ctx)
	if failure != "" {
		return st.neverServed(c, failure)
	}
	if err != nil {
		return refuse(c, "validate", err)
	}
	acts := scenarios.Rehearsal{
		App: st.app, Cluster: st.cluster, Slow: st.rehearsal.slow, Load: scenarios.OwnLoad(st.rehearsal.path, st.rehearsal.long, st.rehearsal.rate),
	}.Acts()
	var jobs []job
	for _, a := range acts {
		if st.rehearsal.act == "" || slices.Contains(strings.Split(st.rehearsal.act, ","), a.Name) {
			jobs = append(jobs, job{scenario: a, arm: a.RehearsalArm(), seed: st.session.flags.seed, engine: drill.Reference(version()), title: a.Name})
		}
	}
	if len(jobs) == 0 {
		var names []string
		for _, a := range acts {
			names = append(names, a.Name)
		}
		return complain(c, "validate", "there is no act %s: there are %s", st.rehearsal.act, strings.Join(names, ", "))
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
func (st *stage) end(c call, code int) int {
	out := st.session.report.Rehearsal
	if out == nil || code != exitKept && code != exitBroken && code != exitInconclusive {
		return code
	}
	if st.format == "json" {
		enc := json.NewEncoder(c.stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(out); err != nil {
			return fail(c, "validate", err)
		}
	}
	if code == exitKept && st.unrefuted(out.Checks) {
		return exitBroken
	}
	return code
}

// unrefuted reports whether a finding that is as bad as the threshold stands.
func (st *stage) unrefuted(checks []report.Check) bool {
	for i, f := range st.static.Findings {
		if f.Severity.AtLeast(lint.Severity(st.threshold)) && checks[i].Verdict != report.Refuted {
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
func (st *stage) neverServed(c call, failure string) int {
	images := st.session.bench.Images
	st.session.report.Run.Versions = report.Versions{PM2Drill: version(), PM2: images.PM2Version, Node: images.NodeVersion}
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
