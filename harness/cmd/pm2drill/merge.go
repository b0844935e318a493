package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/conformance"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// newMerge returns `pm2drill merge`.
func newMerge() *cobra.Command {
	cmd := &cobra.Command{
		Use: "merge --out FOLDER REPORT_DIR...", Short: "make one report of the reports of shards", GroupID: groupDrill,
		Long: `Makes one report, and of a gate one statement of conformance, of the reports that
` + "`run --shard`" + ` or ` + "`gate --shard`" + ` have written, as if one machine had drilled it all. It
changes none of them. If a shard is missing, the result is inconclusive. It refuses
shards of different runs: other versions, another engine, seed or catalogue.

Exits as run or gate would, and with 64 if the shards do not belong together.`,
		Example:           "  pm2drill gate --engine 'pm2drill engine' --seed 7 --shard 1/2 --out shard-1\n  pm2drill merge --out reports/merged shard-1 shard-2",
		ValidArgsFunction: cli.CompleteFolders,
	}
	out := cmd.Flags().String("out", "", "write the merged report to this `FOLDER`")
	cli.Completions{"out": cli.CompleteFolders}.Register(cmd)
	cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int { return merge(c, *out) })
	return cmd
}

func merge(c cli.Call, out string) int {
	switch {
	case len(c.Args) == 0:
		return c.Complain("name the report folders of the shards: pm2drill merge --out reports/merged shard-1 shard-2")
	case out == "":
		return c.Complain("there is no folder for the merged report: name it with --out")
	case slices.ContainsFunc(c.Args, func(dir string) bool { return filepath.Clean(dir) == filepath.Clean(out) }):
		return c.Complain("--out %s is one of the shards: name another folder", out)
	}
	shards, gate, err := loadShards(c.Args)
	if err != nil {
		return c.Complain("%v", err)
	}
	r, err := report.Merge(shards)
	if err != nil {
		return c.Complain("%v", err)
	}
	d, verdict := report.DigestOf(r), r.Verdict()
	if gate == nil {
		err = folder.Write(out, d)
	} else {
		gate.Due = len(r.Drills)
		said := conformance.Conformance(d, *gate)
		verdict = said.Verdict()
		err = conformance.WriteGate(out, said)
	}
	if err != nil {
		return c.Fail(err)
	}
	d.Dir = out
	if err := render.Text(c.Stdout, d, cli.UsesColour(c.Stdout)); err != nil {
		return c.Fail(err)
	}
	if missing := report.Missing(shards); missing != "" {
		fmt.Fprintf(c.Stderr, "pm2drill merge: no report of shard %s: name its folder too; without it the result is inconclusive\n", missing)
		verdict = promise.Worse(verdict, promise.Inconclusive)
	}
	return cli.ExitCode(verdict)
}

// loadShards reads the reports of shards, and what they hold the engine to; nil if they are of
// no gate.
func loadShards(dirs []string) (shards []report.Report, gate *conformance.Gate, err error) {
	for i, dir := range dirs {
		r, err := folder.Load(dir)
		if err != nil {
			if folder.IsUnfinished(dir) {
				err = fmt.Errorf("%s has no report, since its run was killed: `pm2drill judge --out OTHER %s` makes one of what it has left", dir, dir)
			}
			return nil, nil, err
		}
		g, err := conformance.GateOf(dir)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case i == 0:
			gate = g
		case (g == nil) != (gate == nil) || g != nil && (g.Profile != gate.Profile || g.LeftOut != gate.LeftOut || g.Repeat != gate.Repeat):
			return nil, nil, errors.New(dirs[0] + " and " + dir + " are not parts of one run: one is of another gate")
		}
		shards = append(shards, r)
	}
	return shards, gate, nil
}
