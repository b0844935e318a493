package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// newSchema returns `pm2drill schema`.
func newSchema() *cobra.Command {
	cmd := &cobra.Command{
		Use: "schema [flags]", Short: "print the JSON Schema of ecosystem files", GroupID: groupValidate,
		Long:              "Prints the JSON Schema (draft 7) of ecosystem files, for editors and other validators.",
		Example:           "  pm2drill schema > ecosystem.schema.json\n  pm2drill schema --entry",
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	entry := cmd.Flags().Bool("entry", false, "print its entry for a catalogue of schemas instead")
	cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int { return printSchema(c, *entry) })
	return cmd
}

func printSchema(c cli.Call, entry bool) int {
	if len(c.Args) > 0 {
		return c.Complain("it takes no arguments")
	}
	write := ecosystem.Schema
	if entry {
		write = ecosystem.SchemaEntry
	}
	text, err := write()
	if err == nil {
		_, err = c.Stdout.Write(text)
	}
	if err != nil {
		return c.Fail(err)
	}
	return cli.ExitKept
}
