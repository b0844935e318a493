package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/compare"
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

// comparison is what compare was asked for.
type comparison struct {
	asJSON   bool
	markdown bool
	out      string // file of the page; "" for none
}

func (x *comparison) add(fs *pflag.FlagSet) {
	fs.BoolVar(&x.asJSON, "json", false, "print the comparison as JSON, schema "+compare.CompareSchema)
	fs.BoolVar(&x.markdown, "markdown", false, "write Markdown, for a pull request")
	fs.StringVar(&x.out, "out", "", "write the comparison as a page to this `FILE`, such as compare.html")
}

// newCompare returns `pm2drill compare`.
func newCompare() *cobra.Command {
	var x comparison
	cmd := &cobra.Command{
		Use: "compare [flags] REPORT_A REPORT_B", Short: "compare two reports", GroupID: groupDrill,
		Long: `Compares two report folders: two engines, two versions of PM2, two settings of an app, or
before and after a change. It shows the names, versions and settings of both, the rulings
that changed, and per arm and lane the lost requests with their causes. A difference
counts only if its 95 % interval excludes zero. It judges the evidence of both again, by
the promises of this version. --out writes a page, one self-contained file; --json prints
the whole comparison (harness/report/COMPARE.md describes it).

Exits with 1 if B is worse: a promise that was kept is broken, or more requests are lost;
with 2 if it may be worse and the runs cannot tell; with 0 otherwise.`,
		Example:           "  pm2drill compare reports/before reports/after\n  pm2drill compare --out compare.html reports/before reports/after",
		ValidArgsFunction: cli.CompleteFolders,
	}
	x.add(cmd.Flags())
	cli.Completions{"out": cli.FilesNamed("html")}.Register(cmd)
	cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int { return x.show(c) })
	return cmd
}

// newReport returns `pm2drill report --compare A B`, which is compare under the name that
// people look for who come from a report.
func newReport() *cobra.Command {
	var x comparison
	cmd := &cobra.Command{
		Use: "report --compare REPORT_A REPORT_B", Short: "compare two reports, as compare does", GroupID: groupDrill, Hidden: true,
		ValidArgsFunction: cli.CompleteFolders,
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
	if x.asJSON && x.markdown {
		return c.Complain("--json and --markdown both write to stdout: leave one of them out")
	}
	sides, err := judgeSides(dirs)
	if err != nil {
		return c.Complain("%v", err)
	}
	both, err := compare.Compare(sides[0], sides[1])
	if err != nil {
		return c.Complain("%v", err)
	}
	if x.out != "" {
		if err := folder.WriteFile(x.out, both.HTML); err != nil {
			return c.Fail(err)
		}
	}
	switch {
	case x.asJSON:
		err = both.JSON(c.Stdout)
	case x.markdown:
		err = both.Markdown(c.Stdout)
	default:
		err = both.Text(c.Stdout, cli.UsesColour(c.Stdout))
	}
	if err != nil {
		return c.Fail(err)
	}
	return cli.ExitCode(both.Verdict())
}

// judgeSides judges report folders again; a side has the name of its folder, or where two
// have the same, its path.
func judgeSides(dirs []string) ([]compare.Side, error) {
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
