package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/scenarios"
)

const judgeSynopsis = `REPORT_DIR

Judges the evidence that a run stored, with the promises this version has. It
changes nothing.
`

func judgeCommand(_ context.Context, c call) int {
	fs := flag.NewFlagSet("judge", flag.ContinueOnError)
	names, code, done := parse(fs, c, judgeSynopsis)
	if done {
		return code
	}
	if len(names) != 1 {
		fmt.Fprintln(c.stderr, "pm2drill judge: name one report folder: pm2drill judge reports/RUN")
		return exitUsage
	}
	files, err := filepath.Glob(filepath.Join(names[0], "evidence", "*.jsonl"))
	if err != nil || len(files) == 0 {
		fmt.Fprintf(c.stderr, "pm2drill judge: there is no evidence in %s: name the folder that a run printed\n", names[0])
		return exitUsage
	}
	r := report.Report{Dir: names[0]}
	for _, file := range files {
		d, err := judgeFile(file)
		if err != nil {
			fmt.Fprintf(c.stderr, "pm2drill judge: %v\n", err)
			return exitUsage
		}
		r.Drills = append(r.Drills, d)
	}
	r.Run.ID = r.Drills[0].Record.Header.Run
	r.Run.Started = r.Drills[0].Record.Header.Wall
	if err := report.Text(c.stdout, r, colourful(c.stdout)); err != nil {
		return fail(c, "judge", err)
	}
	return exitCode(r.Verdict())
}

func judgeFile(file string) (report.Drill, error) {
	record, err := evidence.Load(file)
	if err != nil {
		return report.Drill{}, err
	}
	found, _ := scenarios.Find([]string{record.Header.Scenario})
	if len(found) != 1 {
		return report.Drill{}, fmt.Errorf("cannot judge %s: this version has no scenario %q", file, record.Header.Scenario)
	}
	return found[0].Judge(record.Header.Arm, record), nil
}
