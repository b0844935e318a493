package drain_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"syscall"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// As PM2.

func (r *rig) note(format string, args ...any) {
	r.calls = append(r.calls, fmt.Sprintf(format, args...))
}

func (r *rig) List(context.Context) ([]pm2.Process, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.rows), nil
}

func (r *rig) Describe(_ context.Context, id int) (pm2.Process, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, row := range r.rows {
		if row.ID == id {
			return row, nil
		}
	}
	return pm2.Process{}, pm2.ErrUnknownID
}

func (r *rig) Restart(ctx context.Context, id int, cfg pm2.Config) error {
	row, err := r.Describe(ctx, id)
	if err != nil {
		return err
	}
	r.stop(row)
	r.restart(row, cfg)
	if row.WaitReady {
		select {
		case <-time.After(r.says):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// stop has a process end that ignores SIGINT, or waits on it for its connections: after its
// kill timeout at the latest.
func (r *rig) stop(row pm2.Process) {
	r.mu.Lock()
	p := r.procs[row.PID]
	if p != nil {
		p.stopping = true
	}
	for i := range r.rows {
		if r.rows[i].ID == row.ID {
			r.rows[i].Status = pm2.Stopping
		}
	}
	r.mu.Unlock()
	if p == nil || !p.ignores && !p.waits {
		return
	}
	late := time.After(row.KillTimeout)
	for look := time.NewTicker(time.Millisecond); ; {
		select {
		case <-p.ended:
			return
		case <-late:
			r.mu.Lock()
			r.publish(fmt.Sprintf("Process with pid %d still alive after 50ms, sending SIGKILL to 1 remaining pids...\n", row.PID))
			r.mu.Unlock()
			return
		case <-look.C:
			if p.waits && !r.isConnected(row.PID) {
				return
			}
		}
	}
}

// isConnected reports whether a process has a connection.
func (r *rig) isConnected(pid int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(slices.Collect(mapValues(r.socks)), func(s host.Socket) bool { return s.PID == pid })
}

func (r *rig) restart(row pm2.Process, cfg pm2.Config) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if cfg.KillTimeout > 0 {
		r.note("restart %d with kill_timeout %s", row.ID, cfg.KillTimeout)
	} else {
		r.note("restart %d", row.ID)
	}
	if p := r.procs[row.PID]; p != nil && r.alive(row.PID) {
		r.end(row.PID, false)
	}
	r.boot(row.ID)
}

// publish puts a line of PM2's log on the bus.
func (r *rig) publish(text string) {
	body := fmt.Sprintf(`j:{"at":1,"data":%q,"process":{"pm_id":"PM2","name":"PM2"}}`, text)
	frame := []byte{0x12}
	for _, arg := range []string{"s:log:PM2", body} {
		frame = binary.BigEndian.AppendUint32(frame, uint32(len(arg)))
		frame = append(frame, arg...)
	}
	for _, conn := range r.log {
		conn.Write(frame)
	}
}

func (r *rig) Leave(ctx context.Context, id int) error {
	row, err := r.Describe(ctx, id)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note("leave %d", id)
	p := r.procs[row.PID]
	p.left = true
	if !slices.ContainsFunc(slices.Collect(mapValues(r.socks)), func(s host.Socket) bool { return s.PID == row.PID }) {
		r.t.Errorf("worker %d was told to leave with no anchor in it", id)
	}
	if p.exits {
		r.end(row.PID, true)
	}
	if p.stopped {
		r.publish(fmt.Sprintf("Stopping app:app id:%d\n", id))
		r.end(row.PID, false)
		for i := range r.rows {
			if r.rows[i].ID == id {
				r.rows[i].Status, r.rows[i].PID = pm2.Stopped, 0
			}
		}
	}
	return nil
}

func mapValues(m map[net.Conn]host.Socket) func(func(host.Socket) bool) {
	return func(yield func(host.Socket) bool) {
		for _, s := range m {
			if !yield(s) {
				return
			}
		}
	}
}

func (r *rig) Duplicate(_ context.Context, id int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note("duplicate %d", id)
	r.rows = append(r.rows, pm2.Process{ID: len(r.rows), Name: "app", Mode: "cluster", Instance: fmt.Sprint(len(r.rows))})
	r.boot(len(r.rows) - 1)
	return nil
}

func (r *rig) Delete(ctx context.Context, id int) error {
	if row, err := r.Describe(ctx, id); err == nil {
		r.stop(row)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note("delete %d", id)
	r.rows = slices.DeleteFunc(r.rows, func(p pm2.Process) bool { return p.ID == id })
	return nil
}

// As the kernel.

func (r *rig) Now() time.Duration { return host.Now() }

func (r *rig) Alive(pid int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.alive(pid)
}

func (r *rig) alive(pid int) bool {
	p := r.procs[pid]
	if p == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

func (r *rig) SignalMasks(int) (ignored, caught uint64, err error) {
	if r.inspector == nil {
		return 1 << (syscall.SIGUSR1 - 1), 0, nil
	}
	return 0, 1 << (syscall.SIGUSR1 - 1), nil
}

func (r *rig) Signal(pid int, sig syscall.Signal) error {
	if sig == syscall.SIGUSR1 {
		return r.inspector.open(pid)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note("%v %d", sig, pid)
	r.end(pid, !r.procs[pid].stopping)
	return nil
}

func (r *rig) Strangers(int) ([]string, error) { return r.strangers, r.hidden }
func (r *rig) OpenFiles(int) (used, most int)  { return r.files[0], r.files[1] }

// Exchanges shows the worker's connections, and what the test has put beside them.
func (r *rig) Exchanges(port, pid int) ([]host.Exchange, error) {
	socks, err := r.Established(port, pid)
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []host.Exchange
	for _, s := range socks {
		if s.PID == pid {
			out = append(out, host.Exchange{Socket: s, Received: 100, LastSent: 2 * time.Second, LastReceived: time.Second})
		}
	}
	if p := r.procs[pid]; p != nil && p.betweenRequests {
		out = append(out, host.Exchange{Socket: host.Socket{PID: pid}, Received: 100, Sent: 100, LastSent: time.Second, LastReceived: 2 * time.Second})
	}
	return out, err
}

func (r *rig) Listeners(int) ([]host.Socket, error) {
	if r.inspector == nil || r.inspector.owner() == 0 {
		return nil, nil
	}
	return []host.Socket{{PID: r.inspector.owner()}}, nil
}

func (r *rig) Established(port int, pids ...int) ([]host.Socket, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if port != r.port() {
		if len(r.attached) == 0 {
			return nil, nil
		}
		n := r.attached[0]
		r.attached = r.attached[min(1, len(r.attached)-1):]
		return slices.Repeat([]host.Socket{{PID: pids[0]}}, n), nil
	}
	var out []host.Socket
	for _, s := range r.socks {
		if !slices.Contains(pids, s.PID) {
			s.PID = 0
		}
		out = append(out, s)
	}
	for _, pid := range pids {
		if p := r.procs[pid]; p != nil && p.neverEmpties {
			out = append(out, host.Socket{PID: pid})
		}
	}
	return out, nil
}

func (r *rig) Exited(ctx context.Context, pid int) (<-chan struct{}, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.procs[pid]
	if p == nil || !r.alive(pid) {
		return nil, errors.New("no such process")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-p.ended:
		case <-ctx.Done():
		}
	}()
	return done, nil
}
