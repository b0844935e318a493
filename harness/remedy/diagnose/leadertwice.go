package diagnose

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// diagnoseLeaderTwice returns a diagnosis where two workers have the number 0 and run: what
// only worker 0 does is done twice. PM2 gives a number again where it knows it as text
// (God.js, injectVariables), and a worker that was given its number by its environment
// passes that on to those that are made after it (God.js, executeApp).
func diagnoseLeaderTwice(c Facts) (Diagnosis, bool) {
	leaders := listLeaders(c.ListDesired())
	if len(leaders) < 2 {
		return Diagnosis{}, false
	}
	since := c.findHeldSince(func(o *observe.Observation) bool { return o.Daemon.Alive && len(listLeaders(o.Workers)) >= 2 })
	if c.Now.At-since < leaderless {
		return Diagnosis{}, false
	}
	for _, w := range c.ListDesired() {
		if c.Now.DeriveState(w, c.stall) != observe.DerivedServing {
			return Diagnosis{}, false
		}
	}
	last := slices.MaxFunc(leaders, func(a, b observe.Worker) int { return a.ID - b.ID })
	free := findFreeNumber(c.Now.Workers)
	return Diagnosis{
		Cause: engine.LeaderTwice, Subject: "worker " + observe.Leader, IDs: []int{last.ID}, PIDs: []int{last.PID}, Confidence: 0.8,
		Env: map[string]string{last.NumberVariable(): free},
		Evidence: []engine.Fact{{Source: "rpc", Text: fmt.Sprintf("%d workers have %s %s, and have had it for %s",
			len(leaders), last.NumberVariable(), observe.Leader, (c.Now.At - since).Round(100*time.Millisecond))}},
		RuledOut: []engine.Ruled{{Cause: engine.EverybodyLeads, Fact: fmt.Sprintf("%d of %d workers have another number", len(c.ListDesired())-len(leaders), len(c.ListDesired()))}},
		Human:    "look for what was done twice meanwhile; do not tie work to the number 0: use a lock in the database or a process of its own",
	}, true
}

// listLeaders lists the workers with a process that have the leader's number.
func listLeaders(workers []observe.Worker) []observe.Worker {
	var out []observe.Worker
	for i := range workers {
		if workers[i].Alive && workers[i].Instance == observe.Leader {
			out = append(out, workers[i])
		}
	}
	return out
}

// findFreeNumber returns the lowest number that no worker has.
func findFreeNumber(workers []observe.Worker) string {
	for n := 0; ; n++ {
		number := strconv.Itoa(n)
		if !slices.ContainsFunc(workers, func(w observe.Worker) bool { return w.Instance == number }) {
			return number
		}
	}
}
