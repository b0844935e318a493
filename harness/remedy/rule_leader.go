package remedy

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// leader is the NODE_APP_INSTANCE that guards of scheduled work ask for.
const leader = "0"

// leaderless is how long no worker may be the leader: PM2 takes workers away one
// after the other, and somebody may be about to add one.
const leaderless = 3 * time.Second

// leaderMissing: every worker has an instance number, none has 0, and they run.
// PM2 counts from 0 and takes the lowest ids away first when it scales down; no
// restart and no reload brings a number back (API.js, scale). A worker 0 that is
// listed and does not run is another matter: somebody stopped it, or it dies.
func leaderMissing(c casefile) (Finding, bool) {
	since := c.now.At
	for _, o := range slices.Backward(c.history) {
		if !o.Daemon.Alive || len(o.Workers) == 0 || !headless(o.Workers) {
			break
		}
		since = o.At
	}
	workers := c.minded()
	if c.now.At-since < leaderless || len(workers) == 0 {
		return Finding{}, false
	}
	var numbers []string
	for _, w := range workers {
		if c.now.derived(w, c.limits.Stall) != derivedServing {
			return Finding{}, false
		}
		numbers = append(numbers, w.Instance)
	}
	heir := slices.MaxFunc(workers, func(a, b Worker) int { return a.ID - b.ID })
	return Finding{
		Cause: engine.LeaderMissing, Subject: "worker " + leader, IDs: []int{heir.ID}, PIDs: []int{heir.PID}, Confidence: 0.8,
		Env: map[string]string{"NODE_APP_INSTANCE": leader},
		Evidence: []engine.Fact{
			{Source: "rpc", Text: fmt.Sprintf("the workers' NODE_APP_INSTANCE are %v: none has been %s for %s", numbers, leader, (c.now.At - since).Round(100*time.Millisecond))},
			{Source: "rpc", Text: "PM2 gives a number back only when it adds a worker: no restart, no reload"},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.BootCrash, Fact: fmt.Sprintf("all %d workers are up", len(workers))},
			{Cause: engine.Undetermined, Fact: "a worker 0 that somebody stopped would be on PM2's list"},
		},
		Human: "do not tie work to NODE_APP_INSTANCE 0: use a lock in the database or a process of its own; when scaling down by hand, delete the highest ids (pm2 delete ID) and not by pm2 scale, which takes the lowest",
	}, true
}

// headless reports whether every worker has a number and none has the leader's.
func headless(workers []Worker) bool {
	return !slices.ContainsFunc(workers, func(w Worker) bool { return w.Instance == leader || w.Instance == "" })
}
