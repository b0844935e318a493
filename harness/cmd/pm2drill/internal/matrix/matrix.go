package matrix

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report/matrix"
	"github.com/pm2drill/pm2drill/scenarios"
)

// Flags say what is drilled on what.
type Flags struct {
	pm2, node string // versions, separated by commas
	out       string // folder
	jobs      int
	seed      int64
	asJSON    bool
	again     bool
}

// Declare adds the flags.
func (f *Flags) Declare(fs *pflag.FlagSet) {
	fs.StringVar(&f.pm2, "pm2", cluster.DefaultPM2, "`VERSIONS` of PM2, separated by commas: any of the npm registry")
	fs.StringVar(&f.node, "node", cluster.DefaultNode, "`VERSIONS` of Node, separated by commas: lines (26) or versions (26.10.0)")
	fs.StringVar(&f.out, "out", filepath.Join("reports", "matrix"), "`FOLDER` of the matrix; one that is there is continued, and its drills are not repeated")
	fs.IntVar(&f.jobs, "jobs", 0, "drill `N` scenarios side by side; 0 means two for each core of the Docker host")
	fs.Int64Var(&f.seed, "seed", 1, "seed `N` of the injection's timing, the same for each version")
	fs.BoolVar(&f.again, "again", false, "drill also what the matrix has already")
	fs.BoolVar(&f.asJSON, "json", false, "print matrix.json on stdout, and progress on stderr")
}

// Run drills what the matrix does not have, and returns the exit code: 0 when every cell says
// whether the incident was reproduced, 2 when one does not.
func Run(ctx context.Context, c cli.Call, f Flags) int {
	todo, rows, err := choose(c.Args)
	if err != nil {
		return session.RefuseName(c, err)
	}
	pm2, node := splitVersions(f.pm2), splitVersions(f.node)
	for _, v := range append(slices.Clone(pm2), node...) {
		if wrong := cli.RefuseVersion("--pm2 and --node:", v); wrong != "" {
			return c.Complain("%s", wrong)
		}
	}
	switch {
	case len(pm2) == 0 || len(node) == 0:
		return c.Complain("there is no version to drill on: give --pm2 and --node, such as --pm2 6.0.14,7.0.4 --node 24,26")
	case f.jobs < 0:
		return c.Complain("--jobs %d drills nothing: give 1 or more, or 0 for as many as the host bears", f.jobs)
	case f.seed == 0:
		return c.Complain("--seed 0 draws another one for each version: give 1 or more")
	}
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return c.Complain("cannot write the matrix: %v", err)
	}
	m, err := matrix.Load(filepath.Join(f.out, "matrix.json"))
	if err != nil {
		return c.Complain("%v", err)
	}
	m.Merge(rows, listUndrilled())
	b, err := locate(".", filepath.Join(f.out, "locks"), c.Stderr)
	if err != nil {
		return c.Refuse(err)
	}
	r := run{Flags: f, call: c, matrix: m, builder: b}
	for _, p := range pm2 {
		for _, n := range node {
			if err := r.drillPlatform(ctx, todo, p, n); err != nil {
				return c.Refuse(err)
			}
		}
	}
	return r.finish(todo)
}

// splitVersions returns the versions of a list with commas, each once.
func splitVersions(list string) []string {
	var out []string
	for _, v := range strings.Split(list, ",") {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// choose returns the scenarios of these names, or the whole catalogue, that show what PM2 does
// alone, and their rows of the matrix.
func choose(names []string) (todo []scenarios.Scenario, rows []matrix.Row, err error) {
	if todo, _, err = session.Select(names); err != nil {
		return nil, nil, err
	}
	todo = slices.DeleteFunc(todo, func(s scenarios.Scenario) bool { return chooseArm(s) == "" })
	if len(todo) == 0 {
		return nil, nil, fmt.Errorf("%s: no arm of it shows what PM2 does alone: name scenarios with a control arm, or claims", strings.Join(names, ", "))
	}
	for _, s := range todo {
		r := matrix.Row{Scenario: s.Name, Arm: chooseArm(s), Breaks: s.Breaks, Issues: []matrix.Issue{}, Cells: []matrix.Cell{}}
		if s.Claim != nil {
			r.Claim = s.Claim.Says
		}
		for _, i := range scenarios.Issues() {
			if i.Scenario == s.Name {
				r.Issues = append(r.Issues, matrix.Issue{Number: i.Number, Opened: i.Opened, About: i.About})
			}
		}
		rows = append(rows, r)
	}
	return todo, rows, nil
}

// chooseArm returns the arm that shows what PM2 does alone, "" if there is none.
func chooseArm(s scenarios.Scenario) string {
	for _, arm := range []string{evidence.ArmControl, evidence.ArmClaim} {
		if slices.Contains(s.Arms(), arm) {
			return arm
		}
	}
	return ""
}

// listUndrilled returns the issues that no scenario is about.
func listUndrilled() []matrix.Issue {
	out := []matrix.Issue{}
	for _, i := range scenarios.Issues() {
		if i.Scenario == "" {
			out = append(out, matrix.Issue{Number: i.Number, Opened: i.Opened, About: i.About})
		}
	}
	return out
}

// run is a matrix under way.
type run struct {
	Flags
	call    cli.Call
	matrix  *matrix.Matrix
	builder builder
}

// drillPlatform drills on one pair of versions what the matrix does not have of it, a few
// scenarios at a time, and writes the matrix after each few.
func (r *run) drillPlatform(ctx context.Context, todo []scenarios.Scenario, pm2, node string) error {
	dir, sum, err := r.builder.lock(ctx, pm2)
	if err != nil {
		return err
	}
	if err := r.builder.build(ctx, node, pm2, dir); err != nil {
		return err
	}
	docker, err := cluster.Connect(ctx)
	if err != nil {
		return err
	}
	defer docker.Close()
	images, err := docker.Images(ctx, node, pm2)
	if err != nil {
		return err
	}
	host, err := docker.Host(ctx)
	if err != nil {
		return err
	}
	at := matrix.Platform{PM2: pm2, Node: images.NodeVersion, Lock: sum}
	left := slices.DeleteFunc(slices.Clone(todo), func(s scenarios.Scenario) bool { return r.has(s.Name, at) })
	fmt.Fprintf(r.call.Stderr, "PM2 %s on Node %s: %d of %d scenarios are left to drill\n", pm2, at.Node, len(left), len(todo))
	for few := range slices.Chunk(left, cmp.Or(r.jobs, max(1, 2*host.Cores))) {
		if err := r.drill(ctx, few, at); err != nil {
			return err
		}
		if err := r.matrix.Write(r.out); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether the matrix has a scenario on a platform.
func (r *run) has(scenario string, at matrix.Platform) bool {
	cell := r.matrix.Find(scenario, at)
	return cell != nil && !r.again
}

// drill drills a few scenarios and enters what was found.
func (r *run) drill(ctx context.Context, few []scenarios.Scenario, at matrix.Platform) error {
	started := time.Now()
	name := fmt.Sprintf("pm2-%s-node-%s-%s", at.PM2, at.Node, cli.RunID(started, r.seed))
	f := session.Flags{
		Command: "run", Arms: []string{evidence.ArmControl, evidence.ArmClaim}, Repeat: 1, Jobs: len(few), Seed: r.seed,
		Node: at.Node, PM2: at.PM2, Out: filepath.Join(r.out, "runs", name),
	}
	for _, s := range few {
		f.Names = append(f.Names, s.Name)
	}
	s := session.Session{Flags: f, Progress: session.NewProgress(r.call.Stderr, r.call.Stderr, false), Started: started, Quiet: true}
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	err := s.Drill(ctx, s.NewJobs(few))
	call := r.call
	call.Stdout = call.Stderr
	if code := s.Finish(call, err); err != nil || code == cli.ExitInternal {
		return cmp.Or(err, fmt.Errorf("cannot write the report %s", f.Out))
	}
	for _, d := range s.Report.Drills {
		found, because := matrix.FindingOf(d)
		r.matrix.Enter(d.Scenario, matrix.Cell{
			Platform: at, Found: found, Because: because, At: started.UTC().Truncate(time.Second), Command: d.Command, Report: filepath.Join("runs", name),
		})
	}
	return nil
}

// finish prints the matrix, and returns the exit code for what was asked for.
func (r *run) finish(todo []scenarios.Scenario) int {
	if err := r.matrix.Write(r.out); err != nil {
		return r.call.Fail(err)
	}
	show := func() error { return r.matrix.Text(r.call.Stdout, cli.UsesColour(r.call.Stdout)) }
	if r.asJSON {
		show = func() error { return r.matrix.JSON(r.call.Stdout) }
	}
	if err := show(); err != nil {
		return r.call.Fail(err)
	}
	for _, row := range r.matrix.Rows {
		asked := slices.ContainsFunc(todo, func(s scenarios.Scenario) bool { return s.Name == row.Scenario })
		if asked && slices.ContainsFunc(row.Cells, func(c matrix.Cell) bool { return c.Found == matrix.Unclear }) {
			return cli.ExitInconclusive
		}
	}
	return cli.ExitKept
}
