package observer

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// listWithin bounds a call to a daemon that may be busy.
const listWithin = 5 * time.Second

// snapshot looks at everything once and prints it. Without a daemon it says so
// and keeps looking; it never starts one.
func (o *observer) snapshot(ctx context.Context) {
	list, err := o.list(ctx)
	if ctx.Err() != nil {
		return
	}
	s := evidence.Snapshot{At: host.Now(), Workers: []evidence.Worker{}}
	clear(o.seen)
	if err == nil {
		// Whoever has answered, by the kernel's word: pm2.pid may be anybody's.
		o.daemon.Store(int64(o.client.DaemonPID()))
		s.Daemon = o.cfg.Space.Inner(o.client.DaemonPID())
		o.watchExit(ctx, s.Daemon, -1)
	}
	for _, p := range list {
		if p.Name == o.cfg.App {
			s.Workers = append(s.Workers, o.worker(ctx, p))
		} else {
			s.Others = append(s.Others, o.worker(ctx, p))
		}
	}
	if s.Daemon != 0 {
		// A daemon that goes between two looks has no children: that is what it says.
		s.Children = o.children(s.Daemon)
	}
	listeners, err := host.Listeners(o.cfg.Port, o.cfg.Space.Outer(s.Daemon))
	if err != nil {
		o.w.fail(err)
		return
	}
	for _, l := range listeners {
		cmd, _ := host.Cmdline(l.PID) // one that is gone has none
		s.Listeners = append(s.Listeners, evidence.Listener{PID: o.cfg.Space.Inner(l.PID), Command: cmd, Port: o.cfg.Port, Addr: l.Local.Addr().String()})
	}
	o.w.line(evidence.Line{Snapshot: &s})
}

// handled reports whether somebody has stopped a process of PM2's, or has changed its
// priority, since the last snapshot.
func (o *observer) handled() bool {
	for pid, was := range o.seen {
		is, err := host.Stat(pid)
		if err == nil && (is.Nice != was.Nice || halted(is) && !halted(was)) {
			return true
		}
	}
	return false
}

// halted reports whether a signal or a tracer has stopped the process.
func halted(p host.Proc) bool { return p.State == 'T' || p.State == 't' }

// list asks the daemon, over a connection that is kept.
func (o *observer) list(ctx context.Context) ([]pm2.Process, error) {
	ctx, cancel := context.WithTimeout(ctx, listWithin)
	defer cancel()
	if o.client == nil {
		client, err := pm2.Dial(ctx, o.cfg.Space.Path(o.cfg.Home))
		if err != nil {
			return nil, err
		}
		o.client = client
	}
	list, err := o.client.List(ctx)
	if err != nil {
		_ = o.client.Close() // of no use any more
		o.client = nil
	}
	return list, err
}

// worker joins PM2's row with what the kernel says of its pid.
func (o *observer) worker(ctx context.Context, p pm2.Process) evidence.Worker {
	w := evidence.Worker{
		ID: p.ID, Name: p.Name, Instance: p.Instance, PID: p.PID, Status: string(p.Status), Restarts: p.Restarts,
		KillTimeout: p.KillTimeout, ListenTimeout: p.ListenTimeout, Cron: p.Cron,
	}
	if p.PID <= 0 {
		return w
	}
	proc, err := host.Stat(o.cfg.Space.Outer(p.PID))
	if err != nil {
		return w // the pid on record is a dead one's
	}
	w.Alive = proc.State != 'Z' && proc.State != 'X'
	w.State, w.Nice, w.CPU, w.RSS = string(proc.State), proc.Nice, proc.Ticks, proc.RSS
	o.seen[proc.PID] = proc
	if w.Alive {
		o.watchExit(ctx, p.PID, p.ID)
		w.Under = o.under(p.PID, deepest)
	}
	return w
}

// deepest is how far below a worker its processes are looked for: a launcher, its shell,
// and what they start.
const deepest = 4

// under lists the processes below one, so many levels down. One that goes meanwhile has
// none.
func (o *observer) under(pid, levels int) []int {
	if levels == 0 {
		return nil
	}
	children := o.children(pid)
	all := slices.Clone(children)
	for _, child := range children {
		all = append(all, o.under(child, levels-1)...)
	}
	return all
}

// children lists the processes of the cluster whose parent a process is. One that goes
// meanwhile has none.
func (o *observer) children(pid int) []int {
	outer, _ := host.Children(o.cfg.Space.Outer(pid))
	var inner []int
	for _, child := range outer {
		if n := o.cfg.Space.Inner(child); n != 0 {
			inner = append(inner, n)
		}
	}
	return inner
}

// watchExit prints the instant the process ends, once.
func (o *observer) watchExit(ctx context.Context, pid, id int) {
	if o.watched[pid] {
		return
	}
	outer := o.cfg.Space.Outer(pid)
	if outer == 0 {
		return // it has ended already; the snapshot shows that
	}
	ended, err := host.Ended(ctx, outer)
	if errors.Is(err, host.ErrNoProcess) {
		return // it has ended already; the snapshot shows that
	}
	if err != nil {
		o.w.fail(err)
		return
	}
	o.watched[pid] = true
	go func() {
		end, said := <-ended
		if !said || ctx.Err() != nil {
			return
		}
		exit := evidence.Exit{At: end.At, PID: pid, ID: id, Signal: end.Signal}
		if end.Known && end.Signal == "" {
			exit.Code = &end.Code
		}
		o.w.line(evidence.Line{Exit: &exit})
		o.poke()
	}()
}
