package promise

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Floor is the least that a time could have been, and what sets it.
type Floor struct {
	Time time.Duration
	By   string // the bus event's own name (exit, log:err, ...), or one of Floor...
}

// What sets a floor when it is no event of PM2's bus.
const (
	FloorHeartbeat = "heartbeat" // the fault says nothing on the bus: a worker falls silent
	FloorPause     = "pause"     // likewise, and one that is silent no longer than this is well
	FloorBoot      = "boot"      // PM2's own time from a process's start to its first answer
	FloorRoll      = "roll"      // that, and each worker's longest request, worker after worker
)

// heartbeat is how often a worker under PM2 tells of itself: METRIC_INTERVAL in
// pm2-io-bpm's constants. A worker that falls silent is known by its absence
// after one period at the earliest.
const heartbeat = 990 * time.Millisecond

// Ratio is how many times the floor something took: 1 is the best there is.
// It is 0 when either of them is unknown.
func (f Floor) Ratio(took time.Duration) float64 {
	if f.Time <= 0 || took <= 0 {
		return 0
	}
	return float64(took) / float64(f.Time)
}

// DetectionFloor is the soonest that an engine could have known of the fault:
// when PM2's bus first carried something about the app that tells of harm (on stdout, what
// it had not printed before), or
// one heartbeat if it carried nothing until the engine laid hands on a worker.
// What an operator's command does as a part of the injection is on the bus too,
// so that the floor may be lower than anyone can reach, never higher. A
// request has no floor: there is nothing to detect.
func DetectionFloor(r *evidence.Record) (Floor, bool) {
	inject, ok := r.Mark(evidence.MarkInject)
	if !ok || r.Asked() {
		return Floor{}, false
	}
	deeds, said := Deeds(r), listOrdinaryShapes(r, inject.At)
	for _, e := range listEventsSince(r, inject.At) {
		if e.Name != r.Header.App || e.Event == "start" || e.Event == "online" || e.Topic == stdout && said[stripDigits(e.Text)] {
			continue
		}
		if pid := findEndedPID(r, e); slices.ContainsFunc(deeds, func(d Deed) bool { return d.mayCause(e, pid) }) {
			break
		}
		by := e.Event
		if by == "" {
			by = e.Topic
		}
		return Floor{e.At - inject.At, by}, true
	}
	if r.Header.Pause > heartbeat {
		return Floor{r.Header.Pause, FloorPause}, true
	}
	return Floor{heartbeat, FloorHeartbeat}, true
}

// stdout is the topic of what workers print there: errors too, in many an app.
const stdout = "log:out"

// listOrdinaryShapes returns the set of the shapes of what the app printed to stdout
// before t: such text tells of no harm.
func listOrdinaryShapes(r *evidence.Record, t time.Duration) map[string]bool {
	said := map[string]bool{}
	for _, e := range r.Events {
		if e.Topic == stdout && e.At < t {
			said[stripDigits(e.Text)] = true
		}
	}
	return said
}

// stripDigits returns the text without its digits: times, ids and counts differ from line
// to line.
func stripDigits(text string) string {
	return strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' {
			return -1
		}
		return c
	}, text)
}

// mayCause reports whether the deed may be the cause of an event on the bus: it had begun
// by then, on that worker or on all. An exit can come before the harness has read the
// engine's line about it; on a busy host long before, but then the line names the very
// process that ended.
func (d Deed) mayCause(e evidence.Event, ended int) bool {
	begin := d.Begin
	if e.Event == "exit" {
		begin -= claimSlack
	}
	if ended != 0 && d.PID == ended {
		return true
	}
	return begin <= e.At && (d.ID == e.ID || d.ID < 0 || e.ID < 0)
}

// findEndedPID returns the pid of the process whose end an exit event tells of: of the
// processes of its worker, the one that the kernel reported gone nearest to it. It is 0
// for other events.
func findEndedPID(r *evidence.Record, e evidence.Event) int {
	pid, nearest := 0, near
	for _, x := range r.Exits {
		if g := computeGap(x.At, e.At); e.Event == "exit" && x.ID == e.ID && g <= nearest {
			pid, nearest = x.PID, g
		}
	}
	return pid
}

// listEventsSince returns what the bus carried from t on, in the order of its time.
func listEventsSince(r *evidence.Record, t time.Duration) []evidence.Event {
	events := slices.DeleteFunc(slices.Clone(r.Events), func(e evidence.Event) bool { return e.At < t })
	slices.SortStableFunc(events, func(a, b evidence.Event) int { return int(a.At - b.At) })
	return events
}

// RecoveryFloor is the least time from the fault's end, or from the request for work, until
// all serve. Of a fault it is how long this app takes under PM2 from a process's start to
// its first answer on a connection of its own, as this very drill has seen it:
// the median over the processes that were born under load. born is false when
// none was born that served: no new process was needed. The floor is 0, unknown,
// when the observer was so late that it saw each of them after its first answer. Of a
// rolling restart it is the sum over the workers that were replaced of that and the
// longest request that each had to finish.
func RecoveryFloor(r *evidence.Record) (floor Floor, born bool) {
	load, _ := findLaneSpan(r, evidence.LaneShort)
	first := map[int]time.Duration{}
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Lane != evidence.LaneShort || q.Class != evidence.Answered {
			continue
		}
		if was, ok := first[q.PID]; !ok || q.Done < was {
			first[q.PID] = q.Done
		}
	}
	var took []time.Duration
	for _, b := range findBirths(r) {
		at, served := first[b.pid]
		born = born || (served && b.at > load)
		if served && b.at > load && at > b.at {
			took = append(took, at-b.at)
		}
	}
	if len(took) == 0 {
		return Floor{}, born
	}
	boot := computeMedian(took)
	if r.Asked() {
		if roll := computeRollFloor(r, boot); roll > 0 {
			return Floor{roll, FloorRoll}, true
		}
	}
	return Floor{boot, FloorBoot}, true
}

// computeRollFloor returns the sum, over the workers that were replaced since the
// request, of the longest request that each finished from then on, and of a boot.
func computeRollFloor(r *evidence.Record, boot time.Duration) (sum time.Duration) {
	inject, _ := r.Mark(evidence.MarkInject)
	old := map[int]time.Duration{} // the longest request of each process that went
	for _, x := range r.Exits {
		if x.ID >= 0 && x.At > inject.At {
			old[x.PID] = 0
		}
	}
	served := map[int]bool{}
	for i := range r.Requests {
		q := &r.Requests[i]
		if _, gone := old[q.PID]; !gone || q.Class != evidence.Answered {
			continue
		}
		served[q.PID] = served[q.PID] || q.Done < inject.At
		if q.Done >= inject.At {
			old[q.PID] = max(old[q.PID], q.Done-q.Sent)
		}
	}
	for pid := range served {
		if served[pid] {
			sum += old[pid] + boot
		}
	}
	return sum
}

// birth is the start of a worker's process.
type birth struct {
	pid int
	at  time.Duration
}

// findBirths returns the processes that came while the observer watched: its first
// snapshot does not have them.
func findBirths(r *evidence.Record) []birth {
	var out []birth
	seen, last := map[int]bool{}, map[int]time.Duration{} // by pid; by id: first sight of its last process
	for i, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.PID == 0 || !w.Alive || w.Name != r.Header.App || seen[w.PID] {
				continue
			}
			seen[w.PID] = true
			if i > 0 {
				out = append(out, birth{w.PID, findBirthTime(r, w.ID, last[w.ID], s.At)})
			}
			last[w.ID] = s.At
		}
	}
	return out
}

// findBirthTime returns when the process of worker id began that was first seen at sight,
// after its predecessor was first seen at since. PM2 logs "App [NAME:ID] starting in
// -cluster mode-" just before it forks (lib/God/ClusterMode.js:36), and says online when
// the process runs; sight is what is left if the bus carried neither.
func findBirthTime(r *evidence.Record, id int, since, sight time.Duration) time.Duration {
	forking := fmt.Sprintf("App [%s:%d] starting in ", r.Header.App, id)
	var forked, online time.Duration
	for _, e := range r.Events {
		switch {
		case e.At <= since || e.At > sight:
		case strings.Contains(e.Text, forking):
			forked = max(forked, e.At)
		case e.Event == "online" && e.ID == id && e.Name == r.Header.App:
			online = max(online, e.At)
		}
	}
	switch {
	case forked > 0:
		return forked
	case online > 0:
		return online
	}
	return sight
}
