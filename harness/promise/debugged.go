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

// debuggerFor is how long a debugger may stay open. Taking a stack or asking for the requests in
// flight needs less than a second.
const debuggerFor = 30 * time.Second

// openAtEnd is how long before the last look a debugger must have been open to count as left
// open at the end: the observer looks at least as often when nothing happens.
const openAtEnd = 5 * time.Second

// ShutsDebuggers: a debugger that somebody opens after the engine's start, in a process of PM2's, is
// shut again. Whoever reaches one controls the process.
func ShutsDebuggers() Promise {
	return Promise{
		Name:     "shuts-debuggers",
		Watches:  evidence.WatchPrivate,
		Hard:     true,
		Sentence: fmt.Sprintf("no debugger of a process of PM2's stays open to the end, nor for longer than %s", debuggerFor),
		Judge: func(r *evidence.Record) Finding {
			looks, opened := listDebuggers(r)
			if len(looks) < fewLooks {
				return newInconclusive(fmt.Sprintf("the sockets were looked at %d times, too few to judge", len(looks)))
			}
			last := looks[len(looks)-1].At
			for _, d := range opened {
				if open := d.to - d.from; open >= debuggerFor || d.to == last && open >= openAtEnd {
					return newBroken(fmt.Sprintf("the debugger of pid %d was open on port %d for %s", d.pid, d.port, open.Round(time.Second)), d.from, d.to)
				}
			}
			return newKept(fmt.Sprintf("%d looks, and no debugger was left open", len(looks)))
		},
	}
}

// debugger is one that was seen open.
type debugger struct {
	pid, port int
	from, to  time.Duration // the first and the last look that saw it
}

// listDebuggers returns the looks from the engine's start on, and the debuggers that they saw: the
// sockets on a loopback address of which Node says on the process's stderr, which is pm2.log for a
// cluster worker and for the daemon, that its debugger listens there
// (src/inspector_socket_server.cc), and that were not there before.
func listDebuggers(r *evidence.Record) (looks []evidence.Snapshot, opened []debugger) {
	from, started := findEngineStart(r)
	end, ended := r.Mark(evidence.MarkEnd)
	before, told := map[int]bool{}, map[int]bool{}
	for _, e := range r.Events {
		for _, port := range listOpened(e) {
			told[port] = true
		}
	}
	for _, s := range r.Snapshots {
		switch {
		case !started || s.At <= from:
			for _, l := range s.Private {
				before[l.Port] = true
			}
			continue
		case ended && s.At >= end.At:
			continue
		}
		looks = append(looks, s)
		for _, l := range s.Private {
			if before[l.Port] || !told[l.Port] {
				continue
			}
			n := slices.IndexFunc(opened, func(d debugger) bool { return d.pid == l.PID && d.port == l.Port })
			if n < 0 {
				n, opened = len(opened), append(opened, debugger{pid: l.PID, port: l.Port, from: s.At})
			}
			opened[n].to = s.At
		}
	}
	return looks, opened
}

// findDebuggerOpened returns when a process of PM2's first said, after from and before end, that its
// debugger listens; 0 if none said it. One that is open between two looks is told of all the same.
func findDebuggerOpened(r *evidence.Record, from, end time.Duration) time.Duration {
	for _, e := range r.Events {
		if e.At > from && e.At < end && len(listOpened(e)) > 0 {
			return e.At
		}
	}
	return 0
}

// debuggerOpen finds the port in what Node says on stderr where its debugger begins to listen.
var debuggerOpen = regexp.MustCompile(`Debugger listening on ws://[^/\s]*:(\d+)/`)

// listOpened returns the ports on which, by an event, a debugger of a process of PM2's listens.
func listOpened(e evidence.Event) (ports []int) {
	if e.Topic != "log:err" && e.Topic != evidence.TopicDebugger {
		return nil
	}
	for _, m := range debuggerOpen.FindAllStringSubmatch(e.Text, -1) {
		port, _ := strconv.Atoi(m[1]) // digits alone
		ports = append(ports, port)
	}
	return ports
}

// debuggedFor is how long before the end of a process a debugger may have been attached to it where
// no look has met its socket, and nobody says whose debugger it was.
const debuggedFor = 3 * time.Second

// wasDebugged reports whether somebody had attached a debugger to the process, as Node tells on
// its stderr, and it ended without any word of its own.
func (q *inquest) wasDebugged(x evidence.Exit) bool {
	from, ok := findEngineStart(q.r)
	if !ok || q.hasFatalError(x.ID, x.At) {
		return false
	}
	from = max(from, q.sights[x.PID])
	mine := slices.ContainsFunc(q.debuggers, func(d debugger) bool { return d.pid == x.PID })
	return slices.ContainsFunc(q.r.Events, func(e evidence.Event) bool {
		switch {
		case e.At < from || e.At > x.At+claimSlack || !strings.Contains(e.Text, "Debugger attached."):
			return false
		case e.Topic == evidence.TopicDebugger:
			return mine || e.At >= x.At-debuggedFor && len(q.debuggers) == 0
		}
		return e.Topic == "log:err" && e.ID == x.ID && e.Name == q.r.Header.App
	})
}
