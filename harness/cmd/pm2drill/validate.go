package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/format"
	"github.com/pm2drill/pm2drill/harness/remedy"
)

// docsURL is where the rules' pages are.
const docsURL = "https://github.com/pm2drill/pm2drill/blob/main/harness/lint/rules/"

// validation is what was asked for.
type validation struct {
	targetFlags
	choice
	format, threshold, baseline, write, name string
	home                                     string
	withNode                                 withNode
	nodeNamed                                bool // --node, or the variable NODE
	stdin, fix, apply, plan, piped, colour   bool
	rehearsal                                rehearsalFlags
	leftOut                                  int // folders that were not looked into
}

// newValidate returns `pm2drill validate`.
func newValidate() *cobra.Command {
	cmd := &cobra.Command{
		Use: "validate [flags] FILE|DIR...", Short: "check ecosystem files before a deployment", GroupID: groupValidate,
		Long: `Checks ecosystem files for problems before they are deployed. It needs no Node, PM2 or
Docker, and the file cannot write, start or send anything. It evaluates the file by PM2's
rules for the host that the flags describe. It searches a folder with all folders in it,
except node_modules and .git.

Exits with 0 when no finding is as severe as --threshold, 1 when one is, 2 when the file
does something that cannot be evaluated here, and 64 when there is no such file.`,
		Example: `  pm2drill validate ecosystem.config.js --env production --cpus 8
  pm2drill validate ecosystem.config.js --target runtime
  pm2drill validate . --severity warning --ignore T002
  pm2drill validate . --format sarif > pm2.sarif
  pm2drill validate --plan ecosystem.config.js
  ssh web1 pm2 jlist | pm2drill validate --plan - ecosystem.config.js
  pm2drill validate . --with-node
  pm2drill validate . --rehearse --path /healthz --long-path /report`,
		ValidArgsFunction: filesNamed("js", "cjs", "mjs", "ts", "cts", "mts", "json", "yml", "yaml"),
	}
	v := new(validation)
	cli.Section(cmd, "Host that the file is for", v.targetFlags.add)
	cli.Section(cmd, "Findings", v.addFindings)
	cli.Section(cmd, "Input", v.addInput)
	cli.Section(cmd, "Fixes", v.addFixes)
	cli.Section(cmd, "What a reload would do (--plan)", v.addPlan)
	cli.Section(cmd, "Rehearsal (--rehearse)", v.rehearsal.add)
	targetCompletions().add(cmd)
	choiceCompletions().add(cmd)
	rehearsalCompletions().add(cmd)
	completions{
		"format": oneOf(format.Names()...), "threshold": oneOf(severities()...), "with-node": oneOf("container", "host"),
		"home": completeFolders, "baseline": filesNamed("json"), "write-baseline": filesNamed("json"),
	}.add(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int {
		v.colour = colourful(c.Stdout)
		v.nodeNamed = os.Getenv("NODE") != "" || cmd.Flags().Changed("node")
		if wrong := v.wrong(c.Args); wrong != "" {
			return c.Complain("%s", wrong)
		}
		return v.check(ctx, c)
	})
	return cmd
}

func (v *validation) addFindings(flags *pflag.FlagSet) {
	v.choice.add(flags)
	flags.StringVar(&v.threshold, "threshold", "error", "exit with 1 from this `SEVERITY` on: info, warning or error")
	flags.StringVar(&v.format, "format", "human", "`FORMAT` of the output: "+strings.Join(format.Names(), ", "))
	flags.StringVar(&v.baseline, "baseline", "", "leave out the findings that are in this `FILE`")
	flags.StringVar(&v.write, "write-baseline", "", "write the findings to this `FILE`, to be left out from now on")
}

func (v *validation) addInput(flags *pflag.FlagSet) {
	flags.BoolVar(&v.stdin, "stdin", false, "read the file from stdin")
	flags.StringVar(&v.name, "name", "ecosystem.config.js", "file `NAME` to assume for --stdin input")
	flags.Var(&v.withNode, "with-node", "have a real Node evaluate what this program cannot, at this `PLACE`: container has no network and no access to this host; host, or the path of a node, runs the file on this host")
	flags.Lookup("with-node").NoOptDefVal = string(inContainer)
}

func (v *validation) addFixes(flags *pflag.FlagSet) {
	flags.BoolVar(&v.fix, "fix", false, "show as a diff what can be fixed safely")
	flags.BoolVar(&v.apply, "write", false, "with --fix, write it to the file")
}

func (v *validation) addPlan(flags *pflag.FlagSet) {
	flags.BoolVar(&v.plan, "plan", false, "print what a reload of FILE would leave unchanged, and which commands change it; compared with the daemon of --home, with the file OLD in OLD FILE, or with the output of pm2 jlist in - FILE")
	flags.StringVar(&v.home, "home", remedy.HomeOf(os.Getenv), "`DIRECTORY` of the PM2 daemon that runs (variable PM2_HOME, or ~/.pm2)")
	cli.HideDefaults(flags, "home")
}

// wrong says what of the flags and names cannot be used, "" if they can.
func (v *validation) wrong(names []string) string {
	switch {
	case v.stdin == (len(names) > 0):
		return "name a file or a folder, or pipe one in with --stdin"
	case !slices.Contains(format.Names(), v.format):
		return fmt.Sprintf("there is no format %q: use %s", v.format, strings.Join(format.Names(), ", "))
	case !slices.Contains(lint.Severities(), lint.Severity(v.threshold)):
		return fmt.Sprintf("there is no severity %q: use info, warning or error", v.threshold)
	case v.choice.wrong() != "":
		return v.choice.wrong()
	case v.plan && len(names) != 1 && len(names) != 2:
		return "--plan needs the file that is to run, and may have one before it that is what runs"
	case v.withNode != "" && v.stdin:
		return "--with-node needs a file, not --stdin: Node reads it where it lies"
	case v.apply && !v.fix:
		return "--write goes with --fix: look at the diff first"
	}
	return v.wrongRehearsal(names)
}

func (v *validation) check(ctx context.Context, c cli.Call) int {
	names := c.Args
	v.piped = v.plan && len(names) == 2 && names[0] == "-"
	if v.piped {
		names = names[1:]
	}
	files, err := v.files(c, names)
	if err != nil {
		return c.Complain("%v", err)
	}
	target, err := v.target()
	if err != nil {
		return c.Complain("%v", err)
	}
	nodes, err := newNodes(ctx, v.withNode, &target, v.nodeNamed, v.targetFlags)
	if err != nil {
		return c.Refuse(err)
	}
	subjects, err := v.subjects(ctx, files, target, nodes)
	if err := errors.Join(err, nodes.close(ctx)); err != nil {
		return c.Refuse(err)
	}
	run := format.Run{Target: target, Version: version(), Colour: v.colour, Docs: docsURL, Threshold: lint.Severity(v.threshold), LeftOut: v.leftOut}
	for _, s := range subjects {
		run.Results = append(run.Results, resultOf(s))
	}
	if v.plan {
		return v.tellPlan(ctx, c, subjects)
	}
	v.choice.apply(&run)
	if err := v.sift(&run); err != nil {
		return c.Complain("%v", err)
	}
	if v.rehearsal.on {
		return v.rehearse(ctx, c, names[0], subjects, run)
	}
	if v.fix || v.apply {
		return v.mend(ctx, c, subjects, run)
	}
	if err := format.Write(c.Stdout, v.format, run); err != nil {
		return c.Fail(err)
	}
	return v.exit(run)
}

// subjects evaluates the files.
func (v *validation) subjects(ctx context.Context, files []input, target ecosystem.Target, nodes *nodes) ([]*lint.Subject, error) {
	var out []*lint.Subject
	for _, f := range files {
		s, err := subject(ctx, v.named(f), v.seenFrom(target, f.path))
		if err == nil {
			s, err = nodes.again(ctx, s)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// subject evaluates a file in a process of its own.
func subject(ctx context.Context, f input, target ecosystem.Target) (*lint.Subject, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot find this program: %w", err)
	}
	return subjectBy(ctx, self, f, target)
}

// subjectBy is subject by that binary of pm2drill.
func subjectBy(ctx context.Context, binary string, f input, target ecosystem.Target) (*lint.Subject, error) {
	req := ecosystem.Request{Path: f.path, Dialect: ecosystem.DialectOf(f.path), Source: f.source, Target: target}
	loaded, err := sandbox.Run(ctx, []string{binary, "agent", "evaluate"}, req)
	if err != nil {
		return nil, err
	}
	if loaded.Failure != nil || len(loaded.Effects) > 0 { // whose texts are the file's own
		loaded = veiled(loaded, projectOf(f.path, target), target)
	}
	return lint.NewSubject(req, loaded, lint.Host{}), nil
}

func resultOf(s *lint.Subject) format.Result {
	kept, ignored := lint.Suppress(s, lint.Check(s, lint.Rules()))
	undecided, weighs := undecidedOf(s)
	return format.Result{Path: s.Path, Source: s.Source, Apps: len(s.Apps), Findings: kept, Ignored: len(ignored), Unsupported: s.Loaded.Unsupported,
		Line: s.Loaded.Line, Node: s.Loaded.Node, Undecided: undecided, Absent: weighs && len(s.Loaded.Absent) > 0}
}

// undecidedOf names the settings that depend on what nobody knows beforehand, and says on
// what; weighs tells that one of them is more than a variable.
func undecidedOf(s *lint.Subject) (text string, weighs bool) {
	var names []string
	for _, at := range s.Undecided() {
		weighs = weighs || !strings.HasPrefix(at.Key, "env")
		name := at.Key
		if at.App >= 0 && s.Apps[at.App].Name != "" {
			name = s.Apps[at.App].Name + ", " + at.Key
		}
		names = append(names, name)
	}
	if n := len(names) - 5; n > 0 {
		names = append(names[:5], fmt.Sprintf("and %d more", n))
	}
	switch {
	case len(names) > 0:
		return strings.Join(names, "; ") + ", because " + strings.Join(s.Loaded.Open, "; "), weighs
	case len(s.Loaded.Absent) > 0 && s.Loaded.Unsupported == "":
		return "no setting, though " + strings.Join(s.Loaded.Open, "; "), false
	}
	return "", false
}

// sift takes out what the baseline knows, and writes one if that is asked for.
func (v *validation) sift(run *format.Run) error {
	if v.baseline != "" {
		f, err := os.Open(v.baseline)
		if err != nil {
			return fmt.Errorf("cannot read baseline: %w", err)
		}
		known, err := lint.LoadBaseline(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("%s: %w", v.baseline, err)
		}
		for i := range run.Results {
			x := &run.Results[i]
			var left []lint.Finding
			x.Findings, left = known.Sift(x.Path, x.Findings)
			x.Known = len(left)
		}
	}
	if v.write == "" {
		return nil
	}
	b := lint.Baseline{Schema: lint.BaselineSchema, Known: []lint.Known{}}
	for i := range run.Results {
		x := &run.Results[i]
		b.Add(x.Path, x.Findings)
		x.Known, x.Findings = x.Known+len(x.Findings), nil
	}
	f, err := os.Create(v.write)
	if err != nil {
		return fmt.Errorf("cannot write baseline: %w", err)
	}
	return errors.Join(b.Save(f), f.Close())
}

// exit is the exit code that the findings come to.
func (v *validation) exit(run format.Run) int {
	code := cli.ExitKept
	for _, x := range run.Results {
		if worst := lint.Worst(x.Findings); worst != "" && worst.AtLeast(lint.Severity(v.threshold)) {
			return cli.ExitBroken
		}
		if x.Inconclusive() != "" {
			code = cli.ExitInconclusive
		}
	}
	return code
}
