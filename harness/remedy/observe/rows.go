package observe

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// known is what the watcher remembers of a worker id from look to look.
type known struct {
	pid   int
	since time.Duration // when pid was first seen
	start uint64        // when the daemon's child pid began, in the kernel's ticks; 0 while none has been seen
	print uint64        // last fingerprint of its metrics
	beat  time.Duration // when that last changed
	beats int           // how often it has changed
	late  bool          // the engine came after its start
}

// addWorkers lays PM2's list beside what the kernel says.
func (w *Watcher) addWorkers(o *Observation, procs []pm2.Process) {
	children, err := host.Children(o.Daemon.PID)
	named := map[int]bool{}
	for _, p := range procs {
		named[p.PID] = true
		if p.Name == w.app && p.ID >= 0 {
			o.Workers = append(o.Workers, w.readWorker(o.At, p, children, err == nil))
		}
	}
	for _, pid := range children {
		if !named[pid] {
			o.Daemon.Strays = append(o.Daemon.Strays, pid)
		}
	}
	slices.SortFunc(o.Workers, func(a, b Worker) int { return a.ID - b.ID })
}

// A process that has run for so long, and whose start the engine has not seen, has sent the
// metrics that are in the list: an engine that starts in the midst of an incident, or just
// before it, would otherwise wait for a blocked worker's first heartbeats for ever.
const (
	grown   = 30 * time.Second // no start blocks the loop for longer
	settled = 2 * time.Second  // at an earlier first look the metrics may be of the process before
)

// computeAge returns how long a process has run by PM2's word, 0 if it does not say.
func computeAge(p pm2.Process) time.Duration {
	if st, err := host.Stat(p.PID); p.PID > 0 && err == nil {
		return st.Age()
	}
	if p.StartedAt.IsZero() {
		return 0
	}
	return time.Since(p.StartedAt)
}

// readWorker returns one worker's row. A heartbeat is a change of the metrics that PM2's library
// inside the worker (pm2-io-bpm, unless the app sets pmx: false) sends every 990
// ms from a timer on the event loop (constants.js METRIC_INTERVAL). They are not
// on the bus (Daemon.js keeps axm:monitor to itself) but in the list; an idle
// worker's heap size alone changes them every time. So a heartbeat is seen at
// the next look, up to a second late.
func (w *Watcher) readWorker(at time.Duration, p pm2.Process, children []int, sure bool) Worker {
	r := Worker{
		ID: p.ID, Instance: p.Instance, PID: p.PID, Status: string(p.Status), Mode: p.Mode,
		GaveUp: p.GaveUp(), Restarts: p.Restarts, Unstable: p.Unstable, Limit: p.MaxMemory, Cron: p.Cron, Heap: p.Heap, HeapMax: p.HeapLimit,
	}
	if p.InstanceVar != numberVariable {
		r.Variable = p.InstanceVar
	}
	k := w.known[p.ID]
	if k == nil || k.pid != p.PID {
		// What a dead process sent last may still be in the list.
		k = &known{pid: p.PID, since: at, print: p.Beat, late: computeAge(p) > settled}
		w.known[p.ID] = k
	}
	switch {
	case p.Beat != 0 && p.Beat != k.print:
		k.print, k.beat, k.beats = p.Beat, at, k.beats+1
	case p.Beat != 0 && k.late && k.beats < MinBeats && computeAge(p) > grown:
		k.beat, k.beats = max(k.beat, k.since), MinBeats
	}
	r.Since, r.Beat, r.Beats = k.since, k.beat, k.beats
	if p.PID <= 0 {
		return r
	}
	st, err := host.Stat(p.PID)
	if err != nil || st.State == 'Z' || st.State == 'X' {
		return r
	}
	child := !sure || slices.Contains(children, p.PID)
	if child {
		k.start = st.Start
	}
	r.Alive, r.Reused = child, !child
	r.Waited, _ = host.RunDelay(p.PID) // without it, nobody knows
	r.Files, r.FilesMax = host.OpenFiles(p.PID)
	r.State, r.Ticks, r.RSS = string(st.State), st.Ticks, st.RSS
	r.Uptime = st.Age()
	if r.Beats > 0 && at-r.Beat > silentFor {
		r.Dump = host.FindDump(p.PID)
	}
	return r
}

// silentFor is the silence from which it is asked what a worker does instead.
const silentFor = 3 * time.Second
