package load

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
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
owed at a fixed moment, sent once on a connection of the generator's own, and
ends in exactly one class: answered (a complete 2xx), wrong-status, truncated,
timed-out, reset, refused, or unsent, which is the generator's own shortfall.

`

// Command is `pm2drill load`. It exits with 0 when everything owed was
// answered, 1 when something was dropped, 2 when something could not be sent.
func Command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	plan, asJSON, err := parseCommand(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		fs, _, _, _ := flags()
		fs.SetOutput(stdout)
		fs.PrintDefaults()
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(stderr, "pm2drill load: %v: `pm2drill load --help` lists the flags\n", err)
		return exitUsage
	}
	v := view{out: stdout, asJSON: asJSON}
	tallies, err := Run(ctx, plan, v.line)
	if err == nil {
		err = v.last(tallies[0])
	}
	switch t := tallies; {
	case err != nil:
		fmt.Fprintf(stderr, "pm2drill load: %v\n", err)
		return exitInternal
	case ctx.Err() != nil:
		return exitInterrupted
	case t[0].Counts[evidence.Unsent] > 0:
		return exitInconclusive
	case t[0].Counts[evidence.Answered] < t[0].Owed:
		return exitDropped
	}
	return exitOK
}

func flags() (fs *flag.FlagSet, plan *Plan, lane *Lane, asJSON *bool) {
	plan, lane = &Plan{}, &Lane{}
	fs = flag.NewFlagSet("load", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&plan.URL, "url", "", "what to request: http://HOST[:PORT][/PATH]")
	fs.Float64Var(&lane.Rate, "rate", 0, "requests per second")
	fs.DurationVar(&plan.Duration, "duration", 0, "how long requests fall due, such as 30s")
	fs.StringVar((*string)(&lane.Kind), "lane", "", "short (a connection each), keepalive (reused ones) or long (a connection each, slow requests)")
	fs.DurationVar(&lane.Timeout, "timeout", 0, "from when a request was due; then it counts as dropped (default 2s, long: 10s)")
	fs.IntVar(&lane.Conns, "conns", 20, "connections a keepalive lane opens at the start")
	fs.DurationVar(&lane.Work, "work", 0, "request /work?ms= instead of the path, as pm2drill's fixtures have it")
	return fs, plan, lane, fs.Bool("json", false, "print JSON lines; the last one is the result")
}

func parseCommand(args []string) (Plan, bool, error) {
	fs, plan, lane, asJSON := flags()
	if err := fs.Parse(args); err != nil {
		return Plan{}, false, err
	}
	switch {
	case fs.NArg() > 0:
		return Plan{}, false, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case plan.URL == "":
		return Plan{}, false, errors.New("--url is missing")
	case plan.Duration <= 0:
		return Plan{}, false, fmt.Errorf("duration %s: give a time above 0, such as 30s", plan.Duration)
	}
	lane.Name = string(lane.Kind)
	if lane.Timeout == 0 {
		lane.Timeout = 2 * time.Second
		if lane.Kind == Long {
			lane.Timeout = 10 * time.Second
		}
	}
	plan.Lanes = []Lane{*lane}
	return *plan, *asJSON, plan.validate()
}

// view shows a run of one lane.
type view struct {
	out     io.Writer
	asJSON  bool
	shown   time.Time
	latency []time.Duration // of answered requests, from when they were due
}

func (v *view) line(l evidence.Line) {
	if r := l.Request; r != nil && r.Class == evidence.Answered {
		v.latency = append(v.latency, r.Done-r.Due)
	}
	p := l.Progress
	if p == nil || time.Since(v.shown) < time.Second {
		return
	}
	v.shown = time.Now()
	if v.asJSON {
		v.print(map[string]any{"progress": p})
		return
	}
	fmt.Fprintf(v.out, "%d owed, %d answered, %d dropped\n", p.Owed, p.Answered, p.Dropped)
}

func (v *view) print(x any) {
	_ = json.NewEncoder(v.out).Encode(x) // the last line's error is the one that is told
}

// last prints the result.
func (v *view) last(t evidence.Tally) error {
	dropped := 0
	for c, n := range t.Counts {
		if c.Dropped() {
			dropped += n
		}
	}
	slices.Sort(v.latency)
	if !v.asJSON {
		fmt.Fprintf(v.out, "\n%-13s%8d\n", "owed", t.Owed)
		for _, c := range evidence.Classes() {
			fmt.Fprintf(v.out, "%-13s%8d\n", c, t.Counts[c])
		}
		_, err := fmt.Fprintf(v.out, "%-13s%8d\nlatency from due: p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", "dropped", dropped,
			v.quantile(0.5), v.quantile(0.99), v.quantile(1))
		return err
	}
	result := map[string]any{
		"lane": t.Lane, "owed": t.Owed, "dropped": dropped,
		"latency_ms": map[string]float64{"p50": v.quantile(0.5), "p99": v.quantile(0.99), "max": v.quantile(1)},
	}
	for _, c := range evidence.Classes() {
		result[string(c)] = t.Counts[c]
	}
	return json.NewEncoder(v.out).Encode(result)
}

// quantile is in milliseconds; 0 when nothing was answered.
func (v *view) quantile(q float64) float64 {
	if len(v.latency) == 0 {
		return 0
	}
	i := min(int(q*float64(len(v.latency))), len(v.latency)-1)
	return float64(v.latency[i].Microseconds()) / 1000
}
