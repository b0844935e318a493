package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/format"
)

// Choice says which findings are wanted.
type Choice struct{ severity, rules, ignored string }

// Declare adds the flags that choose findings.
func (c *Choice) Declare(flags *pflag.FlagSet) {
	flags.StringVar(&c.severity, "severity", "info", "leave out what is less severe than this `SEVERITY`: info, warning or error")
	flags.StringVar(&c.rules, "rule", "", "check only these `RULES`, separated by commas, such as C001,C003")
	flags.StringVar(&c.ignored, "ignore", "", "leave out these `RULES`, separated by commas, such as E003,T008")
}

// ChoiceCompletions returns the values of those flags.
func ChoiceCompletions() cli.Completions {
	return cli.Completions{"severity": cli.OneOf(ListSeverities()...), "rule": cli.CompleteList(ListRules), "ignore": cli.CompleteList(ListRules)}
}

// ListSeverities returns the severities, the least first.
func ListSeverities() (out []string) {
	for _, s := range lint.Severities() {
		out = append(out, string(s))
	}
	return out
}

// Wrong says what is wrong with the choice, "" if nothing is.
func (c Choice) Wrong() string {
	if !slices.Contains(lint.Severities(), lint.Severity(c.severity)) {
		return fmt.Sprintf("there is no severity %q: use info, warning or error", c.severity)
	}
	for _, id := range append(parseRuleIDs(c.rules), parseRuleIDs(c.ignored)...) {
		if _, ok := lint.Find(id); !ok {
			return fmt.Sprintf("there is no rule %q: `pm2drill explain` lists them", id)
		}
	}
	return ""
}

// apply leaves out of the run what is not wanted, and counts it there.
func (c Choice) apply(run *format.Run) {
	only, ignored := parseRuleIDs(c.rules), parseRuleIDs(c.ignored)
	for i := range run.Results {
		x := &run.Results[i]
		before := len(x.Findings)
		x.Findings = slices.DeleteFunc(x.Findings, func(f lint.Finding) bool {
			return !f.Severity.AtLeast(lint.Severity(c.severity)) || len(only) > 0 && !slices.Contains(only, f.Rule) || slices.Contains(ignored, f.Rule)
		})
		x.Hidden = before - len(x.Findings)
	}
}

// parseRuleIDs returns the rules of a list with commas.
func parseRuleIDs(s string) []string {
	return strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return r == ',' || r == ' ' })
}

// ListRules returns the rules with their titles, to be completed.
func ListRules() (out []cobra.Completion) {
	for _, r := range lint.Rules() {
		out = append(out, cobra.CompletionWithDesc(r.ID, r.Title))
	}
	return out
}
