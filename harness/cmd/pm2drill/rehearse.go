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
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/format"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/rehearsal"
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
func rehearsalCompletions() completions {
	acts := func() (names []string) {
		for _, a := range (scenarios.Rehearsal{}).Acts() {
			names = append(names, a.Name)
		}
		return names
	}
	return completions{"acts": completeList(acts), "out": completeFolders}
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
func (v validation) rehearse(ctx context.Context, c cli.Call, name string, subjects []*lint.Subject, run format.Run) int {
	if len(subjects) > 1 {
		return c.Complain("%s has %d ecosystem files: name the one to rehearse", name, len(subjects))
	}
	s := subjects[0]
	st := stage{validation: v, subject: s, static: run.Results[0]}
	dir := name
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		dir = filepath.Dir(name)
	}
	file, err := filepath.Rel(dir, s.Path)
	if err != nil {
		return c.Fail(err)
	}
	st.own = cluster.Own{Dir: dir, File: file, Env: v.env, Vars: map[string]string{}, Image: v.rehearsal.image}
	if err := readEnv(v.osEnv, st.own.Vars); err != nil {
		return c.Complain("%v", err)
	}
	st.veil = veilOf(s, st.own)
	if v.format == "human" {
		if err := format.Write(c.Stdout, v.format, run); err != nil {
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
	f := st.validation.rehearsal
	s := session{
		flags: runFlags{
			command: "validate", names: []string{name}, repeat: 1, jobs: f.jobs, seed: f.seed, node: st.node, pm2: st.pm2, out: f.out, asJSON: st.format == "json",
		},
		started: time.Now(), extra: f.words(), foreign: f.image, quiet: st.format == "json",
	}
	s.screen = newScreen(c.Stdout, c.Stderr, s.flags.asJSON)
	return s
}

// words are the flags that ask for the same rehearsal.
func (f rehearsalFlags) words() []string {
	words := []string{"--rehearse"}
	for _, w := range []struct{ flag, value, otherwise string }{
		{"--image", f.image, ""}, {"--app", f.app, ""}, {"--path", f.path, "/"}, {"--long-path", f.long, ""},
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
func (st *stage) play(ctx context.Context, c cli.Call) int {
	st.session.bench.Command = func(scenario, _ string, _ int64) string {
		return st.session.command() + " --acts " + scenario
	}
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
			jobs = append(jobs, job{scenario: a, arm: a.RehearsalArm(), seed: st.session.flags.seed, engine: drill.Reference(version()), title: a.Name})
		}
	}
	if len(jobs) == 0 {
		var names []string
		for _, a := range acts {
			names = append(names, a.Name)
		}
		return c.Complain("there is no act %s: there are %s", st.rehearsal.act, strings.Join(names, ", "))
	}
	code := st.finish(c, st.drill(ctx, jobs))
	if code != cli.ExitKept && code != cli.ExitBroken && code != cli.ExitInconclusive {
		return code
	}
	return st.tell(c, code)
}

// tell adds to the report what the rehearsal means for the file.
func (st *stage) tell(c cli.Call, code int) int {
	var acts []rehearsal.Act
	for _, d := range st.session.report.Drills {
		acts = append(acts, rehearsal.Act{Name: d.Scenario, Record: d.Record, Rulings: d.Rulings, Slowed: d.Scenario == "slow-start"})
	}
	figures := rehearsal.Measure(acts)
	out := rehearsal.Outcome{
		Schema: rehearsal.Schema, File: st.subject.Path, App: st.app.Name, Workers: st.app.Workers,
		Verdict: string(st.session.report.Verdict()), Report: st.session.flags.out, Figures: figures,
		Checks: rehearsal.Confirm(st.static.Findings, acts, figures),
	}
	if err := st.propose(&out); err != nil {
		return c.Fail(err)
	}
	if err := st.write(c, out); err != nil {
		return c.Fail(err)
	}
	if code == cli.ExitKept && st.unrefuted(out.Checks) {
		return cli.ExitBroken
	}
	return code
}

// propose adds the settings that the figures ask for, and the patch.
func (st *stage) propose(out *rehearsal.Outcome) error {
	i := slices.IndexFunc(st.subject.Apps, func(a lint.App) bool { return a.Name == st.app.Name })
	if i < 0 { // a file that was not evaluated, or an app without a name
		return nil
	}
	app := st.subject.Apps[i]
	out.Proposals = rehearsal.Propose(app, out.Figures, st.rehearsal.slow)
	var wanted []lint.Pair
	for _, p := range out.Proposals {
		wanted = append(wanted, lint.Pair{Key: p.Key, Value: p.Value})
	}
	after, n := lint.Mend(st.subject, lint.Settle(app, wanted))
	if n == 0 {
		return nil
	}
	patch, err := lint.Diff(st.subject.Path, st.subject.Source, after)
	if st.veil.Clean(patch) == patch { // with a secret beside the setting, the proposals must do
		out.Patch = patch
	}
	return err
}

// write keeps the outcome beside the report and shows it.
func (st *stage) write(c cli.Call, out rehearsal.Outcome) error {
	text, err := json.MarshalIndent(out, "", "  ")
	if err == nil {
		text = append(text, '\n')
		err = os.WriteFile(filepath.Join(st.session.flags.out, "rehearsal.json"), text, 0o644)
	}
	if err != nil {
		return fmt.Errorf("cannot write the rehearsal: %w", err)
	}
	if st.format == "json" {
		_, err = c.Stdout.Write(text)
		return err
	}
	_, err = fmt.Fprintf(c.Stdout, "\n%s", out.Text(st.colour))
	return err
}

// unrefuted reports whether a finding that is as bad as the threshold stands.
func (st *stage) unrefuted(checks []rehearsal.Check) bool {
	for i, f := range st.static.Findings {
		if f.Severity.AtLeast(lint.Severity(st.threshold)) && checks[i].Verdict != rehearsal.Refuted {
			return true
		}
	}
	return false
}

// neverServed reports a first start from which nobody came to serve.
func (st *stage) neverServed(c cli.Call, failure string) int {
	out := rehearsal.Outcome{
		Schema: rehearsal.Schema, File: st.subject.Path, App: st.app.Name, Verdict: string(promise.Broken),
	}
	for _, f := range st.static.Findings {
		out.Checks = append(out.Checks, rehearsal.Check{Rule: f.Rule, Key: f.Key, Verdict: rehearsal.Unseen, Because: "the app never served"})
	}
	if st.format == "json" {
		enc := json.NewEncoder(c.Stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(out); err != nil {
			return c.Fail(err)
		}
	}
	fmt.Fprintf(c.Stderr, "✗ cold-start: every worker starts once and stays\n    %s\n", strings.ReplaceAll(st.veil.Clean(failure), "\n", "\n    "))
	return cli.ExitBroken
}
