// Package engine is the contract between pm2drill and a remediation engine: the
// lines an engine may print, the alerts it may post, the requests it may be
// sent, and the bystander that does nothing.
//
// An engine is a command. It is started where a production engine would run (the
// cluster's pid and network namespaces, the operator's user) with this
// environment and nothing else that tells it about the experiment:
//
//	PM2_HOME           where the daemon's sockets and logs are
//	ENGINE_APP         PM2's name of the app it looks after
//	ENGINE_URL         health URL of the app
//	ENGINE_ALERT_URL   where it POSTs alerts
//
// Each of these is optional: JSON lines on stdout (Line), JSON lines on stdin
// (Request), alerts by POST (Alert). If an engine prints nothing, only what comes of
// its actions is judged.
package engine

import "time"

// Environment variables of the contract.
const (
	EnvHome     = "PM2_HOME"
	EnvApp      = "ENGINE_APP"
	EnvURL      = "ENGINE_URL"
	EnvAlertURL = "ENGINE_ALERT_URL"
)

// Types of a Line.
const (
	TypeReady    = "ready"    // the engine watches; Capabilities says what it can do
	TypeDetected = "detected" // it has diagnosed Cause
	TypeSymptom  = "symptom"  // it tells people of Symptom, whose cause it does not know (yet)
	TypeAction   = "action"   // it acts; once with PhaseBegin, once with PhaseDone or PhaseFailed
	TypeVerified = "verified" // it has seen the cluster recovered; By says how
	TypeIncident = "incident" // it has opened or closed an incident and alerted
	TypeWithheld = "withheld" // it decided against Action; Why says why
)

// Phases of an action line.
const (
	PhaseBegin  = "begin"
	PhaseDone   = "done"
	PhaseFailed = "failed"
)

// Values of Line.Incident and of Alert.Status.
const (
	IncidentOpened   = "opened"
	IncidentResolved = "resolved"
	StatusFiring     = "firing"
	StatusResolved   = "resolved"
)

// Actions an engine may claim. Anything else is reported as it stands.
const (
	ActionRestart  = "restart"  // one worker id, through PM2
	ActionStop     = "stop"     // one worker id, through PM2
	ActionKill     = "kill"     // one pid, by signal
	ActionDrain    = "drain"    // one worker leaves the rotation and finishes its requests
	ActionReplace  = "replace"  // one worker id: drained, then a new process in its place
	ActionRoll     = "roll"     // a rolling restart of the app, worker by worker
	ActionRollback = "rollback" // the operator's command that puts the previous release back on disk
	ActionScale    = "scale"    // one worker more (the line that ends it names its pid) or, with ID, that one less
	ActionReset    = "reset"    // one worker id: PM2's restart counters to zero; Why has what they were
	// ActionRelease is a port that PM2's daemon (the line's pid) listens on for no
	// worker: it is closed.
	ActionRelease = "release"
	// ActionConfigure is a setting that PM2 is given for every worker as it is
	// replaced; Why has its key and values. The alert has it as Drift.
	ActionConfigure = "configure"
)

// Cause names what is wrong, from a closed list.
type Cause string

// The causes. Where two look alike, the evidence that tells them apart is in
// the reference engine's rule of that name.
const (
	PortForeign      Cause = "port_conflict.foreign"      // a process PM2 does not own holds the port
	PortSelf         Cause = "port_conflict.self"         // the app binds its own port twice
	PortSibling      Cause = "port_conflict.sibling"      // one worker binds the port for itself, the others cannot
	DependencyOutage Cause = "dependency_outage"          // workers die because a server they need is gone
	BootCrash        Cause = "boot_crash.deterministic"   // workers die at boot, always the same way
	FileMissing      Cause = "file_missing"               // workers die at boot because a module or a file of settings is not there, or is half written
	Serialisation    Cause = "serialisation.worker_crash" // workers die of sending what cannot be serialised
	RejectedBoot     Cause = "not_ready.rejected_boot"    // workers live and never came to listen
	NoDrainSupport   Cause = "no_drain_support"           // the app has no SIGINT handler
	SigintIgnored    Cause = "sigint_ignored"             // the app has one and does not stop
	KillTimeoutShort Cause = "kill_timeout_too_short"     // the app drains, and PM2 kills it before it is done
	SlowReady        Cause = "slow_ready"                 // a worker boots longer than listen_timeout, and PM2 ends the old one before
	ReadyNeverSent   Cause = "ready_never_sent"           // wait_ready is true and a worker that serves never says so: PM2 waits listen_timeout for nothing
	StreamsCut       Cause = "streams_cut"                // a roll ends event streams or WebSockets that have no end of their own
	CannotStart      Cause = "cannot_start"               // PM2 cannot start the process, or Node ends before it has read the app
	NativeCrash      Cause = "native_crash"               // native code ends workers: SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, or SIGABRT of another reason than a full heap
	HeapExhausted    Cause = "heap_exhausted"             // V8's heap is full, and Node aborts
	OutOfMemory      Cause = "out_of_memory"              // the kernel kills workers for want of memory
	MemoryLimit      Cause = "memory_limit"               // PM2 restarts workers over and over for its max_memory_restart
	CronRestart      Cause = "cron_restart"               // PM2's cron_restart ends all workers at once, and nobody serves until they are up again
	WatchLoop        Cause = "watch_loop"                 // PM2 watches a file that changes after each start, and starts the app anew each time
	StaleRelease     Cause = "stale_release"              // the link by which the app is deployed leads to another release, and PM2 has started the old one again
	OpenFiles        Cause = "open_files_exhausted"       // a worker has as many files and connections open as it may, and takes no more
	EverybodyLeads   Cause = "duplicate_leader.no_guard"  // every worker runs the scheduled job
	LeaderMissing    Cause = "leader_missing"             // no worker has NODE_APP_INSTANCE 0, and what only it does is not done
	LeaderTwice      Cause = "leader_twice"               // two workers have NODE_APP_INSTANCE 0, and what only that one does is done twice
	HotWorker        Cause = "hot_worker"                 // one worker burns CPU and answers slowly
	StalledEventLoop Cause = "stalled_event_loop"         // a worker's event loop is blocked
	StoppedProcess   Cause = "stopped_process"            // a worker's process is stopped (SIGSTOP)
	DaemonDead       Cause = "daemon_dead"                // PM2's daemon does not run
	Undetermined     Cause = "undetermined"               // something is wrong and no rule fits
)

// Symptom names what people must be told of whatever its cause, from a closed list.
type Symptom string

// The symptoms.
const (
	NoService      Symptom = "no_service"        // nobody serves
	NeverServed    Symptom = "never_served"      // the health URL has not answered since the engine began
	PartialService Symptom = "partial_service"   // fewer workers serve than should
	HealthFailing  Symptom = "health_failing"    // the health URL answers otherwise than while all was well: each time, or often
	HealthSlow     Symptom = "health_slow"       // it answers far later than while all was well
	RestartLoop    Symptom = "restart_loop"      // PM2 starts a worker again and again
	SilentWorker   Symptom = "silent_worker"     // a worker sends no heartbeat, and its siblings do
	Starved        Symptom = "starved"           // the workers wait for a core, and the app is slow, or has no URL to tell: the host, or its control group, has too few
	MemoryNear     Symptom = "memory_near_limit" // a worker, or its control group, uses nearly as much memory as it may
	Orphans        Symptom = "orphans"           // PM2's daemon has child processes that its list does not have
	DaemonSilent   Symptom = "daemon_silent"     // PM2's daemon runs and does not answer
)

// Line is one JSON line on the engine's stdout.
type Line struct {
	Type         string        `json:"type"`
	At           time.Duration `json:"at,omitempty"` // CLOCK_MONOTONIC, nanoseconds
	Engine       string        `json:"engine,omitempty"`
	Version      string        `json:"version,omitempty"`
	Capabilities []string      `json:"capabilities,omitempty"`
	App          string        `json:"app,omitempty"`
	Cause        Cause         `json:"cause,omitempty"`
	Symptom      Symptom       `json:"symptom,omitempty"` // of a symptom line, and of an incident that began as one
	Evidence     []Fact        `json:"evidence,omitempty"`
	RuledOut     []Ruled       `json:"ruled_out,omitempty"`
	Action       string        `json:"action,omitempty"`
	Phase        string        `json:"phase,omitempty"`
	ID           *int          `json:"id,omitempty"` // pm_id
	PID          int           `json:"pid,omitempty"`
	Why          string        `json:"why,omitempty"` // its reason; of a line that ends an action, what came of it
	Error        string        `json:"error,omitempty"`
	By           []string      `json:"by,omitempty"`
	Incident     string        `json:"incident,omitempty"` // opened or resolved
}

// Fact is one observation and where it came from (bus, rpc, proc, sockets, log, probe).
type Fact struct {
	Source string `json:"source"`
	Text   string `json:"text"`
}

// Ruled is a look-alike and the fact that ruled it out.
type Ruled struct {
	Cause Cause  `json:"cause"`
	Fact  string `json:"fact"`
}

// Capabilities an engine may declare. A scenario that needs one the engine lacks is skipped by name.
const (
	CanDetect = "detect"
	CanRoll   = "roll"  // takes the roll request
	CanScale  = "scale" // takes the scale request
	CanAlert  = "alert"
)

// Request is one JSON line on the engine's stdin: what an operator asks for.
type Request struct {
	Request string `json:"request"` // RequestRoll or RequestScale
	App     string `json:"app"`
	// Rollback goes with RequestRoll: the command, and its arguments, that puts the
	// previous release back on disk. It is run, once, if the first worker that is
	// replaced does not come to serve.
	Rollback []string `json:"rollback,omitempty"`
	Workers  int      `json:"workers,omitempty"` // of RequestScale: how many there are to be, 1 or more
}

// What may be asked for.
const (
	RequestRoll  = "roll"  // a rolling restart of every worker of the app
	RequestScale = "scale" // more workers, or fewer: the highest ids go, never the one with NODE_APP_INSTANCE 0
)

// Alert is the JSON body an engine POSTs: the incident with its context.
type Alert struct {
	Engine     string    `json:"engine"`
	Status     string    `json:"status"` // firing or resolved
	App        string    `json:"app"`
	Namespace  string    `json:"namespace,omitempty"` // PM2's namespace of the app, where it was named
	Host       string    `json:"host,omitempty"`      // name of the machine
	Sent       time.Time `json:"sent,omitzero"`       // when the alert was made, by the machine's wall clock
	Cause      Cause     `json:"cause"`
	Symptom    Symptom   `json:"symptom,omitempty"` // what the incident was first told as, before its cause was known
	Confidence float64   `json:"confidence"`        // 0..1
	Evidence   []Fact    `json:"evidence"`
	RuledOut   []Ruled   `json:"ruled_out"`
	FirstSeen  time.Time `json:"first_seen"`
	LastSeen   time.Time `json:"last_seen"`
	Workers    []Worker  `json:"workers"`
	Actions    []Taken   `json:"actions"`              // taken and withheld, in order
	Timeline   []Moment  `json:"timeline"`             // what happened lately, in order: at most 40
	Human      string    `json:"human,omitempty"`      // what a person must change: file, key, code
	Next       string    `json:"next,omitempty"`       // what the engine does next, and when
	Approve    string    `json:"approve,omitempty"`    // URL by which a person permits what the engine asks: whoever has it may
	Undo       string    `json:"undo,omitempty"`       // how a person takes back what the engine, or a deployment, has done
	Suppressed int       `json:"suppressed,omitempty"` // incidents of this cause that were not alerted of since the last alert of it
	Drift      []Drift   `json:"drift,omitempty"`      // settings that PM2 runs with and the app's file lacks
	Daemon     Daemon    `json:"daemon"`
	Logs       []string  `json:"logs,omitempty"` // last error lines, secrets redacted
	Dedupe     string    `json:"dedupe"`         // fingerprint of app, cause and normalised error
}

// Worker is one row of an alert's worker table.
type Worker struct {
	ID       int     `json:"id"`
	Instance string  `json:"instance"`
	PID      int     `json:"pid"`
	Status   string  `json:"status"`  // PM2's word
	Derived  string  `json:"derived"` // the engine's: serving, booting, backoff, gave_up, stopped, stalled
	Restarts int     `json:"restarts"`
	Unstable int     `json:"unstable"` // restarts that PM2 counts towards giving up
	Uptime   float64 `json:"uptime"`   // seconds
	RSS      int64   `json:"rss"`      // bytes
	// Before is what was counted when the incident opened, nil for a worker that
	// was not there.
	Before *Counters `json:"before,omitempty"`
	FDs    int       `json:"fds"`         // open file descriptors, 0 without a process
	Conns  int       `json:"connections"` // established connections on the app's port
}

// Counters are what PM2 counts of a worker.
type Counters struct {
	Restarts int `json:"restarts"`
	Unstable int `json:"unstable"`
}

// Drift is one setting that the engine has given PM2 and that people must commit
// to the app's file: it lasts until the app is started from its file again.
type Drift struct {
	Key string `json:"key"` // as in the file: KeyKillTimeout or KeyListenTimeout
	Was int64  `json:"was"` // milliseconds
	Now int64  `json:"now"` // milliseconds
}

// Settings an engine may change.
const (
	KeyKillTimeout   = "kill_timeout"
	KeyListenTimeout = "listen_timeout"
)

// Moment is one entry of an alert's timeline.
type Moment struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"` // worker, pm2, operator, engine or deploy
	Text string    `json:"text"`
}

// Taken is one action of an alert.
type Taken struct {
	At     time.Time `json:"at"`
	Action string    `json:"action"`
	ID     *int      `json:"id,omitempty"` // nil for what is about no worker
	Result string    `json:"result"`       // done, failed or withheld
	Why    string    `json:"why"`
}

// Daemon identifies PM2's daemon.
type Daemon struct {
	PID     int    `json:"pid"`
	Version string `json:"version"`
}
