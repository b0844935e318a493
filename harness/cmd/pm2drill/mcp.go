package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/tools"
)

// newMCP returns `pm2drill mcp`.
func newMCP() *cobra.Command {
	return &cobra.Command{
		Use: "mcp", Short: "serve pm2drill to AI clients as an MCP server", GroupID: groupOther,
		Long: `Serves a client of the Model Context Protocol (MCP), such as an editor or an AI agent, on
stdin and stdout. A tool is a command of pm2drill: it takes the flags of the command as
arguments, and returns what the command prints with --json. list, validate, explain, run,
judge and compare have the names of their commands; diagnose is reproduce --from FILE
--diagnose.

Paths are relative to the folder in which the client starts the server; run writes its
report to reports/RUN there. A call that is cancelled, and a client that leaves, end a run,
and what it has started is removed. Runs go one after the other.

A client is configured with the command, such as in .mcp.json:

  {"mcpServers": {"pm2drill": {"command": "pm2drill", "args": ["mcp"]}}}

or in Claude Code by: claude mcp add pm2drill -- pm2drill mcp`,
		Example:           "  pm2drill mcp",
		Args:              cli.RefuseArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              cli.Run(serveTools),
	}
}

// listTools returns the tools, each with the verb that it calls.
func listTools() []tools.Tool {
	versions := []string{"node", "pm2"}
	return []tools.Tool{
		{Name: "list", Verb: "list", Fixed: []string{"--json"}, Output: "list.json",
			About:   "Lists drill scenarios: incidents of PM2 clusters that can be drilled with `run`. Returns each scenario's name, labels, arms and story.",
			Operand: tools.Operand{Name: "names", About: "scenarios or labels, such as port-taken or tier:core; all scenarios if it is left out"}},
		{Name: "validate", Verb: "validate", Fixed: []string{"--format=json"}, Output: "validate.json",
			About:   "Checks PM2 ecosystem files for problems before they are deployed, without starting anything. Returns the findings with their lines, harm and fixes; `explain` says more of a rule.",
			Operand: tools.Operand{Name: "files", About: "ecosystem files, or folders that are searched for them", Least: 1},
			Flags:   append([]string{"env", "cpus", "target", "severity", "threshold", "rule", "ignore"}, versions...)},
		{Name: "explain", Verb: "explain", Fixed: []string{"--json"}, Output: "explain.json",
			About:   "Explains rules of `validate`: what each finds, what harm that does, how to repair it, and where PM2 does so.",
			Operand: tools.Operand{Name: "rules", About: "IDs of rules, such as K005; all rules if it is left out"}},
		{Name: "run", Verb: "run", Fixed: []string{"--json"}, Output: "report.json", Alone: true, Changes: true,
			About:   "Drills scenarios in Docker containers with real PM2 (some 20 s to some minutes for an arm), judges the evidence and returns the report (its folder is reports/<run.id> unless `out` is given). Needs Linux and Docker.",
			Operand: tools.Operand{Name: "names", About: "scenarios, labels, or folders with a slash that have a scenario of your own. Without it the whole catalogue is drilled, which takes hours", Least: 1},
			Flags:   append([]string{"arms", "repeat", "until", "at-most", "variants", "jobs", "seed", "engine", "engine-dir", "engine-image", "out"}, versions...)},
		{Name: "judge", Verb: "judge", Fixed: []string{"--json"}, Output: "report.json", Changes: true,
			About:   "Judges the stored evidence of a run again, by the promises of this version, and returns the new report.",
			Operand: tools.Operand{Name: "report", About: "report folder of a run, such as reports/20260102-150405-0007", Least: 1, Most: 1},
			Flags:   []string{"out"}},
		{Name: "compare", Verb: "compare", Fixed: []string{"--json"}, Output: "compare.json",
			About:   "Compares two report folders, such as before and after a change: rulings, lost requests with their causes, times. Exit code 1 if the second is worse, 2 if that is unclear.",
			Operand: tools.Operand{Name: "reports", About: "two report folders, the older one first", Least: 2, Most: 2}},
		{Name: "diagnose", Verb: "reproduce", Fixed: []string{"--diagnose", "--json"}, Output: "diagnosis.json",
			About: "Says what a file of `pm2drill capture` shows of an incident on a PM2 host: causes with their evidence and what was ruled out, and the scenario that is about it. Exit code 2 if no scenario is about it.",
			Flags: []string{"from"}, Required: []string{"from"}},
	}
}

// executeVerb runs a command line as the program would. No tool reads stdin, which is the
// client's.
func executeVerb(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return cli.Execute(ctx, newRoot(), args, strings.NewReader(""), stdout, stderr)
}

func serveTools(ctx context.Context, c cli.Call) int {
	s, err := tools.NewServer(newRoot(), listTools(), executeVerb)
	if err != nil {
		return c.Fail(err)
	}
	err = s.Run(ctx, &mcp.IOTransport{Reader: io.NopCloser(c.Stdin), Writer: keptOpen{c.Stdout}})
	if err != nil && !errors.Is(err, context.Canceled) {
		return c.Fail(err)
	}
	return cli.ExitKept
}

// keptOpen is a writer that its user must not close.
type keptOpen struct{ io.Writer }

func (keptOpen) Close() error { return nil }
