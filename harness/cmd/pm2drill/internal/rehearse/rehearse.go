package rehearse

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
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

// rehearsalRun is a rehearsal under way.
type rehearsalRun struct {
	validate.Validation
	session.Session
	rehearsal Flags
	subject   *lint.Subject
	static    format.Result
	own       cluster.Own
	app       drill.App
	cluster   bool             // PM2 runs the app in cluster mode
	redactor  *redact.Redactor // before all that the app has a say in
	advice    advice           // of conclude
}

// newRedactor knows the secrets of an app: those of its ecosystem file, of its folder and of
// the environment that PM2 is called in.
func newRedactor(s *lint.Subject, own cluster.Own) *redact.Redactor {
	veil := new(redact.Redactor)
	for _, a := range s.Apps {
		veil.Keep(a.Name)
	}
	veil.LearnVariables(own.Vars)
	veil.LearnFolder(own.Dir)
	veil.LearnTree(s.Config.Top.Plain()) // nil of a file that was not evaluated
	return veil
}

// Run shows what the linter finds, and then what happens.
func Run(ctx context.Context, c cli.Call, v validate.Validation, f Flags, name string, subjects []*lint.Subject, run format.Run) int {
	if len(subjects) > 1 {
		return c.Complain("%s has %d ecosystem files: name the one to rehearse", name, len(subjects))
	}
	s := subjects[0]
	st := rehearsalRun{Validation: v, rehearsal: f, subject: s, static: run.Results[0]}
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
	st.redactor = newRedactor(s, st.own)
	st.redactor.LearnVariables(f.request.secrets())
	if v.Format == "human" {
		if err := format.Write(c.Stdout, v.Format, run); err != nil {
			return c.Fail(err)
		}
	}
	st.Session = st.newSession(c, name)
	if wrong := st.Session.Flags.Wrong(c); wrong != "" {
		return c.Complain("%s", wrong)
	}
	if err := st.Prepare(ctx); err != nil {
		return c.Refuse(err)
	}
	st.Session.Bench.Clean = st.redactor.Clean
	return st.run(ctx, c)
}

func (st *rehearsalRun) newSession(c cli.Call, name string) session.Session {
	f := st.rehearsal
	s := session.Session{
		Flags: session.Flags{
			Command: "validate", Names: []string{name}, Repeat: 1, Jobs: f.jobs, Seed: f.seed, Node: st.Node, PM2: st.PM2, Out: f.out, AsJSON: st.Format == "json",
		},
		Started: time.Now(), Extra: st.listFlags(f.acts), Foreign: f.image, Quiet: st.Format == "json",
	}
	s.Progress = session.NewProgress(c.Stdout, c.Stderr, s.Flags.AsJSON)
	return s
}

// formatCommand returns the command that rehearses one act again.
func (st *rehearsalRun) formatCommand(act string) string {
	again := st.Session
	again.Extra = st.listFlags(act)
	return again.Command()
}

// listFlags returns the flags that ask for the same rehearsal, of these acts; "" for all.
func (st *rehearsalRun) listFlags(acts string) []string {
	f := st.rehearsal
	words := []string{"--rehearse"}
	for _, w := range []struct{ flag, value, otherwise string }{
		{"--acts", acts, ""}, {"--env", st.Env, ""}, {"--image", f.image, ""}, {"--app", f.app, ""}, {"--path", f.path, "/"}, {"--long-path", f.longPath, ""},
		{"--rate", strconv.FormatFloat(f.rate, 'g', -1, 64), "50"}, {"--slow", f.slow.String(), "5s"}, {"--port", strconv.Itoa(f.port), "0"},
	} {
		if w.value != w.otherwise {
			words = append(words, w.flag, cli.QuoteWord(redact.Text(w.value)))
		}
	}
	for _, w := range f.request.words() {
		words = append(words, w[0], cli.QuoteWord(w[1]))
	}
	if f.npmCI {
		words = append(words, "--npm-ci")
	}
	if f.verify {
		words = append(words, "--verify")
	}
	return words
}

// run does a first start, from which it learns what there is to drill, and then the
// acts.
func (st *rehearsalRun) run(ctx context.Context, c cli.Call) int {
	st.Session.Bench.Command = func(scenario, _ string, _ int64) string { return st.formatCommand(scenario) }
	failure, err := st.startFirst(ctx)
	if failure != "" {
		return st.reportNeverServed(c, failure)
	}
	if err != nil {
		return c.Refuse(err)
	}
	jobs := st.jobs()
	if len(jobs) == 0 {
		return c.Complain("there is no act %s: there are %s", st.rehearsal.acts, strings.Join(st.actNames(), ", "))
	}
	st.Session.Hooks.Conclude = func(r *report.Report) error {
		err := st.conclude(r)
		if err == nil && st.rehearsal.verify && ctx.Err() == nil {
			err = st.verify(ctx, c, r)
		}
		return err
	}
	return st.finish(c, st.Finish(c, st.Drill(ctx, jobs)))
}

// acts are the acts of the app that the first start has found.
func (st *rehearsalRun) acts() []scenarios.Scenario {
	return scenarios.Rehearsal{
		App: st.app, Cluster: st.cluster, Slow: st.rehearsal.slow, Load: st.rehearsal.lanes(),
	}.Acts()
}

func (st *rehearsalRun) actNames() (names []string) {
	for _, a := range st.acts() {
		names = append(names, a.Name)
	}
	return names
}

// jobs are the acts that were asked for.
func (st *rehearsalRun) jobs() (jobs []session.Job) {
	for _, a := range st.acts() {
		if st.rehearsal.acts == "" || slices.Contains(strings.Split(st.rehearsal.acts, ","), a.Name) {
			jobs = append(jobs, session.Job{Scenario: a, Arm: a.RehearsalArm(), Seed: st.Session.Flags.Seed, Engine: drill.Reference(cli.Version()), Title: a.Name})
		}
	}
	return jobs
}

// conclude adds to the report what the rehearsal means for the file.
func (st *rehearsalRun) conclude(r *report.Report) error {
	var acts []rehearsal.Act
	for _, d := range r.Drills {
		if session.HasEvidence(d) {
			acts = append(acts, rehearsal.Act{Name: d.Scenario, Record: d.Record, Rulings: d.Rulings, Slowed: d.Scenario == "slow-start"})
		}
	}
	figures := rehearsal.Measure(acts)
	out := &report.Rehearsal{
		Schema: report.RehearsalSchema, File: st.subject.Path, App: st.app.Name, Workers: st.app.Workers,
		Verdict: string(r.Verdict()), Report: st.Session.Flags.Out, Load: st.rehearsal.requested(), Streams: rehearsal.Streams(acts), Figures: figures,
		Checks: rehearsal.Confirm(st.static.Findings, acts, figures),
	}
	r.Rehearsal = out
	return st.advise(out, acts)
}

// finish shows the outcome as JSON if that was asked for, and returns the exit code.
func (st *rehearsalRun) finish(c cli.Call, code int) int {
	out := st.Session.Report.Rehearsal
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
	if v := out.Verified; v != nil && code != cli.ExitInconclusive {
		switch v.Ruling {
		case report.RepairFailed, report.RepairUnapplied:
			return ExitUnrepaired
		case report.RepairUnknown:
			return cli.ExitInconclusive
		}
	}
	if code == cli.ExitKept && st.hasUnrefuted(out.Checks) {
		return cli.ExitBroken
	}
	return code
}

// hasUnrefuted reports whether a finding that is as bad as the threshold stands.
func (st *rehearsalRun) hasUnrefuted(checks []report.Check) bool {
	for i, f := range st.static.Findings {
		if f.Severity.AtLeast(lint.Severity(st.Threshold)) && checks[i].Verdict != report.Refuted {
			return true
		}
	}
	return false
}

// reportNeverServed reports a first start from which nobody came to serve: a cold start that is
// broken, with PM2's and the app's own words.
func (st *rehearsalRun) reportNeverServed(c cli.Call, failure string) int {
	images := st.Session.Bench.Images
	st.Session.Report.Run.Versions = report.Versions{PM2Drill: cli.Version(), PM2: images.PM2Version, Node: images.NodeVersion}
	st.Session.Report.Drills = []report.Drill{{
		Scenario: "cold-start", Arm: evidence.ArmRehearsal, Story: "pm2 start, as on a host that has just booted.",
		Command: st.Session.Command(), Verdict: promise.Broken,
		Rulings: []promise.Ruling{{
			Name: promise.StaysUp().Name, Promise: promise.StaysUp().Sentence, Verdict: promise.Broken, Expected: promise.Kept, Because: st.redactor.Clean(removeFrames(failure)),
		}},
	}}
	st.Session.Hooks.Conclude = func(r *report.Report) error {
		r.Rehearsal = &report.Rehearsal{
			Schema: report.RehearsalSchema, File: st.subject.Path, App: st.app.Name, Verdict: string(promise.Broken), Report: st.Session.Flags.Out,
		}
		for _, f := range st.static.Findings {
			r.Rehearsal.Checks = append(r.Rehearsal.Checks, report.Check{Rule: f.Rule, Key: f.Key, Verdict: report.Unseen, Because: "the app never served"})
		}
		return nil
	}
	return st.finish(c, st.Finish(c, nil))
}

// removeFrames leaves out the table of pm2 ls, which can be shown in its own width only.
func removeFrames(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		return strings.HasPrefix(line, "host metrics") || strings.IndexAny(line, "┌├└│") == 0
	})
	return strings.Join(lines, "\n")
}
