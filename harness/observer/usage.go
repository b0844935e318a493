package observer

import (
	"context"
	"fmt"
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
	u := usage{known: map[int]host.Proc{}, roots: []int{pid}}
	for every := time.NewTicker(usageEvery); ; {
		o.w.line(evidence.Line{Usage: u.look(o.daemonPID())})
		select {
		case <-every.C:
		case <-ctx.Done():
			every.Stop()
			return
		}
	}
}

// daemonPID is PM2's daemon, as this pid namespace numbers it; 0 while none is known.
func (o *observer) daemonPID() int { return int(o.daemon.Load()) }

// usage remembers the engine's processes: one whose parent has ended belongs to it still.
type usage struct {
	roots []int             // processes to begin at: the engine's first, and those that were seen below it
	known map[int]host.Proc // as they were at the last look, by pid
	ended int               // clock ticks of those that have ended and that no parent has taken over
}

// look adds up what they use now. PM2's daemon, which an engine may have started, is none
// of them, nor what it runs.
func (u *usage) look(daemon int) *evidence.Usage {
	now := map[int]host.Proc{}
	for _, pid := range u.roots {
		u.enter(pid, daemon, now)
	}
	for pid, was := range u.known {
		// What has ended and was waited for counts with its parent from now on.
		if _, lives := now[pid]; !lives {
			if _, parent := now[was.PPID]; !parent {
				u.ended += was.Ticks + was.Reaped
			}
		}
	}
	u.known, u.roots = now, u.roots[:0]
	line := &evidence.Usage{At: host.Now(), Processes: len(now)}
	ticks := u.ended
	for pid, p := range now {
		u.roots = append(u.roots, pid)
		ticks += p.Ticks + p.Reaped
		line.RSS += p.RSS
	}
	line.CPU = time.Duration(ticks) * tick
	return line
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
