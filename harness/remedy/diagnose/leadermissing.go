package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// leaderless is how long no worker may be the leader: PM2 takes workers away one
// after the other, and somebody may be about to add one.
const leaderless = 3 * time.Second

// diagnoseLeaderMissing returns a diagnosis where every worker has an instance number, none has 0, and they run.
// PM2 counts from 0 and takes the lowest ids away first when it scales down; no
// restart and no reload brings a number back (API.js, scale). A worker 0 that is
// listed and does not run is another matter: somebody stopped it, or it dies.
func diagnoseLeaderMissing(c Facts) (Diagnosis, bool) {
	if !hasNoLeader(c.Now.Workers) {
		return Diagnosis{}, false
	}
	since := c.findHeldSince(func(o *observe.Observation) bool {
		return o.Daemon.Alive && len(o.Workers) > 0 && hasNoLeader(o.Workers)
	})
	workers := c.ListDesired()
	if c.Now.At-since < leaderless || len(workers) == 0 {
		return Diagnosis{}, false
	}
	var numbers []string
	for _, w := range workers {
		if c.Now.DeriveState(w, c.stall) != observe.DerivedServing {
			return Diagnosis{}, false
		}
		numbers = append(numbers, w.Instance)
	}
	heir := slices.MaxFunc(workers, func(a, b observe.Worker) int { return a.ID - b.ID })
	return Diagnosis{
		Cause: engine.LeaderMissing, Subject: "worker " + observe.Leader, IDs: []int{heir.ID}, PIDs: []int{heir.PID}, Confidence: 0.8,
		Env: map[string]string{heir.NumberVariable(): observe.Leader},
		Evidence: []engine.Fact{
			{Source: "rpc", Text: fmt.Sprintf("the workers' %s are %v: none has been %s for %s", heir.NumberVariable(), numbers, observe.Leader, (c.Now.At - since).Round(100*time.Millisecond))},
			{Source: "rpc", Text: "PM2 gives a number back only when it adds a worker: no restart, no reload"},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.BootCrash, Fact: fmt.Sprintf("all %d workers are up", len(workers))},
			{Cause: engine.Undetermined, Fact: "a worker 0 that somebody stopped would be on PM2's list"},
		},
		Human: "do not tie work to the number 0: use a lock in the database or a process of its own; when scaling down by hand, delete the highest ids (pm2 delete ID) and not by pm2 scale, which takes the lowest",
	}, true
}

// hasNoLeader reports whether every worker has a number and none has the leader's.
func hasNoLeader(workers []observe.Worker) bool {
	for i := range workers {
		if workers[i].Instance == observe.Leader || workers[i].Instance == "" {
			return false
		}
	}
	return true
}
