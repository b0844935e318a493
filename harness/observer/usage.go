package observer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
)

// WatchEngine is the line by which an Agent is told whose use of the host to tell of: the
// engine's first process, as this pid namespace numbers it.
func WatchEngine(pid int) string { return fmt.Sprintf("%s%d", watchEngine, pid) }

const watchEngine = "engine "

// usageEvery is how often it looks at what the engine uses.
const usageEvery = time.Second

// tick is the kernel's clock tick, in which it counts processor time (USER_HZ).
const tick = 10 * time.Millisecond

// followUsage tells what the engine's processes use, until ctx ends.
func (o *observer) followUsage(ctx context.Context, pid int) {
	u := usage{known: map[int]host.Proc{}, roots: []int{pid}, init: o.cfg.Space.Outer(1), pm2s: map[int]uint64{}}
	for every := time.NewTicker(usageEvery); ; {
		o.w.writeLine(evidence.Line{Usage: u.look(o.getDaemonPID())})
		select {
		case <-every.C:
		case <-ctx.Done():
			every.Stop()
			return
		}
	}
}

// getDaemonPID returns PM2's daemon, as this pid namespace numbers it; 0 while none is
// known.
func (o *observer) getDaemonPID() int { return int(o.daemon.Load()) }

// usage remembers the engine's processes: one whose parent has ended belongs to it still.
type usage struct {
	roots []int             // processes to begin at: the engine's first, and those that were seen below it
	known map[int]host.Proc // as they were at the last look, by pid
	ended int               // clock ticks of those that have ended and that no parent has taken over
	// init is the process that takes over those whose parent has ended, 0 for none: an engine may
	// leave there what it starts, between two looks.
	init    int
	since   uint64         // when the engine's first process started, 0 before it was looked at
	pm2s    map[int]uint64 // processes that were seen below PM2's daemon, and when each started
	written int64          // bytes that they had written together, at the look at which it was most
	// threads are the engine's as they were at the last look.
	threads map[int]host.Thread
}

// look adds up what they use now. PM2's daemon, which an engine may have started, is none
// of them, nor what it runs.
func (u *usage) look(daemon int) *evidence.Usage {
	now := map[int]host.Proc{}
	for _, pid := range slices.Concat(u.roots, u.orphans(daemon)) {
		u.enter(pid, daemon, now)
	}
	for pid, was := range u.known {
		if _, counts := now[pid]; counts {
			continue
		}
		if is, err := host.Stat(pid); err == nil && is.Start == was.Start {
			continue // it lives, and has turned out to be PM2's
		}
		// What has ended and was waited for counts with its parent from now on.
		if _, parent := now[was.PPID]; !parent {
			u.ended += was.Ticks + was.Reaped
		}
	}
	u.known, u.roots = now, u.roots[:0]
	line := &evidence.Usage{At: host.Now(), Processes: len(now)}
	ticks := u.ended
	for pid, p := range now {
		u.roots = append(u.roots, pid)
		ticks += p.Ticks + p.Reaped
		line.RSS += p.RSS
		open, _ := host.OpenFiles(pid)
		line.Open += open
		line.Written += host.Written(pid)
	}
	u.written = max(u.written, line.Written) // nobody counts what init has waited for
	line.Written = u.written
	line.CPU = time.Duration(ticks) * tick
	line.Busiest = u.busiest(now)
	return line
}

// busiest is the thread of these processes that wanted a core for longest since the last look;
// nil if none was there then.
func (u *usage) busiest(now map[int]host.Proc) *evidence.Thread {
	threads := map[int]host.Thread{}
	var most *evidence.Thread
	for pid := range now {
		for tid, is := range host.Threads(pid) {
			threads[tid] = is
			was, known := u.threads[tid]
			t := evidence.Thread{TID: tid, Ran: is.Ran - was.Ran, Waited: is.Waited - was.Waited}
			if known && t.Ran >= 0 && t.Ran+t.Waited > 0 && (most == nil || t.Ran+t.Waited > most.Ran+most.Waited) {
				most = &t
			}
		}
	}
	u.threads = threads
	return most
}

// orphans are the processes that have been left to init since the engine's start, and that are
// neither PM2's daemon nor were below it. Nobody else starts any that outlives its parent.
func (u *usage) orphans(daemon int) []int {
	if u.init == 0 || daemon == 0 {
		return nil // whose they are is not known
	}
	if u.since == 0 && len(u.roots) > 0 {
		if first, err := host.Stat(u.roots[0]); err == nil {
			u.since = first.Start
		}
	}
	below, _ := host.Children(daemon) // one that goes meanwhile has none
	for _, pid := range below {
		if p, err := host.Stat(pid); err == nil {
			u.pm2s[pid] = p.Start
		}
	}
	left, _ := host.Children(u.init)
	return slices.DeleteFunc(left, func(pid int) bool {
		p, err := host.Stat(pid)
		return err != nil || u.since == 0 || p.Start < u.since || u.pm2s[pid] == p.Start
	})
}

// enter takes in a process and those below it.
func (u *usage) enter(pid, daemon int, now map[int]host.Proc) {
	if _, done := now[pid]; done || pid == daemon {
		return
	}
	p, err := host.Stat(pid)
	was, known := u.known[pid]
	if err != nil || known && was.Start != p.Start || p.State == 'X' {
		return // it has ended; the pid may be another's
	}
	now[pid] = p
	children, _ := host.Children(pid) // one that goes meanwhile has none
	for _, child := range children {
		u.enter(child, daemon, now)
	}
}
