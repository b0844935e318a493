package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// CompleteFolders offers folders, such as those of reports.
func CompleteFolders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// CompleteList offers the rest of a list with commas, of which none is named twice.
func CompleteList(all func() []cobra.Completion) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		head := typed[:strings.LastIndex(typed, ",")+1]
		named := strings.Split(head, ",")
		var out []cobra.Completion
		for _, c := range all() {
			if name, _, _ := strings.Cut(c, "\t"); !slices.Contains(named, name) {
				out = append(out, head+c)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// Completions hold the values of a verb's flags, by the flag's name.
type Completions map[string]cobra.CompletionFunc

// Register has a verb offer the values. A flag that the verb does not have is a mistake in this
// program, and panics.
func (all Completions) Register(cmd *cobra.Command) {
	for name, values := range all {
		if err := cmd.RegisterFlagCompletionFunc(name, values); err != nil {
			panic(err)
		}
	}
}

// OneOf offers fixed values.
func OneOf(values ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
}

// FilesNamed offers files with these extensions, and folders.
func FilesNamed(extensions ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(extensions, cobra.ShellCompDirectiveFilterFileExt)
}
