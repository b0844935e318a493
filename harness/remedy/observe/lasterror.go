package observe

import (
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// findLastErrors returns what the workers of an app said that PM2 has given up before the engine
// looked for the first time: nobody will start them again, and the bus will not repeat
// it. Each is the last error in one of the worker's logs, that of errors first, if the log was
// written to in the life of its last process: what is older belongs to another story.
func findLastErrors(procs []pm2.Process, app string, at time.Duration) []Event {
	var out []Event
	for _, p := range procs {
		if p.Name != app || p.ID < 0 || !p.GaveUp() {
			continue
		}
		for _, log := range []string{p.ErrLog, p.OutLog} {
			if text := readLastError(log, p.StartedAt); text != "" {
				out = append(out, Event{At: at, Kind: KindLast, ID: p.ID, Text: text})
				break
			}
		}
	}
	return out
}

// logSlack is how far a log's time may lie before PM2's word of a process's start.
const logSlack = time.Second

// readLastError returns the last error in a log that was written to since then, with what follows
// it; "" of another log, and of one that cannot be read: the list has told what there is.
func readLastError(name string, since time.Time) string {
	return nodeerr.FindLast(readSince(name, since))
}

// readSince returns the end of a log that was written to since then; "" of another one.
func readSince(name string, since time.Time) string {
	if name == "" {
		return ""
	}
	text, info, err := host.Tail(name, maxText)
	if err != nil || info.ModTime().Before(since.Add(-logSlack)) {
		return ""
	}
	return string(text)
}

// addLastLines gives each worker the last line in its log of stdout: who hangs may have said
// for what it waits. A log that all workers share tells of none of them.
func addLastLines(workers []Worker, procs []pm2.Process) {
	writers := map[string]int{}
	for _, p := range procs {
		writers[p.OutLog]++
	}
	for i, w := range workers {
		at := slices.IndexFunc(procs, func(p pm2.Process) bool { return p.ID == w.ID && p.PID == w.PID })
		if at < 0 || writers[procs[at].OutLog] > 1 {
			continue
		}
		lines := strings.Split(strings.TrimSpace(readSince(procs[at].OutLog, procs[at].StartedAt)), "\n")
		workers[i].Wrote = nodeerr.FindHeadline(lines[len(lines)-1])
	}
}
