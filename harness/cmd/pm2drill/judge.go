package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/conformance"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/scenarios"
)

// newJudge returns `pm2drill judge`.
func newJudge() *cobra.Command {
	cmd := &cobra.Command{
		Use: "judge [flags] REPORT_DIR", Short: "repeat the judgement of stored evidence", GroupID: groupDrill,
		Long: `Judges the evidence that a run has stored, by the promises of this version. Evidence of a
drill that was cut off is inconclusive. It changes nothing. With --out it writes a new
report to another folder, and the statement of conformance too if the run was a gate's.`,
		Example:           "  pm2drill judge reports/20260102-150405-0007\n  pm2drill judge --out reports/again reports/20260102-150405-0007",
		ValidArgsFunction: cli.CompleteFolders,
	}
	out := cmd.Flags().String("out", "", "write the new report to this `FOLDER` (default: print the summary only)")
	asJSON := cmd.Flags().Bool("json", false, "print the new report.json on stdout")
	cli.Completions{"out": cli.CompleteFolders}.Register(cmd)
	cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int { return judgeAgain(c, *out, *asJSON) })
	return cmd
}

func judgeAgain(c cli.Call, out string, asJSON bool) int {
	if len(c.Args) != 1 {
		return c.Complain("name one report folder: pm2drill judge reports/RUN")
	}
	dir := c.Args[0]
	if out != "" && filepath.Clean(out) == filepath.Clean(dir) {
		return c.Complain("--out names the folder that is judged: name another")
	}
	r, err := judgeFolder(dir)
	if err != nil {
		return c.Complain("%v", err)
	}
	gate, err := conformance.GateOf(dir)
	if err != nil {
		return c.Complain("%v", err)
	}
	d := report.DigestOf(r)
	verdict, write := r.Verdict(), func() error { return folder.Write(out, d) }
	if gate != nil {
		said := conformance.Conformance(d, *gate)
		verdict, write = said.Verdict(), func() error { return conformance.WriteGate(out, said) }
	}
	if out != "" {
		if err := write(); err != nil {
			return c.Fail(err)
		}
		d.Dir = out
	}
	show := func() error { return render.Text(c.Stdout, d, cli.UsesColour(c.Stdout)) }
	if asJSON {
		show = func() error { return folder.JSON(c.Stdout, d) }
	}
	if err := show(); err != nil {
		return c.Fail(err)
	}
	return cli.ExitCode(verdict)
}

// judgeFolder judges the drills of a report folder again, in the order of its
// report.json, or of what a run has left there that was killed; without either,
// whatever evidence it holds.
func judgeFolder(dir string) (report.Report, error) {
	r, err := folder.Load(dir)
	if errors.Is(err, fs.ErrNotExist) {
		r, err = folder.LoadUnfinished(dir)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return judgeEvidence(dir)
	case err != nil:
		return r, err
	}
	for i, was := range r.Drills {
		if was.Record == nil {
			continue
		}
		d, err := rejudge(was.Record)
		if err != nil {
			return report.Report{}, err
		}
		d.Phases = was.Phases
		r.Drills[i] = d
	}
	report.Pair(r.Drills)
	return r, nil
}

func judgeEvidence(dir string) (report.Report, error) {
	r := report.Report{Dir: dir}
	files, err := filepath.Glob(filepath.Join(dir, "evidence", "*.jsonl*"))
	if err != nil || len(files) == 0 {
		return r, fmt.Errorf("there is no evidence in %s: name the folder that a run printed", dir)
	}
	for _, file := range files {
		record, err := evidence.Load(file)
		if err != nil {
			return r, err
		}
		d, err := rejudge(record)
		if err != nil {
			return r, err
		}
		r.Drills = append(r.Drills, d)
	}
	report.Pair(r.Drills)
	h := r.Drills[0].Record.Header
	r.Run.ID, r.Run.Started, r.Run.Seed = h.Run, h.Wall, h.Seed
	r.Run.Versions = report.Versions{Engine: h.Engine, PM2: h.PM2, Node: h.Node}
	return r, nil
}

func rejudge(record *evidence.Record) (report.Drill, error) {
	if act, ok := scenarios.Act(record); ok {
		return act.Judge(record.Header.Arm, record), nil
	}
	if h := record.Header; h.Definition != "" {
		s, err := scenarios.OwnAs(h.Scenario, h.Definition)
		if err != nil {
			return report.Drill{}, fmt.Errorf("cannot judge the %s arm of %s: %w", h.Arm, h.Scenario, err)
		}
		return s.Judge(h.Arm, record), nil
	}
	found, _ := scenarios.Find([]string{record.Header.Scenario})
	if len(found) != 1 {
		return report.Drill{}, fmt.Errorf("cannot judge the %s arm of %s: this version has no such scenario", record.Header.Arm, record.Header.Scenario)
	}
	s := found[0]
	if choices := record.Header.Varied; choices != nil {
		var err error
		if s, err = s.VariedAs(choices); err != nil {
			return report.Drill{}, err
		}
	}
	return s.Judge(record.Header.Arm, record), nil
}
