// Package pm2 is a client of one PM2 daemon, over the sockets that PM2's own
// command line uses. It reads and commands; it never starts a daemon, which is
// what the command line does at the first chance: `pm2 jlist` beside a dead
// daemon spawns an empty one and prints "[]".
//
// The protocol was read in PM2 7.0.4 (lib/Daemon.js, modules/pm2-axon-rpc) and
// tried on 5.4.3 and 6.0.14 too.
package pm2

import (
	"encoding/json"
	"hash/fnv"
	"strconv"
	"time"
)

// Status is PM2's own word for a process. It is often wrong: see State.
type Status string

// PM2's statuses (constants.js).
const (
	Online    Status = "online"
	Launching Status = "launching"
	Stopping  Status = "stopping"
	Stopped   Status = "stopped"
	Errored   Status = "errored"
	Waiting   Status = "waiting restart"
	OneLaunch Status = "one-launch-status"
)

// Process is one row of PM2's list. Environment values are left out: PM2 hands
// out every variable of every app, secrets with them.
type Process struct {
	ID            int // pm_id; -1 for the outgoing half of a reload ("_old_3")
	Name          string
	Namespace     string
	PID           int // 0 when PM2 knows of none; may be stale: State and the kernel decide
	Status        Status
	Mode          string    // "cluster" or "fork"
	Instance      string    // NODE_APP_INSTANCE
	Instances     int       // as configured, not as they are
	Restarts      int       // restart_time: restarts of any kind
	Unstable      int       // unstable_restarts
	CreatedAt     time.Time // zero when null, which marks a process PM2 has given up on
	StartedAt     time.Time // pm_uptime: when the last process was forked
	Script        string
	Cwd           string
	NodeVersion   string
	KillTimeout   time.Duration // 0 when not configured: PM2 then takes 1.6 s
	ListenTimeout time.Duration // 0 when not configured: PM2 then takes 3 s
	WaitReady     bool
	Autorestart   bool
	OutLog        string
	ErrLog        string
	PIDFile       string
	ExitCode      int     // worthless in cluster mode: an exception exits with 0
	Memory        int64   // bytes; 0 unless online
	CPU           float64 // per cent since anybody last asked
	// Beat is a fingerprint of the metrics that the worker's own instrumentation
	// sends about once a second (axm_monitor: heap, event loop latency, ...). It
	// changes while the event loop turns and stands still while it is blocked. 0
	// when there are none (pmx off, or not sent yet). The metrics are not on the
	// bus: Daemon.js keeps axm:monitor to itself.
	Beat uint64
}

// State is what a row of PM2's list really means.
type State string

// The states.
const (
	Running    State = "running" // PM2 holds a process to be up
	Booting    State = "booting" // forked, not yet online
	Backoff    State = "backoff" // dead, a restart is pending
	GaveUp     State = "gave-up" // dead, and PM2 will not restart it
	StoppedNow State = "stopped" // stopped on purpose, or exited without autorestart
	Ending     State = "ending"  // being stopped
)

// State reads a row past the lies of its status (God.js:471-530 of 7.0.4):
//
//	status            pid    means
//	online            > 0    running
//	online            0      given up: a late ready timer painted over it (<= 6.0.14)
//	waiting restart   > 0    dead, restart pending; the pid is the dead one's
//	waiting restart   0      given up: the delay's status was written over "errored"
//	errored           any    given up
//	stopped           > 0    between a crash and its immediate restart
//	stopped           0      stopped
//
// A live pid is for the kernel to confirm.
func (p Process) State() State {
	switch p.Status {
	case Online, OneLaunch:
		if p.PID > 0 {
			return Running
		}
		return GaveUp
	case Launching:
		return Booting
	case Waiting:
		if p.PID > 0 {
			return Backoff
		}
		return GaveUp
	case Errored:
		return GaveUp
	case Stopping:
		return Ending
	}
	if p.PID > 0 && p.Autorestart {
		return Backoff
	}
	return StoppedNow
}

// GaveUp reports whether PM2 will never restart the process by itself again.
func (p Process) GaveUp() bool { return p.State() == GaveUp }

// UnmarshalJSON reads one element of getMonitorData's result.
func (p *Process) UnmarshalJSON(b []byte) error {
	var row struct {
		PID   int             `json:"pid"`
		ID    json.RawMessage `json:"pm_id"`
		Name  string          `json:"name"`
		Monit struct {
			Memory int64   `json:"memory"`
			CPU    float64 `json:"cpu"`
		} `json:"monit"`
		Env struct {
			Namespace     string          `json:"namespace"`
			Status        Status          `json:"status"`
			Mode          string          `json:"exec_mode"`
			Instance      scalar          `json:"NODE_APP_INSTANCE"`
			Instances     scalar          `json:"instances"`
			Restarts      int             `json:"restart_time"`
			Unstable      int             `json:"unstable_restarts"`
			CreatedAt     millis          `json:"created_at"`
			StartedAt     millis          `json:"pm_uptime"`
			Script        string          `json:"pm_exec_path"`
			Cwd           string          `json:"pm_cwd"`
			NodeVersion   string          `json:"node_version"`
			KillTimeout   scalar          `json:"kill_timeout"`
			ListenTimeout scalar          `json:"listen_timeout"`
			WaitReady     bool            `json:"wait_ready"`
			Autorestart   bool            `json:"autorestart"`
			OutLog        string          `json:"pm_out_log_path"`
			ErrLog        string          `json:"pm_err_log_path"`
			PIDFile       string          `json:"pm_pid_path"`
			ExitCode      scalar          `json:"exit_code"`
			Metrics       json.RawMessage `json:"axm_monitor"`
		} `json:"pm2_env"`
	}
	if err := json.Unmarshal(b, &row); err != nil {
		return err
	}
	e := row.Env
	*p = Process{
		ID: parseID(row.ID), Name: row.Name, Namespace: e.Namespace, PID: row.PID, Status: e.Status,
		Instance: string(e.Instance), Instances: e.Instances.int(), Restarts: e.Restarts, Unstable: e.Unstable,
		CreatedAt: e.CreatedAt.time(), StartedAt: e.StartedAt.time(), Script: e.Script, Cwd: e.Cwd,
		NodeVersion: e.NodeVersion, KillTimeout: e.KillTimeout.ms(), ListenTimeout: e.ListenTimeout.ms(),
		WaitReady: e.WaitReady, Autorestart: e.Autorestart, OutLog: e.OutLog, ErrLog: e.ErrLog, PIDFile: e.PIDFile,
		ExitCode: e.ExitCode.int(), Memory: row.Monit.Memory, CPU: row.Monit.CPU,
		Beat: fingerprint(e.Metrics),
	}
	p.Mode = "fork"
	if e.Mode == "cluster_mode" {
		p.Mode = "cluster"
	}
	return nil
}

// fingerprint hashes metrics; none, null and {} have 0.
func fingerprint(metrics json.RawMessage) uint64 {
	if len(metrics) <= len("null") {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write(metrics) // a hash's Write never fails
	return h.Sum64()
}

// parseID reads a pm_id: a number, or "_old_N" for the outgoing half of a
// reload, which has no id of its own.
func parseID(raw json.RawMessage) int {
	if id, err := strconv.Atoi(string(raw)); err == nil {
		return id
	}
	return -1
}

// scalar is a value that PM2 hands out as it got it: number, text, true, null
// or not at all.
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) != nil {
		text = string(b)
	}
	if text == "null" {
		text = ""
	}
	*s = scalar(text)
	return nil
}

func (s scalar) int() int {
	n, err := strconv.ParseFloat(string(s), 64)
	if err != nil {
		return 0
	}
	return int(n)
}

func (s scalar) ms() time.Duration { return time.Duration(s.int()) * time.Millisecond }

// millis is a time in milliseconds since 1970, or null.
type millis struct{ scalar }

func (m millis) time() time.Time {
	if m.int() == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m.int()))
}
