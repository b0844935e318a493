package cli

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// sectionKey names the annotation of a flag that holds the title of its section in help.
const sectionKey = "pm2drill_section"

// otherFlags names the section of the flags that have no other.
const otherFlags = "Other flags"

// Section adds to a verb the flags that declare declares. Help shows them together under the
// title, in the order of their declaration.
func Section(cmd *cobra.Command, title string, declare func(*pflag.FlagSet)) {
	fs := pflag.NewFlagSet(title, pflag.ContinueOnError)
	fs.SortFlags = false
	declare(fs)
	fs.VisitAll(func(f *pflag.Flag) { setSection(f, title) })
	cmd.Flags().SortFlags = false
	cmd.Flags().AddFlagSet(fs)
}

// GoSection adds to a verb flags of a Go flag set as Section does, in the order of their
// names. It panics on a flag that the set does not have.
func GoSection(cmd *cobra.Command, title string, from *flag.FlagSet, names ...string) {
	Section(cmd, title, func(fs *pflag.FlagSet) {
		for _, name := range names {
			fs.AddGoFlag(from.Lookup(name))
		}
	})
}

// HideDefaults leaves the defaults of these flags out of help: they come from the environment,
// and may be secrets.
func HideDefaults(fs *pflag.FlagSet, names ...string) {
	for _, name := range names {
		fs.Lookup(name).DefValue = ""
	}
}

func setSection(f *pflag.Flag, title string) {
	if f.Annotations == nil {
		f.Annotations = map[string][]string{}
	}
	f.Annotations[sectionKey] = []string{title}
}

// printHelp writes the help of a verb to stdout, folded to the terminal's width.
func printHelp(cmd *cobra.Command, _ []string) {
	WriteHelp(cmd.OutOrStdout(), cmd, findWidth(cmd.OutOrStdout()))
}

// findWidth returns how many columns help may use.
func findWidth(w io.Writer) int {
	const usual, widest = 100, 120
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			return min(columns, widest)
		}
	}
	return usual
}

// WriteHelp writes what a verb does, how it is called, examples, its verbs and its flags.
func WriteHelp(w io.Writer, cmd *cobra.Command, width int) {
	var b strings.Builder
	fmt.Fprintf(&b, "usage: %s\n\n%s\n", strings.ReplaceAll(formatUsage(cmd), "\n", "\n       "), strings.TrimSpace(describeCommand(cmd)))
	if len(cmd.Aliases) > 0 {
		fmt.Fprintf(&b, "\nAlso called: %s\n", strings.Join(cmd.Aliases, ", "))
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", strings.TrimRight(cmd.Example, "\n"))
	}
	for _, g := range cmd.Groups() {
		writeVerbs(&b, cmd, g)
	}
	if len(cmd.Groups()) == 0 {
		writeVerbs(&b, cmd, &cobra.Group{Title: "Commands:"})
	}
	for _, s := range groupFlags(cmd) {
		fmt.Fprintf(&b, "\n%s:\n%s", s.Name(), s.FlagUsagesWrapped(width))
	}
	if !cmd.HasParent() {
		b.WriteString(footer)
	}
	_, _ = io.WriteString(w, b.String()) // to a terminal, or a pipe that nobody reads
}

// ExitCodes says what the exit codes of most verbs mean, folded for help.
const ExitCodes = `0 every promise is kept, 1 a promise
is broken, 2 inconclusive or partial, 64 bad input, 70 a failure of pm2drill itself, 130 interrupted`

const footer = `
"pm2drill COMMAND --help" says more of a command. Exit codes: ` + ExitCodes + ".\n"

// formatUsage returns how a verb is called.
func formatUsage(cmd *cobra.Command) string {
	commands := cmd.CommandPath() + " COMMAND [ARGUMENTS]"
	switch {
	case !cmd.HasSubCommands():
		return cmd.UseLine()
	case cmd.HasParent() && cmd.Runnable() && strings.Contains(cmd.Use, " "): // it does something by itself
		return cmd.UseLine() + "\n" + commands
	}
	return commands
}

func describeCommand(cmd *cobra.Command) string {
	if cmd.Long != "" {
		return cmd.Long
	}
	return strings.ToUpper(cmd.Short[:1]) + cmd.Short[1:] + "."
}

// writeVerbs lists the verbs of one group.
func writeVerbs(b *strings.Builder, cmd *cobra.Command, g *cobra.Group) {
	var lines []string
	for _, sub := range cmd.Commands() {
		if sub.GroupID == g.ID && (sub.IsAvailableCommand() || sub.Name() == "help") {
			lines = append(lines, fmt.Sprintf("  %-*s  %s\n", cmd.NamePadding(), sub.Name(), sub.Short))
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "\n%s\n%s", g.Title, strings.Join(lines, ""))
	}
}

// groupFlags returns the flags of a verb in the groups that its help shows, each named by
// its title; those without a section come last.
func groupFlags(cmd *cobra.Command) (all []*pflag.FlagSet) {
	other := pflag.NewFlagSet(otherFlags, pflag.ContinueOnError)
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		into := other
		if title := f.Annotations[sectionKey]; len(title) == 1 {
			i := slices.IndexFunc(all, func(fs *pflag.FlagSet) bool { return fs.Name() == title[0] })
			if i < 0 {
				i, all = len(all), append(all, pflag.NewFlagSet(title[0], pflag.ContinueOnError))
				all[i].SortFlags = false
			}
			into = all[i]
		}
		shown := *f
		switch f.Value.Type() {
		case "bool":
			shown.Value = named{f.Value, "bool"} // else pflag writes [=true|false] behind the flag
		case "duration":
			shown.Value, shown.DefValue = named{f.Value, "TIME"}, formatBrief(f.DefValue)
		}
		into.AddFlag(&shown)
	})
	if len(all) == 0 {
		return []*pflag.FlagSet{other}
	}
	if other.HasFlags() {
		all = append(all, other)
	}
	return all
}

// named is a value that help calls by this name.
type named struct {
	pflag.Value
	name string
}

func (v named) Type() string { return v.name }

// formatBrief returns a time as people write it: 1m for 1m0s, and "" for none.
func formatBrief(s string) string {
	if s == "0s" {
		return ""
	}
	for _, rest := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, rest) {
			s = s[:len(s)-2]
		}
	}
	return s
}
