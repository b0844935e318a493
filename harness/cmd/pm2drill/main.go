// Command pm2drill drills PM2 clusters: it breaks them on purpose, lets a
// remediation engine act, and judges from recorded evidence whether they
// recovered and whether a request was dropped.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/remedy"
)

// Exit codes, as the README lists them.
const (
	exitKept         = 0
	exitBroken       = 1
	exitInconclusive = 2
	exitUsage        = 64  // the caller's input cannot be used
	exitInternal     = 70  // the harness, or what it needs, failed
	exitInterrupted  = 130 // Ctrl-C, a closed terminal or SIGTERM
)

// call is what a subcommand gets.
type call struct {
	args   []string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// command is a subcommand.
type command struct {
	name    string
	summary string
	run     func(context.Context, call) int
}

func commands() []command {
	return []command{
		{"run", "run drills, judge them and write a report", runCommand},
		{"gate", "test a remediation engine against a profile, for CI", gateCommand},
		{"reproduce", "cause one incident, or a captured one, and show it live", reproduceCommand},
		{"capture", "record the state of a host in an incident, for reproduce --from", captureCommand},
		{"teeth", "prove that wrong engines and faults of the harness are detected", teethCommand},
		{"validate", "check ecosystem files before a deployment", validateCommand},
		{"lsp", "serve an editor that edits ecosystem files (language server)", lspCommand},
		{"schema", "print the JSON Schema of ecosystem files", schemaCommand},
		{"explain", "explain a rule of validate", explainCommand},
		{"list", "list the scenarios", listCommand},
		{"compare", "compare two reports", compareCommand},
		{"league", "compare engines by their reports", leagueCommand},
		{"judge", "repeat the judgement of stored evidence", judgeCommand},
		{"load", "send open-loop load and report the outcome of every request", loadCommand},
		{"engine", "run the reference remediation engine on this host", engineCommand},
		{"doctor", "check that this machine can run drills", doctorCommand},
		{"clean", "remove everything that pm2drill created, except reports", cleanCommand},
		{"version", "print the version", versionCommand},
	}
}

func main() { os.Exit(dispatch()) }

func dispatch() int {
	// A second signal finds the default handler and kills; what is left behind
	// then is the reaper's.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop)
	c := call{args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	if len(c.args) == 0 {
		usage(c.stderr)
		return exitUsage
	}
	name := c.args[0]
	c.args = c.args[1:]
	switch name {
	case "help", "-h", "--help":
		usage(c.stdout)
		return exitKept
	case "agent": // what the harness runs inside a cluster's container, and its reaper
		return agentCommand(ctx, c)
	case "report":
		return reportCommand(ctx, c)
	}
	for _, cmd := range commands() {
		if cmd.name == name {
			return cmd.run(ctx, c)
		}
	}
	fmt.Fprintf(c.stderr, "pm2drill: there is no command %q: `pm2drill help` lists them\n", name)
	return exitUsage
}

func usage(w io.Writer) {
	fmt.Fprint(w, `pm2drill breaks PM2 clusters on purpose, lets a remediation engine act, and judges
from recorded evidence whether they recovered and whether a request was dropped.

usage: pm2drill COMMAND [ARGUMENTS]

`)
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", cmd.name, cmd.summary)
	}
	fmt.Fprint(w, `
`+"`pm2drill COMMAND --help`"+` says more. Exit codes: 0 every promise is kept, 1 one is broken,
2 inconclusive or partial, 64 bad input, 70 a failure of pm2drill itself, 130 interrupted.
`)
}

// parse reads flags, which may stand before, between and after the names that it
// returns. done is true when there is nothing left to do, because help was asked
// for or the flags cannot be used; code is then the exit code.
func parse(fs *flag.FlagSet, c call, synopsis string) (names []string, code int, done bool) {
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	err := fs.Parse(c.args)
	for err == nil && fs.NArg() > 0 {
		names = append(names, fs.Arg(0))
		err = fs.Parse(fs.Args()[1:])
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(c.stdout, "usage: pm2drill %s %s\n\n", fs.Name(), synopsis)
		fs.SetOutput(c.stdout)
		fs.PrintDefaults()
		return nil, exitKept, true
	case err != nil:
		fmt.Fprintf(c.stderr, "pm2drill %s: %v: `pm2drill %s --help` lists the flags\n", fs.Name(), err, fs.Name())
		return nil, exitUsage, true
	}
	return names, exitKept, false
}

func loadCommand(ctx context.Context, c call) int {
	return load.Command(ctx, c.args, c.stdout, c.stderr)
}

func engineCommand(ctx context.Context, c call) int {
	return remedy.Command(ctx, c.args, os.Getenv, c.stdin, c.stdout, c.stderr)
}
