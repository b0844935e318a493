package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/report"
)

// comparison is what compare was asked for.
type comparison struct {
	markdown bool
	out      string // file of the page; "" for none
}

func (x *comparison) add(fs *pflag.FlagSet) {
	fs.BoolVar(&x.markdown, "markdown", false, "write Markdown, for a pull request")
	fs.StringVar(&x.out, "out", "", "write the comparison as a page to this `FILE`, such as compare.html")
}

// newCompare returns `pm2drill compare`.
func newCompare() *cobra.Command {
	var x comparison
	cmd := &cobra.Command{
		Use: "compare [flags] REPORT_A REPORT_B", Short: "compare two reports", GroupID: groupDrill,
		Long: `Compares two report folders: two engines, two versions of PM2, or before and after a
change. It shows first the rulings that changed, then times, lost requests and actions.
With --out it writes that as a page, one self-contained file. It judges the evidence of
both again, by the promises of this version. Exits with 1 if something that had the
expected result in A is broken in B.`,
		Example:           "  pm2drill compare reports/before reports/after\n  pm2drill compare --out compare.html reports/before reports/after",
		ValidArgsFunction: completeFolders,
	}
	x.add(cmd.Flags())
	completions{"out": filesNamed("html")}.add(cmd)
	cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int { return x.show(c) })
	return cmd
}

// newReport returns `pm2drill report --compare A B`, which is compare under the name that
// people look for who come from a report.
func newReport() *cobra.Command {
	var x comparison
	cmd := &cobra.Command{
		Use: "report --compare REPORT_A REPORT_B", Short: "compare two reports, as compare does", GroupID: groupDrill, Hidden: true,
		ValidArgsFunction: completeFolders,
	}
	x.add(cmd.Flags())
	compare := cmd.Flags().Bool("compare", false, "compare two report folders")
	cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int {
		if !*compare {
			return c.Complain("the page of a report is report.html in its folder; `pm2drill report --compare A B` compares two reports")
		}
		return x.show(c)
	})
	return cmd
}

// show compares the two reports that the call names.
func (x comparison) show(c cli.Call) int {
	dirs := c.Args
	if len(dirs) != 2 {
		return c.Complain("name two report folders")
	}
	var runs [2]report.Report
	for i, dir := range dirs {
		var err error
		if runs[i], err = judgeFolder(dir); err != nil {
			return c.Complain("%v", err)
		}
	}
	both, err := report.Compare(runs[0], runs[1])
	if err != nil {
		return c.Complain("%v", err)
	}
	if x.out != "" {
		if err := report.WriteFile(x.out, both.HTML); err != nil {
			return c.Fail(err)
		}
	}
	if x.markdown {
		err = both.Markdown(c.Stdout)
	} else {
		err = both.Text(c.Stdout, colourful(c.Stdout))
	}
	if err != nil {
		return c.Fail(err)
	}
	if both.Worse() {
		return cli.ExitBroken
	}
	return cli.ExitKept
}
