package validate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/format"
	"github.com/pm2drill/pm2drill/harness/remedy"
)

// docsURL is where the rules' pages are.
const docsURL = "https://github.com/pm2drill/pm2drill/blob/main/harness/lint/rules/"

// Validation holds what validate was asked for.
type Validation struct {
	TargetFlags
	Choice
	Format, Threshold, baseline, write, name string
	home                                     string
	withNode                                 withNode
	NodeNamed                                bool // --node, or the variable NODE
	Stdin, Fix, apply, Plan, piped, Colour   bool
	leftOut                                  int // folders that were not looked into

	// rehearse shows what happens with the file named, instead of the findings alone; nil to
	// validate only.
	Rehearse func(ctx context.Context, c cli.Call, name string, subjects []*lint.Subject, run format.Run) int
}

// DeclareFindings adds the flags about findings and output.
func (v *Validation) DeclareFindings(flags *pflag.FlagSet) {
	v.Choice.Declare(flags)
	flags.StringVar(&v.Threshold, "threshold", "error", "exit with 1 from this `SEVERITY` on: info, warning or error")
	flags.StringVar(&v.Format, "format", "human", "`FORMAT` of the output: "+strings.Join(format.Names(), ", "))
	flags.StringVar(&v.baseline, "baseline", "", "leave out the findings that are in this `FILE`")
	flags.StringVar(&v.write, "write-baseline", "", "write the findings to this `FILE`, to be left out from now on")
}

// DeclareInput adds the flags about what is read, and by what it is evaluated.
func (v *Validation) DeclareInput(flags *pflag.FlagSet) {
	flags.BoolVar(&v.Stdin, "stdin", false, "read the file from stdin")
	flags.StringVar(&v.name, "name", "ecosystem.config.js", "file `NAME` to assume for --stdin input")
	flags.Var(&v.withNode, "with-node", "have a real Node evaluate what this program cannot, at this `PLACE`: container has no network and no access to this host; host, or the path of a node, runs the file on this host")
	flags.Lookup("with-node").NoOptDefVal = string(inContainer)
}

// DeclareFixes adds the flags about fixes.
func (v *Validation) DeclareFixes(flags *pflag.FlagSet) {
	flags.BoolVar(&v.Fix, "fix", false, "show as a diff what can be fixed safely")
	flags.BoolVar(&v.apply, "write", false, "with --fix, write it to the file")
}

// DeclarePlan adds the flags of --plan.
func (v *Validation) DeclarePlan(flags *pflag.FlagSet) {
	flags.BoolVar(&v.Plan, "plan", false, "print what a reload of FILE would leave unchanged, and which commands change it; compared with the daemon of --home, with the file OLD in OLD FILE, or with the output of pm2 jlist in - FILE")
	flags.StringVar(&v.home, "home", remedy.HomeOf(os.Getenv), "`DIRECTORY` of the PM2 daemon that runs (variable PM2_HOME, or ~/.pm2)")
	cli.HideDefaults(flags, "home")
}

// Wrong says what of the flags and names cannot be used, "" if they can.
func (v *Validation) Wrong(names []string) string {
	switch {
	case v.Stdin == (len(names) > 0):
		return "name a file or a folder, or pipe one in with --stdin"
	case !slices.Contains(format.Names(), v.Format):
		return fmt.Sprintf("there is no format %q: use %s", v.Format, strings.Join(format.Names(), ", "))
	case !slices.Contains(lint.Severities(), lint.Severity(v.Threshold)):
		return fmt.Sprintf("there is no severity %q: use info, warning or error", v.Threshold)
	case v.Choice.Wrong() != "":
		return v.Choice.Wrong()
	case v.Plan && len(names) != 1 && len(names) != 2:
		return "--plan needs the file that is to run, and may have one before it that is what runs"
	case v.Plan && (v.Fix || v.baseline != "" || v.write != ""):
		return "--plan compares with what runs, and has no findings for --fix, --baseline or --write-baseline: leave it or them out"
	case (v.Plan || v.Fix) && v.Format != format.Names()[0]:
		return fmt.Sprintf("--plan and --fix print text for people: leave out --format %s", v.Format)
	case v.withNode != "" && v.Stdin:
		return "--with-node needs a file, not --stdin: Node reads it where it lies"
	case v.apply && !v.Fix:
		return "--write goes with --fix: look at the diff first"
	}
	return ""
}

// Check validates the files that the call names, prints the result and returns the exit code.
func (v *Validation) Check(ctx context.Context, c cli.Call) int {
	names := c.Args
	v.piped = v.Plan && len(names) == 2 && names[0] == "-"
	if v.piped {
		names = names[1:]
	}
	files, err := v.readFiles(c, names)
	if err != nil {
		return c.Complain("%v", err)
	}
	target, err := v.Resolve()
	if err != nil {
		return c.Complain("%v", err)
	}
	nodes, err := newNodes(ctx, v.withNode, &target, v.NodeNamed, v.TargetFlags)
	if err != nil {
		return c.Refuse(err)
	}
	subjects, err := v.listSubjects(ctx, files, target, nodes)
	if err := errors.Join(err, nodes.close(ctx)); err != nil {
		return c.Refuse(err)
	}
	run := format.Run{Target: target, Version: cli.Version(), Colour: v.Colour, Docs: docsURL, Threshold: lint.Severity(v.Threshold), LeftOut: v.leftOut}
	for _, s := range subjects {
		run.Results = append(run.Results, newResult(s))
	}
	if v.Plan {
		return v.printPlan(ctx, c, subjects)
	}
	v.Choice.apply(&run)
	if err := v.applyBaseline(c, &run); err != nil {
		return c.Complain("%v", err)
	}
	if v.Rehearse != nil {
		return v.Rehearse(ctx, c, names[0], subjects, run)
	}
	if v.Fix || v.apply {
		return v.fix(ctx, c, subjects, run)
	}
	if err := format.Write(c.Stdout, v.Format, run); err != nil {
		return c.Fail(err)
	}
	return v.computeExitCode(run)
}

// computeExitCode returns the exit code for the findings.
func (v *Validation) computeExitCode(run format.Run) int {
	code := cli.ExitKept
	for _, x := range run.Results {
		if worst := lint.Worst(x.Findings); worst != "" && worst.AtLeast(lint.Severity(v.Threshold)) {
			return cli.ExitBroken
		}
		if x.Inconclusive() != "" {
			code = cli.ExitInconclusive
		}
	}
	return code
}
