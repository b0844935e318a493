package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/validate"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/scenarios"
)

// completeScenarios offers the scenarios and their labels, and folders for scenarios of the
// user's own.
func completeScenarios(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	out := slices.DeleteFunc(listScenarioNames(), func(c cobra.Completion) bool {
		name, _, _ := strings.Cut(c, "\t")
		return slices.Contains(args, name)
	})
	return append(out, session.Labels()...), cobra.ShellCompDirectiveDefault
}

// completeOneScenario offers the scenarios for a verb that takes one.
func completeOneScenario(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return listScenarioNames(), cobra.ShellCompDirectiveDefault
}

// listScenarioNames returns the scenarios of the catalogue, each with the first sentence
// of its story.
func listScenarioNames() (out []cobra.Completion) {
	for _, s := range scenarios.Catalogue() {
		sentence, _, _ := strings.Cut(strings.ReplaceAll(s.Story, "\n", " "), ". ")
		out = append(out, cobra.CompletionWithDesc(s.Name, sentence))
	}
	return out
}

// completeRules offers the rules of validate.
func completeRules(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return validate.ListRules(), cobra.ShellCompDirectiveNoFileComp
}

// completeMutants offers the engines and parts that selftest drills.
func completeMutants(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var out []cobra.Completion
	for _, t := range scenarios.Teeth(drill.Engine{}) {
		out = append(out, cobra.CompletionWithDesc(t.Name, t.Story))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
