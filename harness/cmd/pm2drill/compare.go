package main

import (
	"context"
	"flag"
	"slices"

	"github.com/pm2drill/pm2drill/harness/report"
)

const compareSynopsis = `[--markdown] [--out compare.html] REPORT_A REPORT_B

Lays two report folders side by side: two engines, two versions of PM2, before and after
a change. First come the rulings that changed, then times, lost requests and actions;
--out writes that as a page, one self-contained file. Their evidence is judged anew, by
the promises that this version has. Exits with 1 when something that was as it must be
in A is broken in B. ` + "`pm2drill report --compare`" + ` is another way to call it.
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
	markdown := fs.Bool("markdown", false, "write Markdown, for a pull request")
	out := fs.String("out", "", "write the comparison as a page to this file, compare.html say")
	dirs, code, done := parse(fs, c, compareSynopsis)
	if done {
		return code
	}
	if len(dirs) != 2 {
		return complain(c, "compare", "name two report folders")
	}
	var runs [2]report.Report
	for i, dir := range dirs {
		var err error
		if runs[i], err = judgeFolder(dir); err != nil {
			return complain(c, "compare", "%v", err)
		}
	}
	both, err := report.Compare(runs[0], runs[1])
	if err != nil {
		return complain(c, "compare", "%v", err)
	}
	if *out != "" {
		if err := report.WriteFile(*out, both.HTML); err != nil {
			return fail(c, "compare", err)
		}
	}
	if *markdown {
		err = both.Markdown(c.stdout)
	} else {
		err = both.Text(c.stdout, colourful(c.stdout))
	}
	if err != nil {
		return fail(c, "compare", err)
	}
	if both.Worse() {
		return exitBroken
	}
	return exitKept
}
