package promise

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// pm2Log is what PM2's own log says of the app's workers, each list in order of time.
type pm2Log struct {
	orders   []order
	deaths   []death
	resorts  []resort
	policies []policy
}

// order is PM2 being told to stop, restart, reload, scale or delete a worker: it writes
// "Stopping app:NAME id:ID" then (lib/God/ActionMethods.js:304), and of the outgoing
// half of a reload "id:_old_ID". It writes no such line when it starts a worker that
// has died.
type order struct {
	at  time.Duration
	id  int
	pid int // the process that ended of it, 0 if none was seen to
}

// death is PM2's word on a process that has ended: "App [NAME:ID] exited with code [0]
// via signal [SIGTERM]" (lib/God.js:416). PM2 writes SIGINT where no signal ended it, and
// code 0 where one did.
type death struct {
	at     time.Duration
	id     int
	pid    int // 0 if the kernel's word on it is not on record
	code   int
	signal string // "" where PM2 names SIGINT, which says nothing
}

// resort is "Process with pid N still alive after 1600ms, sending SIGKILL"
// (lib/God/Methods.js:195): kill_timeout has passed, and PM2 kills.
type resort struct {
	at    time.Duration
	pid   int
	after string // e.g. 1600ms
}

// policy is a restart that PM2 decides on by itself: of one worker for its memory
// (lib/Worker.js:94), or of the app when a file has changed (lib/Watcher.js:64).
type policy struct {
	at    time.Duration
	id    int // -1 for every worker
	limit int64
	why   string
}

// readPM2Log reads the app's lines off the record and pairs them with the processes that
// the kernel saw end.
func readPM2Log(r *evidence.Record) pm2Log {
	name := regexp.QuoteMeta(r.Header.App)
	stopping := regexp.MustCompile(`Stopping app:` + name + ` id:(?:_old_)?(\d+)\s*$`)
	exited := regexp.MustCompile(`App \[` + name + `:(?:_old_)?(\d+)\] exited with code \[(-?\d+)\] via signal \[(\w+)\]`)
	alive := regexp.MustCompile(`Process with pid (\d+) still alive after (\d+ms), sending`)
	memory := regexp.MustCompile(`Process (\d+) restarted because it exceeds --max-memory-restart value \(current_memory=(\d+) max_memory_limit=(\d+)`)
	watched := regexp.MustCompile(`Change detected on path .* for app ` + name + ` - restarting`)
	var l pm2Log
	for _, e := range r.Events {
		switch {
		case !strings.HasPrefix(e.Topic, "log:PM2"): // whatever an app prints, it is not PM2's word
		case stopping.MatchString(e.Text):
			l.orders = append(l.orders, order{at: e.At, id: parseWhole(stopping.FindStringSubmatch(e.Text)[1])})
		case exited.MatchString(e.Text):
			m := exited.FindStringSubmatch(e.Text)
			l.deaths = append(l.deaths, death{at: e.At, id: parseWhole(m[1]), code: parseWhole(m[2]), signal: strings.TrimPrefix(m[3], "SIGINT")})
		case alive.MatchString(e.Text):
			m := alive.FindStringSubmatch(e.Text)
			l.resorts = append(l.resorts, resort{e.At, parseWhole(m[1]), m[2]})
		case memory.MatchString(e.Text):
			m := memory.FindStringSubmatch(e.Text)
			l.policies = append(l.policies, policy{e.At, parseWhole(m[1]), int64(parseWhole(m[3])),
				fmt.Sprintf("PM2 itself: it used %s bytes, more than max_memory_restart (%s)", m[2], m[3])})
		case watched.MatchString(e.Text):
			l.policies = append(l.policies, policy{e.At, -1, 0, "PM2 itself: a file that it watches has changed"})
		}
	}
	l.sort()
	l.pairProcesses(r)
	return l
}

// parseWhole returns the number of a match of \d+; one that is too long for an int is 0.
func parseWhole(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func (l *pm2Log) sort() {
	slices.SortStableFunc(l.orders, func(a, b order) int { return int(a.at - b.at) })
	slices.SortStableFunc(l.deaths, func(a, b death) int { return int(a.at - b.at) })
	slices.SortStableFunc(l.policies, func(a, b policy) int { return int(a.at - b.at) })
}

// lastResort is how long after its order PM2 may kill a worker: the longest
// kill_timeout of the fixtures, and some.
const lastResort = 20 * time.Second

// pairProcesses finds the process of each line: for a death the process of the worker
// that ended nearest to it, for an order the first process of that worker that existed by
// then and ended afterwards.
func (l *pm2Log) pairProcesses(r *evidence.Record) {
	exits := slices.Clone(r.Exits)
	slices.SortStableFunc(exits, func(a, b evidence.Exit) int { return int(a.At - b.At) })
	told := map[int]bool{}
	for i := range l.deaths {
		d := &l.deaths[i]
		nearest := near
		for _, x := range exits {
			if g := computeGap(x.At, d.at); x.ID == d.id && !told[x.PID] && g <= nearest {
				d.pid, nearest = x.PID, g
			}
		}
		told[d.pid] = d.pid != 0
	}
	ordered, sight := map[int]bool{}, findFirstSights(r)
	for i := range l.orders {
		o := &l.orders[i]
		for _, x := range exits {
			seen, ok := sight[x.PID]
			if there := !ok || seen <= o.at+claimSlack; there && x.ID == o.id && !ordered[x.PID] && x.At >= o.at-claimSlack && x.At <= o.at+lastResort {
				o.pid, ordered[x.PID] = x.PID, true
				break
			}
		}
	}
}

// findFirstSights returns when each process of the app was first seen, by pid.
func findFirstSights(r *evidence.Record) map[int]time.Duration {
	first := map[int]time.Duration{}
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if at, ok := first[w.PID]; w.Alive && (!ok || s.At < at) {
				first[w.PID] = s.At
			}
		}
	}
	return first
}

// findDeath returns what PM2's log says of the end of that process, false if it says
// nothing.
func (l pm2Log) findDeath(pid int) (death, bool) {
	i := slices.IndexFunc(l.deaths, func(d death) bool { return d.pid == pid && pid != 0 })
	if i < 0 {
		return death{}, false
	}
	return l.deaths[i], true
}

// findOrder returns the order that ended that process, false for none.
func (l pm2Log) findOrder(pid int) (order, bool) {
	i := slices.IndexFunc(l.orders, func(o order) bool { return o.pid == pid && pid != 0 })
	if i < 0 {
		return order{}, false
	}
	return l.orders[i], true
}

// hasLateOrder reports whether PM2 had been told to end some process of that worker just
// before t, and which one is not on record.
func (l pm2Log) hasLateOrder(id int, t time.Duration) bool {
	return slices.ContainsFunc(l.orders, func(o order) bool {
		return o.pid == 0 && o.id == id && o.at <= t && o.at >= t-lastResort
	})
}

// findResort returns PM2's last resort (SIGKILL) against that process, false for none.
func (l pm2Log) findResort(pid int) (resort, bool) {
	i := slices.IndexFunc(l.resorts, func(x resort) bool { return x.pid == pid })
	if i < 0 {
		return resort{}, false
	}
	return l.resorts[i], true
}
