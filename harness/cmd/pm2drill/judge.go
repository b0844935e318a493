package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/conformance"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/scenarios"
)

const judgeSynopsis = `[flags] REPORT_DIR

Judges the evidence that a run stored, with the promises this version has. What a drill
has left that ended before its end, with its harness or without, is inconclusive. It
changes nothing; with --out it writes the report of that to another folder, and of a
gate's run its statement of conformance as well.
`

func judgeCommand(_ context.Context, c call) int {
	fs := flag.NewFlagSet("judge", flag.ContinueOnError)
	out := fs.String("out", "", "write the new report to this folder (default: print the summary only)")
	names, code, done := parse(fs, c, judgeSynopsis)
	if done {
		return code
	}
	if len(names) != 1 {
		fmt.Fprintln(c.stderr, "pm2drill judge: name one report folder: pm2drill judge reports/RUN")
		return exitUsage
	}
	if *out != "" && filepath.Clean(*out) == filepath.Clean(names[0]) {
		fmt.Fprintln(c.stderr, "pm2drill judge: --out names the folder that is judged: name another")
		return exitUsage
	}
	r, err := judgeFolder(names[0])
	if err != nil {
		fmt.Fprintf(c.stderr, "pm2drill judge: %v\n", err)
		return exitUsage
	}
	gate, err := conformance.GateOf(names[0])
	if err != nil {
		return complain(c, "judge", "%v", err)
	}
	d := report.DigestOf(r)
	verdict, write := r.Verdict(), func() error { return folder.Write(*out, d) }
	if gate != nil {
		said := conformance.Conformance(d, *gate)
		verdict, write = said.Verdict(), func() error { return conformance.WriteGate(*out, said) }
	}
	if *out != "" {
		if err := write(); err != nil {
			return fail(c, "judge", err)
		}
		d.Dir = *out
	}
	if err := render.Text(c.stdout, d, colourful(c.stdout)); err != nil {
		return fail(c, "judge", err)
	}
	return exitCode(verdict)
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
	if act, ok := scenarios.Act(record.Header); ok {
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
