package load

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Exit codes of the command, as the README lists them.
const (
	exitOK           = 0
	exitDropped      = 1
	exitInconclusive = 2
	exitUsage        = 64
	exitInternal     = 70
	exitInterrupted  = 130
)

const usage = `usage: pm2drill load --url URL --rate N --duration D --lane short|keepalive|long [flags]

Sends GET requests at a constant rate and accounts for every one. Each request is
owed at a fixed moment, whether the server keeps up or not, is sent once on a
connection of the generator's own, never retried, and ends in exactly one class:

  answered      a complete 2xx response
  refused       nobody took the connection
  reset         closed or reset before a byte of the response
  timed-out     no complete response within the timeout
  truncated     closed or malformed within the response
  wrong-status  a complete response that is no 2xx
  unsent        the generator's own shortfall; says nothing about the server

`

const usageEnd = `
Exit codes: 0 everything owed was answered, 1 something was dropped, 2 something
could not be sent, 64 bad input, 70 the generator failed, 130 interrupted.
`

// Command is `pm2drill load`. It returns the exit code: 0 when everything owed
// was answered, 1 when something was dropped, 2 when something could not be
// sent, 64 for bad input, 70 when the generator failed and 130 when ctx ended
// first; the result is printed even then.
func Command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		fs := (&options{}).flags()
		fs.SetOutput(stdout)
		fs.PrintDefaults()
		fmt.Fprint(stdout, usageEnd)
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(stderr, "pm2drill load: %v: `pm2drill load --help` lists the flags\n", err)
		return exitUsage
	}
	v := newView(o.json, stdout, stderr)
	tallies, err := Run(ctx, o.plan, v.line)
	var unknown *net.DNSError
	if errors.As(err, &unknown) {
		fmt.Fprintf(stderr, "pm2drill load: %v: check the host in --url\n", err)
		return exitUsage
	}
	if err == nil {
		err = v.result(tallies[0])
	}
	switch t := tallies; {
	case err != nil:
		fmt.Fprintf(stderr, "pm2drill load: %v\n", err)
		return exitInternal
	case ctx.Err() != nil:
		return exitInterrupted
	case t[0].Counts[evidence.Unsent] > 0:
		return exitInconclusive
	case dropped(t[0]) > 0:
		return exitDropped
	}
	return exitOK
}

// options is what the command line says.
type options struct {
	plan Plan
	lane Lane
	json bool
}

func (o *options) flags() *flag.FlagSet {
	fs := flag.NewFlagSet("load", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.plan.URL, "url", "", "what to request: `http://HOST[:PORT][/PATH]`")
	fs.Float64Var(&o.lane.Rate, "rate", 0, "requests per second")
	fs.DurationVar(&o.plan.Duration, "duration", 0, "how long requests fall due, such as 30s")
	fs.StringVar((*string)(&o.lane.Kind), "lane", "", "`kind` of traffic: short (a connection per request), keepalive (reused\nconnections) or long (as short, with 10s instead of 2s to answer)")
	fs.DurationVar(&o.lane.Timeout, "timeout", 0, "for dialling, writing and reading one request (default 2s, long: 10s)")
	fs.IntVar(&o.lane.Conns, "conns", 10, "connections that a keepalive lane keeps in its pool; 0: as many as it takes")
	fs.DurationVar(&o.lane.Work, "work", 0, "how long the server shall take: adds ms= to the query, of /work where\nthe URL has no path, as pm2drill's fixtures understand it")
	fs.BoolVar(&o.json, "json", false, "print JSON lines: progress, each request that was not answered, and last\nthe result")
	return fs
}

// parse reads the command line. The error says what is wrong and what to give.
func parse(args []string) (options, error) {
	var o options
	fs := o.flags()
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	switch {
	case fs.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case o.plan.URL == "":
		return o, errors.New("--url is missing: give http://HOST[:PORT][/PATH]")
	case o.lane.Kind == "":
		return o, errors.New("--lane is missing: give short, keepalive or long")
	case o.plan.Duration <= 0:
		return o, fmt.Errorf("duration %s: give a time above 0, such as 30s", o.plan.Duration)
	}
	o.lane.Name = string(o.lane.Kind)
	if o.lane.Timeout == 0 {
		o.lane.Timeout = 2 * time.Second
		if o.lane.Kind == Long {
			o.lane.Timeout = 10 * time.Second
		}
	}
	o.plan.Lanes = []Lane{o.lane}
	return o, o.plan.validate()
}
