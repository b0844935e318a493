package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// exitError carries the exit code of a verb, which has said what there is to say, through
// cobra.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Run adapts a verb that returns an exit code to cobra.
func Run(run func(context.Context, Call) int) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c := Call{Name: cmd.Name(), Args: args, Stdin: cmd.InOrStdin(), Stdout: cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr()}
		if code := run(cmd.Context(), c); code != ExitKept {
			return exitError(code)
		}
		return nil
	}
}

// Execute runs the verb that args name and returns the exit code. An error of the command
// line itself is one line on stderr.
func Execute(ctx context.Context, root *cobra.Command, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root.SilenceErrors, root.SilenceUsage = true, true
	describeHelp(root)
	root.SetFlagErrorFunc(explainFlagError)
	root.SetHelpFunc(printHelp)
	root.SetArgs(rewriteDashes(root, args))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	var exit exitError
	switch {
	case err == nil:
		return ExitKept
	case errors.As(err, &exit):
		return int(exit)
	}
	fmt.Fprintf(stderr, "%s: %v\n", cmd.CommandPath(), err)
	return ExitUsage
}

// describeHelp adds the flag --help to each verb, and --version to the one that has it.
func describeHelp(cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	cmd.Flags().Lookup("help").Usage = "print this help"
	if f := cmd.Flags().Lookup("version"); f != nil {
		f.Usage = "print the version"
	}
	for _, sub := range cmd.Commands() {
		describeHelp(sub)
	}
}

// rewriteDashes rewrites -flag as --flag, which Go's flag package takes as well, and
// which pm2drill took before it parsed with pflag. Values of flags and what follows "--"
// stay as they are. No flag of pm2drill has a short form but -h and -v.
func rewriteDashes(root *cobra.Command, args []string) []string {
	cmd, first := root, 0
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		if found, _, err := root.Find(args[:1]); err == nil && found != root {
			cmd, first = found, 1
		}
	}
	if cmd.DisableFlagParsing {
		return args
	}
	out := slices.Clone(args)
	for i := first; i < len(out) && out[i] != "--"; i++ {
		if !strings.HasPrefix(out[i], "-") || len(out[i]) < 3 {
			continue
		}
		out[i] = "--" + strings.TrimLeft(out[i], "-")
		name, _, assigned := strings.Cut(out[i][2:], "=")
		if f := cmd.Flags().Lookup(name); f != nil && !assigned && f.NoOptDefVal == "" {
			i++ // its value
		}
	}
	return out
}

// explainFlagError says what is wrong with a flag, and what was probably meant.
func explainFlagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var empty *pflag.ValueRequiredError
	what := err.Error()
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		what = fmt.Sprintf("there is no flag -%s", unknown.GetSpecifiedName())
		if short := strings.ToLower(unknown.GetSpecifiedName()); cmd.Flags().ShorthandLookup(short) != nil {
			what += suggest([]string{short}, "-")
		}
	case errors.As(err, &unknown):
		what = fmt.Sprintf("there is no flag --%s", unknown.GetSpecifiedName()) + suggest(findSimilar(listFlags(cmd), unknown.GetSpecifiedName()), "--")
	case errors.As(err, &invalid):
		what = fmt.Sprintf("--%s %q cannot be used: %s", invalid.GetFlag().Name, invalid.GetValue(), explainValue(invalid))
	case errors.As(err, &empty) && empty.GetSpecifiedShortnames() == "":
		what = fmt.Sprintf("--%s needs a value", empty.GetSpecifiedName())
	}
	return fmt.Errorf("%s: `%s --help` lists the flags", what, cmd.CommandPath())
}

// explainValue says what value a flag takes: in its own words where it has a type of its own.
func explainValue(err *pflag.InvalidValueError) string {
	switch err.GetFlag().Value.Type() {
	case "duration":
		return "give a time with its unit, such as 500ms, 10s or 1m30s"
	case "int", "int32", "int64", "uint", "uint64":
		return "give a whole number"
	case "float64":
		return "give a number"
	case "bool":
		return "give true or false"
	}
	return errors.Unwrap(err).Error()
}

// RefuseArgs refuses every argument: it is for a verb that takes flags alone.
func RefuseArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%q is not expected: it takes no arguments", args[0])
	}
	return nil
}

// UnknownVerb returns the error for a verb that parent, the tool or one of its verbs, does not
// have.
func UnknownVerb(parent *cobra.Command, name string) error {
	list := parent.CommandPath() + " --help"
	if !parent.HasParent() {
		list = parent.Name() + " help"
	}
	parent.SuggestionsMinimumDistance = farthest
	return fmt.Errorf("there is no command %q%s: `%s` lists them", name, suggest(parent.SuggestionsFor(name), ""), list)
}

// farthest says by how many letters a name may differ from what was typed to be suggested.
const farthest = 2

// findSimilar returns those of the names that cobra would suggest for what was typed, if
// they were verbs.
func findSimilar(names []string, typed string) []string {
	all := &cobra.Command{SuggestionsMinimumDistance: farthest}
	for _, name := range names {
		all.AddCommand(&cobra.Command{Use: name, Run: func(*cobra.Command, []string) {}})
	}
	return all.SuggestionsFor(typed)
}

func listFlags(cmd *cobra.Command) (names []string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// Suggest returns those of the names that are like what was typed, as a question behind it, ""
// if there are none.
func Suggest(names []string, typed string) string { return suggest(findSimilar(names, typed), "") }

// suggest returns the names as a question behind what was typed, "" if there are none.
func suggest(names []string, dashes string) string {
	if len(names) == 0 {
		return ""
	}
	return " (did you mean " + dashes + strings.Join(names, " or "+dashes) + "?)"
}

// PrintUsage prints the help of a verb that was called without what it needs on stderr, and
// returns the error that exits with 64.
func PrintUsage(cmd *cobra.Command) error {
	WriteHelp(cmd.ErrOrStderr(), cmd, findWidth(cmd.ErrOrStderr()))
	return exitError(ExitUsage)
}
