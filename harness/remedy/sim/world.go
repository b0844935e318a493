package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Kinds of a Fault.
const (
	ServerGone = "server-gone" // the server that the app needs refuses connections
	PortTaken  = "port-taken"  // a stranger listens on the app's port
	FileGone   = "file-gone"   // a file that the app reads at boot is missing
	Blocked    = "blocked"     // the event loop of one worker is blocked
	Stopped    = "stopped"     // one worker's process is stopped (SIGSTOP)
	Killed     = "killed"      // one worker's process is killed
	Poison     = "poison"      // a request that kills its worker comes again and again
	Restarted  = "restarted"   // an operator restarts one worker
	EngineGone = "engine-gone" // the engine is killed, and another one starts
)

// Fault is one thing that goes wrong.
type Fault struct {
	Kind   string
	At     time.Duration // from the beginning
	For    time.Duration // how long; of Blocked and Stopped at most, of Poison the time in which it comes
	Worker int           // of those about one worker
}

func (f Fault) String() string {
	return fmt.Sprintf("%s at %s for %s, worker %d", f.Kind, f.At, f.For, f.Worker)
}

// World is an app under PM2, and what happens to it.
type World struct {
	Seed        uint64
	Workers     int
	Boot        time.Duration // from the start of a process until it serves or dies
	MaxRestarts int           // PM2's
	Delay       time.Duration // PM2's restart_delay
	Backoff     bool          // PM2's exp_backoff_restart_delay of 100 ms
	NeedsServer bool          // a process whose server is gone dies at boot
	DiesServing bool          // and one that serves dies of it too
	Words       string        // what the app says when its server is gone
	Known       bool          // the engine can see which server the app uses
	Faults      []Fault
}

// words are some of the ways to say that a server is gone: with and without its address, and
// in words that no rule knows.
var words = []string{
	"Error: connect ECONNREFUSED 10.0.0.5:5432",
	"AggregateError [ECONNREFUSED]: ",
	"Error: cannot start: pool is empty",
	"PrismaClientInitializationError: Can't reach database server at `10.0.0.5:5432`",
	"error: the database system is starting up",
	"",
}

// Draw returns the world of a seed.
func Draw(seed uint64) World {
	r := rand.New(rand.NewPCG(seed, 1))
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
	kinds := []string{ServerGone, PortTaken, FileGone, Blocked, Stopped, Killed, Poison, Restarted, EngineGone}
	for range 1 + r.IntN(4) {
		w.Faults = append(w.Faults, Fault{
			Kind: kinds[r.IntN(len(kinds))], At: 5*time.Second + time.Duration(r.IntN(40_000))*time.Millisecond,
			For: time.Second + time.Duration(r.IntN(30_000))*time.Millisecond, Worker: r.IntN(w.Workers),
		})
	}
	slices.SortFunc(w.Faults, func(a, b Fault) int { return int(a.At - b.At) })
	return w
}

// End returns when the last fault is over.
func (w World) End() time.Duration {
	var end time.Duration
	for _, f := range w.Faults {
		end = max(end, f.At+f.For)
	}
	return end
}

// isOn reports whether a fault of a kind is on at a time.
func (w World) isOn(kind string, at time.Duration) bool {
	return slices.ContainsFunc(w.Faults, func(f Fault) bool { return f.Kind == kind && at >= f.At && at < f.At+f.For })
}

func (w World) String() string {
	var faults []string
	for _, f := range w.Faults {
		faults = append(faults, f.String())
	}
	return fmt.Sprintf("seed %d: %d workers, boot %s, max_restarts %d, restart_delay %s, back-off %v, needs its server %v (and while it serves %v, known %v: %q); %s",
		w.Seed, w.Workers, w.Boot, w.MaxRestarts, w.Delay, w.Backoff, w.NeedsServer, w.DiesServing, w.Known, w.Words, strings.Join(faults, "; "))
}
