package evidence

import "time"

// Snapshot is the cluster at one instant, as PM2, /proc and the kernel's socket
// tables tell it.
type Snapshot struct {
	At     time.Duration `json:"at"`
	Daemon int           `json:"daemon"` // pid of PM2's daemon, 0 when none answers
	// Process is the daemon's own, as the kernel tells it; nil when none answers.
	Process   *Worker    `json:"process,omitempty"`
	Workers   []Worker   `json:"workers"`
	Others    []Worker   `json:"others,omitempty"`   // of the other apps that the daemon runs
	Children  []int      `json:"children,omitempty"` // the daemon's child processes
	Listeners []Listener `json:"listeners,omitempty"`
	// Private are the sockets of PM2's processes that listen on a loopback address beside the
	// app's port, as a debugger's does.
	Private []Listener `json:"private,omitempty"`
	// OOMKills counts the processes of the cluster's control group that the kernel has killed for
	// want of memory so far.
	OOMKills int `json:"oom_kills,omitempty"`
}

// Worker is one row of PM2's list beside what the kernel says of its pid.
type Worker struct {
	ID       int    `json:"id"` // pm_id
	Name     string `json:"name"`
	Instance string `json:"instance,omitempty"` // NODE_APP_INSTANCE
	PID      int    `json:"pid"`
	Alive    bool   `json:"alive"` // pid > 0 and that process runs
	Status   string `json:"status"`
	Restarts int    `json:"restarts"`
	State    string `json:"state,omitempty"` // /proc state letter: R, S, T, D, Z
	Nice     int    `json:"nice,omitempty"`  // 0 is usual, 19 the least urgent
	CPU      int    `json:"cpu,omitempty"`   // user+system clock ticks used so far
	RSS      int64  `json:"rss,omitempty"`   // bytes
	// As PM2 has them for this worker, 0 where nothing is configured.
	KillTimeout   time.Duration `json:"kill_timeout,omitempty"`
	ListenTimeout time.Duration `json:"listen_timeout,omitempty"`
	Cron          string        `json:"cron,omitempty"` // cron_restart, as configured
	// Terms are on what terms the kernel runs the process: scheduling policy, processors,
	// resource limits and the out-of-memory score, by name.
	Terms map[string]string `json:"terms,omitempty"`
	// Settings are PM2's for this worker, by the name that an ecosystem file has for each;
	// what is not set is not among them, nor is the environment; of arguments and of variables by
	// which Node loads more code there is a fingerprint.
	Settings map[string]string `json:"settings,omitempty"`
	// Under are the processes below this one: of a launcher such as npm, the app itself.
	Under []int `json:"under,omitempty"`
}

// Listener is a process that listens on a port.
type Listener struct {
	PID     int    `json:"pid"`
	Command string `json:"command"`
	Port    int    `json:"port"`
	Addr    string `json:"addr,omitempty"` // the address that it listens on
}

// TopicAbort is the topic of what V8 and Node say in pm2.log of ending a process, which PM2's
// bus does not carry.
const TopicAbort = "pm2.log"

// TopicDebugger is the topic of what Node says in pm2.log of a debugger, of PM2's daemon or of one
// of its cluster workers.
const TopicDebugger = "pm2.log:debugger"

// Event is one message from PM2's bus, or a line of pm2.log. Environment variables never enter it.
type Event struct {
	At    time.Duration `json:"at"`
	Topic string        `json:"topic"`           // process:event, process:exception, log:err, log:PM2, ...
	Event string        `json:"event,omitempty"` // start, online, exit, restart overlimit, ...
	ID    int           `json:"id"`              // pm_id, -1 when it is not a number
	Name  string        `json:"name,omitempty"`
	Text  string        `json:"text,omitempty"` // log line or exception
}

// Exit is the instant the kernel reported a worker's process gone (pidfd), and how it
// ended where the kernel says so (Linux 6.15 and later).
type Exit struct {
	At     time.Duration `json:"at"`
	PID    int           `json:"pid"`
	ID     int           `json:"id"`               // pm_id it last had, -1 if unknown
	Code   *int          `json:"code,omitempty"`   // exit code; nil if a signal ended it, or if unknown
	Signal string        `json:"signal,omitempty"` // the signal that ended it, e.g. SIGTERM; "" for none, or if unknown
}

// Known reports whether the kernel has said how the process ended.
func (e Exit) Known() bool { return e.Code != nil || e.Signal != "" }

// Usage is what the engine under test uses of the host at one instant: its process, and all
// that it has started, but PM2's daemon and what that runs.
type Usage struct {
	At        time.Duration `json:"at"`
	Processes int           `json:"processes"`         // 0 when none is left
	CPU       time.Duration `json:"cpu"`               // processor time since the engine's start, of those that have ended too
	RSS       int64         `json:"rss"`               // bytes in memory, added up: shared pages count for each
	Open      int           `json:"open,omitempty"`    // descriptors that they have open, added up
	Written   int64         `json:"written,omitempty"` // bytes that they have written to whatever it was, of those that were waited for too
	// Busiest is its thread that wanted a core for longest since the last look; nil if none did.
	Busiest *Thread `json:"busiest,omitempty"`
}

// Thread is what a thread has had of the processors from one look to the next.
type Thread struct {
	TID    int           `json:"tid"`
	Ran    time.Duration `json:"ran"`    // on a core
	Waited time.Duration `json:"waited"` // ready, and no core was free
}

// File is a file as the observer found it when it first looked, and each time it has
// changed since. Of a log nothing is told that is appended to it.
type File struct {
	At    time.Duration `json:"at"` // when it was given this form, by the file system's word
	Path  string        `json:"path"`
	Log   bool          `json:"log,omitempty"`  // one of PM2's logs, not of the app's files
	Gone  bool          `json:"gone,omitempty"` // it is not there any more
	Inode uint64        `json:"inode,omitempty"`
	Size  int64         `json:"size,omitempty"`
	Sum   string        `json:"sum,omitempty"` // of its content: SHA-256, the first 8 bytes; "" of a log, and of what is longer than 1 MiB
}

// DaemonFiles are the files of PM2_HOME by which PM2's daemon is found, and which it alone writes,
// when it starts.
func DaemonFiles() []string { return []string{"rpc.sock", "pub.sock", "pm2.pid"} }
