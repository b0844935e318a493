package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newTool returns a command like pm2drill, with one verb that prints what it is given.
func newTool() *cobra.Command {
	root := &cobra.Command{Use: "tool", Args: cobra.ArbitraryArgs, Version: "1"}
	root.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return PrintUsage(root)
		}
		return UnknownVerb(root, args[0])
	}
	verb := &cobra.Command{Use: "verb"}
	verb.Flags().String("engine", "", "")
	verb.Flags().StringArray("app", nil, "")
	verb.Flags().Bool("json", false, "")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		cmd.Flags().Visit(func(f *pflag.Flag) { cmd.Printf("%s=%s ", f.Name, f.Value) })
		cmd.Printf("%q", args)
		return nil
	}
	raw := &cobra.Command{Use: "raw", DisableFlagParsing: true, Run: func(cmd *cobra.Command, args []string) { cmd.Printf("%q", args) }}
	root.AddCommand(verb, raw)
	return root
}

// TestFlagForms: every form that Go's flag package takes is still taken, and means the same.
func TestFlagForms(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"verb a --json b", `json=true ["a" "b"]`},
		{"verb -json a", `json=true ["a"]`},
		{"verb -json=false a", `json=false ["a"]`},
		{"verb -engine x a", `engine=x ["a"]`},
		{"verb -engine=x a", `engine=x ["a"]`},
		{"verb --engine=a=b", `engine=a=b []`},
		{"verb --engine -json a", `engine=-json ["a"]`},
		{"verb -engine --json a", `engine=--json ["a"]`},
		{"verb --engine x --engine y", `engine=y []`},
		{"verb --app x -app y", `app=[x,y] []`},
		{"verb -", `["-"]`},
		{"verb a -- -json", `["a" "-json"]`},
		{"raw -app x --", `["-app" "x" "--"]`},
	} {
		var out, errs strings.Builder
		code := Execute(t.Context(), newTool(), strings.Fields(c.args), nil, &out, &errs)
		if got := out.String() + errs.String(); code != ExitKept || got != c.want {
			t.Errorf("%s: exit code %d, %s, want %s", c.args, code, got, c.want)
		}
	}
}

// TestSuggestions: what is mistyped is named with what was probably meant, in one line.
func TestSuggestions(t *testing.T) {
	for _, c := range []struct {
		args string
		says []string
	}{
		{"vreb", []string{"vreb", "did you mean verb?", "tool help"}},
		{"wholly-different", []string{"wholly-different", "tool help"}},
		{"verb --jsno", []string{"tool verb", "--jsno", "did you mean --json?", "tool verb --help"}},
		{"verb -jsno", []string{"--jsno", "did you mean --json?"}},
		{"verb -x", []string{"there is no flag -x", "tool verb --help"}},
		{"verb --engine", []string{"--engine needs a value", "tool verb --help"}},
		{"verb --json=maybe", []string{"--json", "maybe", "tool verb --help"}},
	} {
		var out, errs strings.Builder
		code := Execute(t.Context(), newTool(), strings.Fields(c.args), nil, &out, &errs)
		if code != ExitUsage || strings.Count(errs.String(), "\n") != 1 || out.Len() > 0 {
			t.Errorf("%s: exit code %d, stderr %q, stdout %q", c.args, code, errs.String(), out.String())
		}
		for _, says := range c.says {
			if !strings.Contains(errs.String(), says) {
				t.Errorf("%s: does not say %q: %s", c.args, says, errs.String())
			}
		}
	}
	if got := findSimilar([]string{"json", "engine"}, "engin"); !slices.Equal(got, []string{"engine"}) {
		t.Errorf("similar to engin: %q", got)
	}
}

// TestSections: help shows the flags by section, in the order of their declaration, with
// units and defaults, and those without a section last.
func TestSections(t *testing.T) {
	cmd := &cobra.Command{Use: "verb", Short: "do it", Example: "  verb --rate 5", Run: func(*cobra.Command, []string) {}}
	Section(cmd, "Load", func(fs *pflag.FlagSet) {
		fs.Float64("rate", 50, "`N` requests per second")
		fs.Bool("fast", false, "hurry")
	})
	Section(cmd, "Result", func(fs *pflag.FlagSet) { fs.String("out", "here", "`FILE` to write") })
	Section(cmd, "Load", func(fs *pflag.FlagSet) { fs.String("secret", "hidden", "a `KEY`"); HideDefaults(fs, "secret") })
	cmd.Flags().Bool("bare", false, "without a section")
	var b strings.Builder
	WriteHelp(&b, cmd, 80)
	const want = `usage: verb [flags]

Do it.

Examples:
  verb --rate 5

Load:
      --rate N       N requests per second (default 50)
      --fast         hurry
      --secret KEY   a KEY

Result:
      --out FILE   FILE to write (default "here")

Other flags:
      --bare   without a section
`
	if got, _, _ := strings.Cut(b.String(), "\n\"pm2drill"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
