package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/remedy/config"
	"github.com/pm2drill/pm2drill/harness/remedy/status"
)

// newSchema returns `pm2drill schema`.
func newSchema() *cobra.Command {
	cmd := &cobra.Command{
		Use: "schema [ecosystem|engine|incidents] [flags]", Short: "print the JSON Schema of ecosystem files, or of the engine's files", GroupID: groupValidate,
		Long: `Prints a JSON Schema for editors and other validators: of ecosystem files (draft 7), of the
engine's configuration, or of what the engine answers on GET /incidents (draft 2020-12).`,
		Example:   "  pm2drill schema > ecosystem.schema.json\n  pm2drill schema --entry\n  pm2drill schema engine > engine.schema.json",
		ValidArgs: []string{"ecosystem", "engine", "incidents"},
	}
	entry := cmd.Flags().Bool("entry", false, "print its entry for a catalogue of schemas instead")
	cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int { return printSchema(c, *entry) })
	return cmd
}

func printSchema(c cli.Call, entry bool) int {
	of := "ecosystem"
	if len(c.Args) > 0 {
		of = c.Args[0]
	}
	write, ok := map[string]func() ([]byte, error){
		"ecosystem": ecosystem.Schema,
		"engine":    config.Schema,
		"incidents": func() ([]byte, error) { return status.Schema(), nil },
	}[of]
	switch {
	case len(c.Args) > 1 || !ok:
		return c.Complain("there is no schema of %q: give ecosystem, engine or incidents", strings.Join(c.Args, " "))
	case entry && of != "ecosystem":
		return c.Complain("--entry goes with ecosystem alone")
	case entry:
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
