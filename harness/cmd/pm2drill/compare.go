package main

import (
	"context"
	"flag"
	"path/filepath"
	"slices"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/compare"
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

const compareSynopsis = `[--json | --markdown] [--out compare.html] REPORT_A REPORT_B

Lays two report folders side by side: two engines, two versions of PM2, two settings of
an app, before and after a change. It shows the names, versions and settings of both, the
rulings that changed, and per arm and lane the lost requests with their causes. A
difference counts only where its 95 % interval excludes zero. Their evidence is judged
anew, by the promises that this version has. --out writes a page, one self-contained
file; --json prints the whole comparison (harness/report/COMPARE.md describes it).
Exits with 1 if B is worse: a promise that was kept is broken, or more requests are lost;
with 2 if it may be worse and the runs cannot tell; with 0 otherwise.
` + "`pm2drill report --compare`" + ` is another way to call it.
`

// reportCommand is compare by the name that those look for who come from a report.
func reportCommand(ctx context.Context, c call) int {
	rest := slices.DeleteFunc(slices.Clone(c.args), func(arg string) bool { return arg == "--compare" || arg == "-compare" })
	if len(rest) == len(c.args) {
		return complain(c, "report", "a report's page is report.html in its folder; `pm2drill report --compare A B` lays two side by side")
	}
	c.args = rest
	return compareCommand(ctx, c)
}

func compareCommand(_ context.Context, c call) int {
	fs := flag.NewFlagSet("compare", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print the comparison as JSON, schema "+compare.CompareSchema)
	markdown := fs.Bool("markdown", false, "write Markdown, for a pull request")
	out := fs.String("out", "", "write the comparison as a page to this file, compare.html say")
	dirs, code, done := parse(fs, c, compareSynopsis)
	if done {
		return code
	}
	if len(dirs) != 2 {
		return complain(c, "compare", "name two report folders")
	}
	if *asJSON && *markdown {
		return complain(c, "compare", "--json and --markdown both write to stdout: leave one of them out")
	}
	sides, err := judgedSides(dirs)
	if err != nil {
		return complain(c, "compare", "%v", err)
	}
	both, err := compare.Compare(sides[0], sides[1])
	if err != nil {
		return complain(c, "compare", "%v", err)
	}
	if *out != "" {
		if err := folder.WriteFile(*out, both.HTML); err != nil {
			return fail(c, "compare", err)
		}
	}
	switch {
	case *asJSON:
		err = both.JSON(c.stdout)
	case *markdown:
		err = both.Markdown(c.stdout)
	default:
		err = both.Text(c.stdout, colourful(c.stdout))
	}
	if err != nil {
		return fail(c, "compare", err)
	}
	return exitCode(both.Verdict())
}

// judgedSides judges report folders again; a side has the name of its folder, or where
// two have the same, its path.
func judgedSides(dirs []string) ([]compare.Side, error) {
	var all []compare.Side
	for _, dir := range dirs {
		r, err := judgeFolder(dir)
		if err != nil {
			return nil, err
		}
		all = append(all, compare.Side{Name: filepath.Base(filepath.Clean(dir)), Run: report.DigestOf(r)})
	}
	if len(all) == 2 && all[0].Name == all[1].Name {
		all[0].Name, all[1].Name = filepath.Clean(dirs[0]), filepath.Clean(dirs[1])
	}
	return all, nil
}
