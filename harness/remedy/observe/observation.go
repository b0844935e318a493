// Package observe looks at one PM2 app: PM2's list and bus, what the kernel says of its
// processes and sockets, and where asked for, the servers it needs and its health URL. What
// it sees at one instant is an Observation; what the next look must include is a Focus.
package observe

import (
	"net/http"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
)

// Observation is what the engine saw at one instant, and what happened since
// the one before it. Times are CLOCK_MONOTONIC.
type Observation struct {
	At       time.Duration `json:"at"`
	Daemon   Daemon        `json:"daemon"`
	Workers  []Worker      `json:"workers,omitempty"`
	Events   []Event       `json:"events,omitempty"`
	Port     *Port         `json:"port,omitempty"`      // nil when nobody looked
	Known    []Server      `json:"known,omitempty"`     // servers that the app's processes or settings know
	Binds    []Listener    `json:"binds,omitempty"`     // how PM2's own processes were last seen to listen on the app's port
	Probes   []Probe       `json:"probes,omitempty"`    // of servers the app needs
	Files    []File        `json:"files,omitempty"`     // that the app's processes could not load or read
	Answers  []Answer      `json:"answers,omitempty"`   // of the app's health URL
	Checks   []Answer      `json:"checks,omitempty"`    // the same, asked about once a second whatever is wrong, and finished since the last look
	Usual    Usual         `json:"usual,omitzero"`      // how the health URL has answered while it was at its best
	Others   []string      `json:"others,omitempty"`    // where the app listens while it never has on its port
	Actions  []ActionEvent `json:"deeds,omitempty"`     // the engine's own actions
	Moved    *Moved        `json:"moved,omitempty"`     // the link by which other code of the app was deployed, nil for none
	OOMKills int           `json:"oom_kills,omitempty"` // processes on the host that the kernel has killed for want of memory since the last look
	Host     Host          `json:"host,omitzero"`       // what the machine, and the daemon's control group, have left
	Rolling  bool          `json:"rolling,omitempty"`   // the engine replaces workers on request
	Paused   bool          `json:"paused,omitempty"`    // the kill switch is on
	Approved []string      `json:"approved,omitempty"`  // keys of incidents that people have approved acting on
}

// Daemon is PM2's daemon.
type Daemon struct {
	PID     int    `json:"pid"`
	Alive   bool   `json:"alive"`             // its RPC socket answers
	Version string `json:"version,omitempty"` // PM2's
	Error   string `json:"error,omitempty"`   // why it does not answer
	Strays  []int  `json:"strays,omitempty"`  // child processes that no row of its list names
	State   string `json:"state,omitempty"`   // /proc state letter, where it does not answer
	// Left are the app's processes that run on, where it has gone.
	Left []Remnant `json:"left,omitempty"`
}

// Host is what the machine has left for the app.
type Host struct {
	Pressure    float64 `json:"pressure,omitempty"` // per cent of the last 10 s in which something waited for a core
	host.Cgroup         // of PM2's daemon, whose children the workers are
}

// Usual is how the health URL answers while all is well.
type Usual struct {
	Status int           `json:"status,omitempty"` // 0 if it has never answered, a failure of the server being no answer
	Took   time.Duration `json:"took,omitempty"`
}

// Worker is one row of PM2's list beside what the kernel says of its pid.
type Worker struct {
	ID       int           `json:"id"`                 // pm_id
	Instance string        `json:"instance,omitempty"` // its number
	Variable string        `json:"variable,omitempty"` // that has the number, where it is not NODE_APP_INSTANCE
	PID      int           `json:"pid"`
	Status   string        `json:"status"`         // PM2's word
	Mode     string        `json:"mode,omitempty"` // cluster or fork
	GaveUp   bool          `json:"gave_up,omitempty"`
	NoLog    bool          `json:"no_log,omitempty"` // PM2 keeps nothing of what it says
	Alive    bool          `json:"alive"`            // pid > 0, that process runs and is the daemon's child
	Reused   bool          `json:"reused,omitempty"` // the pid runs and is not the daemon's child
	Restarts int           `json:"restarts"`
	Unstable int           `json:"unstable,omitempty"`  // restarts that PM2 counts towards giving up
	Uptime   time.Duration `json:"uptime,omitempty"`    // of this process, by the kernel
	Since    time.Duration `json:"since"`               // when the engine first saw this pid
	Beat     time.Duration `json:"beat,omitempty"`      // last heartbeat of this pid
	Beats    int           `json:"beats,omitempty"`     // heartbeats of this pid so far
	State    string        `json:"state,omitempty"`     // /proc state letter
	Ticks    int           `json:"ticks,omitempty"`     // CPU used, in 1/100 s
	RSS      int64         `json:"rss,omitempty"`       // bytes
	Limit    int64         `json:"limit,omitempty"`     // of its memory, beyond which PM2 starts it anew (max_memory_restart), bytes
	Waited   time.Duration `json:"waited,omitempty"`    // for a core so far, its event loop being ready
	Heap     int64         `json:"heap,omitempty"`      // of V8's in use, bytes, by its heartbeat
	HeapMax  int64         `json:"heap_max,omitempty"`  // as Node's options limit it, bytes
	Cron     string        `json:"cron,omitempty"`      // the schedule by which PM2 starts it anew (cron_restart)
	Dump     string        `json:"dump,omitempty"`      // the file that it writes a snapshot of its heap into, seen of one that is silent
	Files    int           `json:"files,omitempty"`     // descriptors that it has open
	FilesMax int           `json:"files_max,omitempty"` // that it may have open; 0 if that is not known
	Wrote    string        `json:"wrote,omitempty"`     // the last line that its process wrote to stdout, when somebody looked
	Conns    int           `json:"conns,omitempty"`     // connections to the app's port that it holds; 0 too when nobody looked
}

// Kinds of an Event.
const (
	KindExit      = "exit"      // PM2 saw a worker's process end
	KindOnline    = "online"    // PM2 forked a process for the worker
	KindOverlimit = "overlimit" // PM2 gave a worker up
	KindStopping  = "stopping"  // somebody asked PM2 to end the worker's process
	KindAsked     = "asked"     // somebody has used PM2's command: Text is stop, restart, reload or delete
	KindError     = "error"     // a line of the worker's stderr, or an error that it logs on stdout
	KindPM2Log    = "pm2.log"   // what Node has said of a worker in pm2.log, where the app's own logs hear nothing of it
	KindEnded     = "ended"     // how a worker's process ended, by PM2's log: Text is a signal, or "exit code N"
	KindException = "exception" // an exception the worker died of
	KindLast      = "last"      // the last error in the log of a worker that was given up before the engine began
	KindUnison    = "chorus"    // the worker wrote, on the second, what another one wrote: Text is the line, numbers masked
	KindKilled    = "killed"    // somebody ended PM2's daemon on purpose
	KindWatched   = "watched"   // PM2 starts the app anew because a file has changed (watch): Text is its path
	KindDeploy    = "deploy"    // the app's script was changed on disk, or something in its folder while not all workers ran
)

// Event is one message from PM2's bus, or what stands for one, reduced to what rules read.
type Event struct {
	At   time.Duration `json:"at"`
	Kind string        `json:"kind"`
	ID   int           `json:"id"` // pm_id, -1 when none
	Text string        `json:"text,omitempty"`
}

// Source is where an event was seen, as evidence has it.
func (e Event) Source() string {
	if e.Kind == KindLast {
		return "log"
	}
	if e.Kind == KindPM2Log {
		return "pm2.log"
	}
	return "bus"
}

// Port is who listens on the app's port.
type Port struct {
	Number    int        `json:"number"`
	Listeners []Listener `json:"listeners,omitempty"`
}

// Listener is one listening socket.
type Listener struct {
	PID     int    `json:"pid"` // 0 when it belongs to another user
	Command string `json:"command,omitempty"`
	State   string `json:"state,omitempty"` // the kernel's, one letter (proc_pid_stat(5)); "" if it is not known
	Ours    bool   `json:"ours,omitempty"`  // the daemon or one of its children
	Address string `json:"address,omitempty"`
	V6Only  bool   `json:"v6only,omitempty"` // of a listener on [::]: it leaves the IPv4 port to others
}

// Server is a server that the app is known to use, by another witness than its log.
type Server struct {
	Address string `json:"address"` // host:port, a socket's path, or a host alone
	By      string `json:"by"`      // BySocket, ByAttempt or BySetting
}

// How a Server is known.
const (
	BySocket  = "socket"  // a process of the app is, or was in its last healthy life, connected to it
	ByAttempt = "attempt" // a process of the app waits for its answer to a connection
	BySetting = "setting" // the app's environment names it
)

// Probe is one attempt to reach a server that the app needs.
type Probe struct {
	Address string `json:"address"` // as the Server has it; a host alone is only resolved
	OK      bool   `json:"ok"`
	Error   string `json:"error,omitempty"`
}

// Answer is one new connection to the health URL.
type Answer struct {
	PID    int           `json:"pid"` // process that holds the other end, 0 if unknown
	Status int           `json:"status,omitempty"`
	Took   time.Duration `json:"took,omitempty"` // from the dial to the end of the answer
	At     time.Duration `json:"at,omitempty"`   // of a check: when it was asked
	Error  string        `json:"error,omitempty"`
	Meant  Meaning       `json:"meant,omitempty"` // what the operator says of such a status
	Lived  bool          `json:"lived,omitempty"` // the app has no URL: its process has lived for a while, and nothing was asked
}

// Good reports whether the answer is a success.
func (a Answer) Good() bool {
	if a.Meant != "" {
		return a.Error == "" && a.Meant == MeansHealthy
	}
	return a.Error == "" && a.Status >= 200 && a.Status < 300
}

// IsServerError reports whether the server says that it has failed.
func (a Answer) IsServerError() bool {
	if a.Meant != "" {
		return a.Meant == MeansIll
	}
	return a.Status >= http.StatusInternalServerError
}

// IsUsual reports whether the answer is one as the app gives while it is well: of the
// class that was normal, or where nobody knows, anything but a failure of the server. One
// that refuses whoever asks too often (429) serves.
func (a Answer) IsUsual(normal int) bool {
	if a.Meant != "" {
		return a.Good()
	}
	class := a.Status / 100
	return a.Good() || a.Status == http.StatusTooManyRequests || (a.Error == "" && a.Status > 0 && (class == normal || (normal == 0 && class < 5)))
}

// ActionEvent is the beginning or the end of an action of the engine.
type ActionEvent struct {
	At     time.Duration `json:"at"`
	Action string        `json:"action"` // engine.Action...
	Phase  string        `json:"phase"`  // engine.Phase...
	ID     int           `json:"id"`
	PID    int           `json:"pid,omitempty"`
	Error  string        `json:"error,omitempty"`
}
