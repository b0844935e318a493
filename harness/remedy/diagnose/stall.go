package diagnose

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of the rules about one worker's process.
const (
	siblingBeat = 2500 * time.Millisecond // a sibling's heartbeat this young shows that the daemon and the host are well
	busyShare   = 0.2                     // of a core; a blocked loop burns one, less on a crowded host
	stoppedFor  = 2 * time.Second         // a debugger or an idle-instant check stops a process for less
	dumpFor     = 5 * time.Minute         // a snapshot of a heap of some gigabytes takes minutes
	blockedFor  = 3                       // times the stall deadline, for a loop that waits in a system call
)

// diagnoseStalled returns a diagnosis where a worker that used to send heartbeats (its metrics, every 990
// ms from a timer on the event loop) has been silent for longer than the
// deadline, while its siblings' arrive. If it burns CPU the loop is blocked
// in JavaScript; if not, in a system call, which is given three times as long.
func diagnoseStalled(c Facts) []Diagnosis {
	var out []Diagnosis
	for _, w := range c.ListDesired() {
		silent := c.Now.At - w.Beat
		if !w.Alive || w.GaveUp || w.Status != "online" || w.Beats < observe.MinBeats || w.State == "T" || w.State == "t" || silent <= c.stall {
			continue
		}
		if w.Dump != "" && silent <= dumpFor {
			continue // somebody has asked for it, and a kill would leave them with half of it
		}
		sibling, beats := c.findSiblingBeat(w.ID)
		share, span := c.measureCPU(w, silent)
		if !beats || (share < busyShare && silent <= blockedFor*c.stall) {
			continue
		}
		doing := fmt.Sprintf("used %.0f %% of a core over %s, state %s", 100*share, span.Round(100*time.Millisecond), w.State)
		out = append(out, Diagnosis{
			Cause: engine.StalledEventLoop, Subject: fmt.Sprintf("worker %d", w.ID), IDs: []int{w.ID}, PIDs: []int{w.PID}, Confidence: 0.95,
			Evidence: []engine.Fact{
				{Source: "rpc", Text: fmt.Sprintf("no heartbeat of worker %d (pid %d) for %s after %d of them", w.ID, w.PID, silent.Round(100*time.Millisecond), w.Beats)},
				{Source: "rpc", Text: sibling},
				{Source: "proc", Text: fmt.Sprintf("pid %d %s", w.PID, doing)},
			},
			RuledOut: []engine.Ruled{
				{Cause: engine.StoppedProcess, Fact: fmt.Sprintf("state is %s, not T", w.State)},
				{Cause: engine.DaemonDead, Fact: "PM2's daemon answers and passes heartbeats on"},
				{Cause: engine.Undetermined, Fact: fmt.Sprintf("a pause of the garbage collector ends within %s, a start sends no heartbeat before it is done", c.stall)},
			},
			Human: "find what blocks the event loop (a synchronous loop, a regular expression, a large JSON): take a CPU profile, move the work off the loop",
		})
	}
	return out
}

// findSiblingBeat says whether heartbeats of other workers arrive. With no other worker
// to compare, an answer of PM2's daemon is all there is.
func (c Facts) findSiblingBeat(id int) (fact string, beats bool) {
	others := 0
	for _, w := range c.ListDesired() {
		if w.ID == id || !w.Alive || w.Beats == 0 {
			continue
		}
		others++
		if age := c.Now.At - w.Beat; age <= siblingBeat {
			return fmt.Sprintf("worker %d's last heartbeat is %s old", w.ID, age.Round(100*time.Millisecond)), true
		}
	}
	return "it has no sibling to compare with; PM2's daemon answers", others == 0
}

// diagnoseStopped returns a diagnosis where the kernel says that a worker's process is stopped (SIGSTOP),
// and has been at every look for longer than anybody stops one in passing.
func diagnoseStopped(c Facts) []Diagnosis {
	var out []Diagnosis
	for _, w := range c.ListDesired() {
		if !w.Alive || w.State != "T" {
			continue
		}
		since := c.findWorkerHeldSince(w.ID, func(was observe.Worker) bool { return was.PID == w.PID && was.State == "T" })
		if c.Now.At-since < stoppedFor {
			continue
		}
		out = append(out, Diagnosis{
			Cause: engine.StoppedProcess, Subject: fmt.Sprintf("worker %d", w.ID), IDs: []int{w.ID}, PIDs: []int{w.PID}, Confidence: 0.98,
			Evidence: []engine.Fact{
				{Source: "proc", Text: fmt.Sprintf("pid %d of worker %d has been in state T (stopped) for %s", w.PID, w.ID, (c.Now.At - since).Round(100*time.Millisecond))},
				{Source: "rpc", Text: fmt.Sprintf("PM2 calls it %s", w.Status)},
			},
			RuledOut: []engine.Ruled{
				{Cause: engine.StalledEventLoop, Fact: "the process does not run at all: state T, and it uses no CPU"},
				{Cause: engine.Undetermined, Fact: "a debugger would show state t"},
			},
			Human: "find out who sent SIGSTOP to the worker; it has been killed and PM2 starts a new one",
		})
	}
	return out
}
