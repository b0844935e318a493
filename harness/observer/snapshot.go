package observer

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// listWithin bounds a call to a daemon that may be busy.
const listWithin = 5 * time.Second

// takeSnapshot looks at everything once and prints it. Without a daemon it says so and
// keeps looking; it never starts one.
func (o *observer) takeSnapshot(ctx context.Context) {
	o.glimpse() // one that is stopped now may go on while the daemon is asked
	list, err := o.list(ctx)
	if ctx.Err() != nil {
		return
	}
	s := evidence.Snapshot{At: host.Now(), Workers: []evidence.Worker{}, OOMKills: host.CgroupOOMKills(o.cfg.Space.Path("/sys/fs/cgroup"))}
	clear(o.seen)
	if err == nil {
		// Whoever has answered, by the kernel's word: pm2.pid may be anybody's.
		o.daemon.Store(int64(o.client.DaemonPID()))
		s.Daemon = o.cfg.Space.Inner(o.client.DaemonPID())
		o.watchExit(ctx, s.Daemon, -1)
		s.Process = &evidence.Worker{ID: -1, Name: "PM2's daemon", PID: s.Daemon}
		o.kernel(s.Process)
	}
	for _, p := range list {
		if p.Name == o.cfg.App {
			s.Workers = append(s.Workers, o.buildWorker(ctx, p))
		} else {
			s.Others = append(s.Others, o.buildWorker(ctx, p))
		}
	}
	if s.Daemon != 0 {
		// A daemon that goes between two looks has no children: that is what it says.
		s.Children = o.listChildren(s.Daemon)
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
	if s.Private, err = o.listPrivate(); err != nil {
		o.w.fail(err)
		return
	}
	o.w.writeLine(evidence.Line{Snapshot: &s})
	clear(o.stopped)
}

// listPrivate lists the sockets of PM2's processes that listen on a loopback address beside the
// app's port. Whose a socket is does not change, so that it is looked for once.
func (o *observer) listPrivate() ([]evidence.Listener, error) {
	socks, err := host.LoopbackListeners()
	if err != nil {
		return nil, err
	}
	var out []evidence.Listener
	owners := make(map[uint32]int, len(socks))
	for _, s := range socks {
		pid, known := o.private[s.Inode]
		if !known {
			pid = host.FindOwner(s, slices.Collect(maps.Keys(o.seen))...)
		}
		owners[s.Inode] = pid
		if port := int(s.Local.Port()); pid != 0 && port != o.cfg.Port {
			out = append(out, evidence.Listener{PID: o.cfg.Space.Inner(pid), Port: port, Addr: s.Local.Addr().String()})
		}
	}
	o.private = owners
	return out, nil
}

// glimpse reports whether somebody has stopped PM2's daemon or a process of PM2's, or has
// changed its priority, since the last snapshot. Which are stopped it remembers for the next one.
func (o *observer) glimpse() (handled bool) {
	for pid, was := range o.seen {
		is, err := host.Stat(pid)
		if err != nil || is.Start != was.Start {
			continue // it has ended
		}
		if isHalted(is) {
			o.stopped[pid] = is
		}
		handled = handled || is.Nice != was.Nice || is.Policy != was.Policy || isHalted(is) && !isHalted(was)
	}
	return handled
}

// isHalted reports whether a signal or a tracer has stopped the process.
func isHalted(p host.Proc) bool { return p.State == 'T' || p.State == 't' }

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

// buildWorker joins PM2's row with what the kernel says of its pid.
func (o *observer) buildWorker(ctx context.Context, p pm2.Process) evidence.Worker {
	w := evidence.Worker{
		ID: p.ID, Name: p.Name, Instance: p.Instance, PID: p.PID, Status: string(p.Status), Restarts: p.Restarts,
		KillTimeout: p.KillTimeout, ListenTimeout: p.ListenTimeout, Cron: p.Cron,
	}
	if is := settings(p); !maps.Equal(is, o.settings[p.ID]) {
		w.Settings, o.settings[p.ID] = is, is
	}
	if p.PID > 0 {
		o.kernel(&w)
	}
	if w.Alive {
		o.watchExit(ctx, p.PID, p.ID)
		w.Under = o.listDescendants(p.PID, deepest)
	}
	return w
}

// kernel adds what the kernel says of a row's process; nothing of a pid that is a dead one's.
func (o *observer) kernel(w *evidence.Worker) {
	proc, err := host.Stat(o.cfg.Space.Outer(w.PID))
	if err != nil {
		return
	}
	if was, ok := o.stopped[proc.PID]; ok && was.Start == proc.Start {
		proc.State = was.State
	}
	w.Alive = proc.State != 'Z' && proc.State != 'X'
	w.State, w.Nice, w.CPU, w.RSS = string(proc.State), proc.Nice, proc.Ticks, proc.RSS
	o.seen[proc.PID] = proc
	// One that goes meanwhile has no terms any more.
	if is, err := host.Terms(proc); err == nil && w.Alive && !maps.Equal(is, o.terms[proc.PID]) {
		w.Terms, o.terms[proc.PID] = is, is
	}
}

// settings are those of PM2's for a worker that are set, by the name that an ecosystem file
// has for each. Arguments and environment hold secrets.
func settings(p pm2.Process) map[string]string {
	all := map[string]string{"exec_mode": p.Mode, "autorestart": strconv.FormatBool(p.Autorestart)}
	for name, value := range map[string]string{
		"namespace": p.Namespace, "script": p.Script, "cwd": p.Cwd, "interpreter": p.Interpreter, "cron_restart": p.Cron,
		"out_file": p.OutLog, "error_file": p.ErrLog, "pid_file": p.PIDFile,
		"max_restarts": whole(int64(p.MaxRestarts)), "max_memory_restart": whole(p.MaxMemory),
		"kill_timeout": whole(p.KillTimeout.Milliseconds()), "listen_timeout": whole(p.ListenTimeout.Milliseconds()),
		"min_uptime": whole(p.MinUptime.Milliseconds()), "restart_delay": whole(p.RestartDelay.Milliseconds()),
		"exp_backoff_restart_delay": whole(p.Backoff.Milliseconds()),
		"node_args and preloads":    fingerprint(p.Code),
		"wait_ready":                set(p.WaitReady), "watch": set(p.Watch), "disable_logs": set(p.LogsOff),
	} {
		if value != "" {
			all[name] = value
		}
	}
	return all
}

// whole is a number as text, "" for 0, which PM2 takes for nothing configured.
func whole(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// fingerprint is a fingerprint as text, "" for 0, which is one of nothing. Arguments may hold secrets,
// so that the record has no more of them.
func fingerprint(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 16)
}

// set is "true", or "" for false.
func set(on bool) string {
	if !on {
		return ""
	}
	return "true"
}

// deepest is how far below a worker its processes are looked for: a launcher, its shell,
// and what they start.
const deepest = 4

// listDescendants returns the processes below one, so many levels down. One that ends
// meanwhile has none.
func (o *observer) listDescendants(pid, levels int) []int {
	if levels == 0 {
		return nil
	}
	children := o.listChildren(pid)
	all := slices.Clone(children)
	for _, child := range children {
		all = append(all, o.listDescendants(child, levels-1)...)
	}
	return all
}

// listChildren returns the processes of the cluster whose parent a process is. One that
// ends meanwhile has none.
func (o *observer) listChildren(pid int) []int {
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
		o.w.writeLine(evidence.Line{Exit: &exit})
		o.poke()
	}()
}
