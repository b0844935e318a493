// Package pm2 is a client of one PM2 daemon, over the sockets that PM2's own
// command line uses. It reads and commands; it never starts a daemon, which is
// what the command line does at the first chance: `pm2 jlist` beside a dead
// daemon spawns an empty one and prints "[]".
//
// The protocol was read in PM2 7.0.4 (lib/Daemon.js, modules/pm2-axon-rpc) and
// tried on 5.4.3 and 6.0.14 too; file and line numbers are those of 7.0.4.
package pm2

import "time"

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
	ID            int // pm_id; the outgoing half of a reload is not in the list
	Name          string
	Namespace     string
	Unique        string // unique_id: of this row since it was started from its file (God.js:111)
	PID           int    // 0 when PM2 knows of none; may be stale: State and the kernel decide
	Status        Status
	Mode          string    // "cluster" or "fork"
	Instance      string    // the worker's number among those of its app
	InstanceVar   string    // the variable that has it: instance_var, or NODE_APP_INSTANCE
	Instances     int       // as configured, not as they are
	Restarts      int       // restart_time: restarts of any kind
	Unstable      int       // unstable_restarts
	CreatedAt     time.Time // zero when null, which marks a process PM2 has given up on
	StartedAt     time.Time // pm_uptime: when the last process was forked
	Script        string
	Cwd           string
	Interpreter   string
	NodeVersion   string        // as the worker reported it; of the last one until the next has
	KillTimeout   time.Duration // 0 when not configured: PM2 then takes 1.6 s
	ListenTimeout time.Duration // 0 when not configured: PM2 then takes 3 s
	WaitReady     bool
	Autorestart   bool
	Cron          string // cron_restart, "" when not configured
	Watch         bool   // it is restarted when a file changes
	// How PM2 starts it again; 0 when not configured.
	MaxRestarts  int           // PM2 then takes 16
	MinUptime    time.Duration // PM2 then takes 1 s
	RestartDelay time.Duration
	Backoff      time.Duration // exp_backoff_restart_delay
	MaxMemory    int64         // max_memory_restart, bytes; each 30 s PM2 reloads what uses more (Worker.js:60)
	Pmx          bool          // PM2's instrumentation runs in the worker, the default
	OutLog       string
	ErrLog       string
	LogsOff      bool // disable_logs
	PIDFile      string
	// Code is a fingerprint of what decides which code Node runs beside the script: node_args,
	// args, and the variables of preloads and search paths; another one in each process that asks,
	// so that nobody can guess arguments by it. 0 where none is set.
	Code      uint64  `json:"-"`
	ExitCode  int     // worthless in cluster mode: an exception exits with 0
	Memory    int64   // bytes; 0 unless online
	CPU       float64 // per cent since anybody last asked
	Heap      int64   // bytes of V8's heap in use, by the worker's instrumentation; 0 without it
	Requests  float64 // per second over about the last minute, counted by the worker's instrumentation; 0 without it
	HeapLimit int64   // of it, by --max-old-space-size in node_args or NODE_OPTIONS; 0 if neither says
	// Servers are those that its environment names: host:port, a host whose port nobody
	// gives, or the path of a socket. Users and passwords are left out.
	Servers []string
	// Files are absolute paths that its environment, its arguments or Node's name, of files or
	// of what might be one. They are values of variables and arguments, and so are never written.
	Files []string `json:"-"`
	// Beat is a fingerprint of the metrics that the worker's own instrumentation
	// sends about once a second (axm_monitor: heap, event loop latency, ...). It
	// changes while the event loop turns and stands still while it is blocked. 0
	// when there are none (pmx off, or not sent yet). The metrics are not on the
	// bus: Daemon.js keeps axm:monitor to itself.
	Beat uint64
}

// LogsNowhere reports whether PM2 keeps nothing of what the worker says: with disable_logs
// not even the bus has it (ProcessContainer.js), otherwise the files are /dev/null.
func (p Process) LogsNowhere() bool {
	nowhere := func(name string) bool { return name == "/dev/null" || name == "NULL" } // Utility.checkPathIsNull
	return p.LogsOff || nowhere(p.ErrLog) && nowhere(p.OutLog)
}

// State is what a row of PM2's list really means.
type State string

// The states.
const (
	Running    State = "running" // PM2 holds a process to be up
	Booting    State = "booting" // forked, not yet online
	Backoff    State = "backoff" // dead, a restart is pending
	GaveUp     State = "gave-up" // dead, and PM2 will not restart it
	StoppedNow State = "stopped" // stopped on purpose, or exited for good as configured
	Ending     State = "ending"  // being stopped
	Unclear    State = "unclear" // dead, and the row does not tell why: look again
)

// State reads a row past the lies of its status (God.js:423-535, handleExit):
//
//	status           pid  created_at  means
//	online           > 0              running
//	online           0                given up: a late ready timer painted over it (<= 6.0.14)
//	launching                         booting: forked, not yet online, or not yet ready (wait_ready)
//	stopping                          being stopped
//	waiting restart  > 0              dead, restart pending; the pid is the dead one's
//	waiting restart  0    null        given up: the delay's status was written over "errored"
//	waiting restart  0    set         exited for good, where autorestart is off; else unclear
//	errored                           given up; with a pid, even SIGKILL did not end it
//	stopped          > 0              between a crash and its immediate restart
//	stopped          0                stopped
//
// The unclear one is nearly always a worker that is just being stopped or
// restarted: where a restart delay is configured its exit writes "waiting
// restart" over "stopping", up to a tenth of a second before PM2 notices that it
// is gone. If it stays, the worker is down for good: it exited with a code of
// stop_exit_codes, or somebody reset the counters after PM2 gave it up.
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
	case Stopping:
		return Ending
	case Errored:
		return GaveUp
	case Waiting:
		return p.classifyWaiting()
	case Stopped:
		if p.PID > 0 && p.Autorestart {
			return Backoff
		}
		return StoppedNow
	}
	return Unclear
}

func (p Process) classifyWaiting() State {
	switch {
	case p.PID > 0:
		return Backoff
	case p.CreatedAt.IsZero():
		return GaveUp
	case !p.Autorestart:
		return StoppedNow
	}
	return Unclear
}

// GaveUp reports whether PM2 will never restart the process by itself again,
// although nobody stopped it.
func (p Process) GaveUp() bool { return p.State() == GaveUp }
