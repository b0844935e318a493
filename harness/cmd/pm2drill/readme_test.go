package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestReadmeListsCommands: the README's list has each command, and each command within one.
func TestReadmeListsCommands(t *testing.T) {
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## The command\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			if !sub.IsAvailableCommand() || sub.Name() == "help" {
				continue
			}
			if sub.Runnable() && !strings.Contains(section, "\n    "+sub.CommandPath()+" ") {
				t.Errorf("the README does not list %s", sub.CommandPath())
			}
			if sub.Name() != "completion" { // its shells stand in one line
				check(sub)
			}
		}
	}
	check(newRoot())
}
