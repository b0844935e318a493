package diagnose

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of diagnoseOpenFiles.
const (
	filesFullShare = 0.9             // of its limit: from there a worker is full; what is open besides the leak comes and goes
	filesFull      = 5 * time.Second // full for so long: a burst of connections ends within
	filesHealthy   = 2               // a sibling has at most one of so many parts of its limit open
)

// diagnoseOpenFiles returns a diagnosis for each worker that has as many descriptors open as it
// may, or nearly so, while most workers are far from that: the load is not what fills them. A worker in cluster
// mode gets each connection as a descriptor of PM2's daemon, and the kernel drops one for which
// there is no room: its client hears nothing, and the daemon, which waits for the worker's word
// that it has taken it, hands it no other (round_robin_handle.js, handoff).
func diagnoseOpenFiles(c Facts) []Diagnosis {
	wanted := c.ListDesired()
	var full []observe.Worker
	healthy := 0
	for _, w := range wanted {
		switch {
		case isFull(w) && c.Now.At-c.findWorkerHeldSince(w.ID, isFull) >= filesFull:
			full = append(full, w)
		case w.Alive && w.FilesMax > 0 && w.Files*filesHealthy <= w.FilesMax:
			healthy++
		}
	}
	if healthy*2 < len(wanted) || healthy == 0 {
		return nil // a new process would soon be full too
	}
	var out []Diagnosis
	for _, w := range full {
		out = append(out, Diagnosis{
			Cause: engine.OpenFiles, Subject: fmt.Sprintf("worker %d", w.ID), IDs: []int{w.ID}, PIDs: []int{w.PID}, Confidence: 0.9,
			Evidence: []engine.Fact{{Source: "proc", Text: fmt.Sprintf("pid %d has had %d of the %d descriptors open that it may have, for %s; %d of %d workers have half of theirs open at most",
				w.PID, w.Files, w.FilesMax, (c.Now.At - c.findWorkerHeldSince(w.ID, isFull)).Round(time.Second), healthy, len(wanted))}},
			RuledOut: []engine.Ruled{
				{Cause: engine.StalledEventLoop, Fact: "what it lacks is room for a connection, and not time"},
				{Cause: engine.HotWorker, Fact: fmt.Sprintf("connections come to all workers alike, and %d have room", healthy)},
			},
			Human: "find what the worker opens and never closes: ls -l /proc/PID/fd says what it has open. A higher limit (ulimit -n, LimitNOFILE) only puts it off",
		})
	}
	return out
}

// isFull reports whether a worker has hardly a descriptor left.
func isFull(w observe.Worker) bool {
	return w.Alive && w.FilesMax > 0 && float64(w.Files) >= filesFullShare*float64(w.FilesMax)
}
