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

// Command is what `pm2drill load` was asked for.
type Command struct {
	plan   Plan
	lane   Lane
	asJSON bool
}

// Declare adds the flags of the command.
func (x *Command) Declare(fs *flag.FlagSet) {
	fs.StringVar(&x.plan.URL, "url", "", "`URL` to request: http://HOST[:PORT][/PATH]")
	fs.Float64Var(&x.lane.Rate, "rate", 0, "`N` requests per second")
	fs.DurationVar(&x.plan.Duration, "duration", 0, "`TIME` for which requests fall due, such as 30s")
	fs.StringVar((*string)(&x.lane.Kind), "lane", "", "`KIND` of connections: short (one for each request), keepalive (reused) or long (one for each, slow requests)")
	fs.DurationVar(&x.lane.Timeout, "timeout", 0, "time from when a request was due, after which it counts as dropped (default 2s, long: 10s)")
	fs.IntVar(&x.lane.Conns, "conns", 20, "`N` connections that a keepalive lane opens at the start")
	fs.DurationVar(&x.lane.Work, "work", 0, "request /work?ms= instead of the path, which pm2drill's fixtures answer after this time")
	fs.BoolVar(&x.asJSON, "json", false, "print JSON lines; the last one is the result")
}

// Run sends the load, once the flags are parsed. It returns 0 when everything owed was
// answered, 1 when something was dropped, 2 when something could not be sent, and 64 for
// flags that cannot be used. args are what was given besides flags, of which there is none.
func (x *Command) Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if err := x.check(args); err != nil {
		fmt.Fprintf(stderr, "pm2drill load: %v: `pm2drill load --help` lists the flags\n", err)
		return exitUsage
	}
	v := view{out: stdout, asJSON: x.asJSON}
	tallies, err := Run(ctx, x.plan, v.showLine)
	if err == nil {
		err = v.showResult(tallies[0])
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

// check completes the plan, and reports what of it cannot be used.
func (x *Command) check(args []string) error {
	switch {
	case len(args) > 0:
		return fmt.Errorf("unexpected argument %q", args[0])
	case x.plan.URL == "":
		return errors.New("--url is missing")
	case x.plan.Duration <= 0:
		return fmt.Errorf("duration %s: give a time above 0, such as 30s", x.plan.Duration)
	}
	x.lane.Name = string(x.lane.Kind)
	if x.lane.Timeout == 0 {
		x.lane.Timeout = 2 * time.Second
		if x.lane.Kind == Long {
			x.lane.Timeout = 10 * time.Second
		}
	}
	x.plan.Lanes = []Lane{x.lane}
	return x.plan.validate()
}

// view shows a run of one lane.
type view struct {
	out     io.Writer
	asJSON  bool
	shown   time.Time
	latency []time.Duration // of answered requests, from when they were due
}

func (v *view) showLine(l evidence.Line) {
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

// showResult prints the result.
func (v *view) showResult(t evidence.Tally) error {
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
			v.computeQuantile(0.5), v.computeQuantile(0.99), v.computeQuantile(1))
		return err
	}
	result := map[string]any{
		"lane": t.Lane, "owed": t.Owed, "dropped": dropped,
		"latency_ms": map[string]float64{"p50": v.computeQuantile(0.5), "p99": v.computeQuantile(0.99), "max": v.computeQuantile(1)},
	}
	for _, c := range evidence.Classes() {
		result[string(c)] = t.Counts[c]
	}
	return json.NewEncoder(v.out).Encode(result)
}

// computeQuantile returns the quantile of the latencies in milliseconds; 0 when nothing
// was answered.
func (v *view) computeQuantile(q float64) float64 {
	if len(v.latency) == 0 {
		return 0
	}
	i := min(int(q*float64(len(v.latency))), len(v.latency)-1)
	return float64(v.latency[i].Microseconds()) / 1000
}
