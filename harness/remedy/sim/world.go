package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// World is an app under PM2, and what happens to it.
type World struct {
	Seed        uint64
	Workers     int
	Boot        time.Duration // from the start of a process until it serves or dies
	MaxRestarts int           // PM2's
	Delay       time.Duration // PM2's restart_delay
	Backoff     bool          // PM2's exp_backoff_restart_delay of 100 ms
	Ready       time.Duration // that PM2's command waits for a process that it has started (listen_timeout), 0 without wait_ready
	Variable    string        // PM2's instance_var, "" for its own
	NeedsServer bool          // a process whose server is gone dies at boot
	DiesServing bool          // and one that serves dies of it too
	Words       string        // what the app says when its server is gone
	Known       bool          // the engine can see which server the app uses
	Faults      []Fault
}

// listWords lists some of the ways to say that a server is gone: with and without its
// address, and in words that no rule knows.
func listWords() []string {
	return []string{
		"Error: connect ECONNREFUSED 10.0.0.5:5432",
		"AggregateError [ECONNREFUSED]: ",
		"Error: cannot start: pool is empty",
		"PrismaClientInitializationError: Can't reach database server at `10.0.0.5:5432`",
		"error: the database system is starting up",
		"",
	}
}

// Draw returns the world of a seed.
func Draw(seed uint64) World {
	r := rand.New(rand.NewPCG(seed, 1))
	words := listWords()
	w := World{
		Seed: seed, Workers: 1 + r.IntN(6), Boot: time.Duration(200+r.IntN(4000)) * time.Millisecond, MaxRestarts: 16,
		NeedsServer: r.IntN(3) > 0, DiesServing: r.IntN(3) == 0, Words: words[r.IntN(len(words))], Known: r.IntN(3) > 0,
	}
	switch r.IntN(4) {
	case 0:
		w.Delay = time.Duration(100*r.IntN(40)) * time.Millisecond
	case 1:
		w.Backoff = true
	case 2:
		w.MaxRestarts = 3 + r.IntN(8)
	}
	if r.IntN(4) == 0 {
		w.Ready = drawSpan(r, 3*time.Second) + time.Millisecond
	}
	if r.IntN(4) == 0 {
		w.Variable = "WORKER_NUMBER"
	}
	for range 1 + r.IntN(4) {
		w.Faults = append(w.Faults, drawFault(r, w.Workers))
	}
	if r.IntN(3) == 0 { // in the middle of another one, or soon after it
		f := w.Faults[r.IntN(len(w.Faults))]
		w.Faults = append(w.Faults, Fault{Kind: EngineGone, At: f.At + drawSpan(r, f.For+killedIn), For: time.Second + drawSpan(r, killedFor)})
	}
	slices.SortFunc(w.Faults, func(a, b Fault) int { return int(a.At - b.At) })
	return w
}

// Bounds of what is drawn.
const (
	firstAt   = 3 * time.Second
	latestAt  = 20 * time.Second
	usualFor  = 12 * time.Second
	longFor   = 40 * time.Second // of one fault in six
	killedIn  = 5 * time.Second
	killedFor = 6 * time.Second
)

// drawFault draws a fault of an app of so many workers.
func drawFault(r *rand.Rand, workers int) Fault {
	kinds, most := listKinds(), usualFor
	if r.IntN(6) == 0 {
		most = longFor
	}
	return Fault{
		Kind: kinds[r.IntN(len(kinds))], At: firstAt + drawSpan(r, latestAt-firstAt), For: time.Second + drawSpan(r, most), Worker: r.IntN(workers),
	}
}

// drawSpan draws a time below most, in milliseconds.
func drawSpan(r *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(r.Int64N(most.Milliseconds())) * time.Millisecond
}

// End returns when the last fault is over.
func (w World) End() time.Duration {
	var end time.Duration
	for _, f := range w.Faults {
		end = max(end, f.At+f.For)
	}
	return end
}

// has reports whether a kind of fault comes in a world.
func (w World) has(kind string) bool {
	return slices.ContainsFunc(w.Faults, func(f Fault) bool { return f.Kind == kind })
}

// String returns the world as text, one fault a line.
func (w World) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %d workers, boot %s, max_restarts %d, restart_delay %s, back-off %v, instance_var %q, listen_timeout %s, needs its server %v (and while it serves %v, known %v: %q)",
		w.Seed, w.Workers, w.Boot, w.MaxRestarts, w.Delay, w.Backoff, w.Variable, w.Ready, w.NeedsServer, w.DiesServing, w.Known, w.Words)
	for _, f := range w.Faults {
		fmt.Fprintf(&b, "\n  %s", f)
	}
	return b.String()
}
