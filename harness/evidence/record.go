// Package evidence is the append-only record of one drill: what was seen, in
// order, on one clock, with no opinion in it. Judges read it, nothing else.
//
// The clock is CLOCK_MONOTONIC of the kernel the containers run on. Every At is
// the time since that kernel booted; Node's process.hrtime and a Go process in
// the container read the same clock, so the client's, the server's and the
// observer's accounts of one request can be laid side by side. Header.Start
// says where the drill began; a report subtracts it.
//
// A file of it has the header in its first line and an End in its last one. One
// without an End is what a drill has left that was killed, and Read says so.
package evidence

import (
	"encoding/json"
	"time"
)

// Line is one line of an evidence file, and one line of what an agent inside
// the container prints. Exactly one field is set.
type Line struct {
	Header      *Header      `json:"header,omitempty"`
	Mark        *Mark        `json:"mark,omitempty"`
	Request     *Request     `json:"request,omitempty"`
	Tally       *Tally       `json:"tally,omitempty"`
	Stream      *Stream      `json:"stream,omitempty"`
	StreamTally *StreamTally `json:"stream_tally,omitempty"`
	Served      *Served      `json:"served,omitempty"`
	JobRun      *JobRun      `json:"job_run,omitempty"`
	Snapshot    *Snapshot    `json:"snapshot,omitempty"`
	Event       *Event       `json:"event,omitempty"`
	Exit        *Exit        `json:"exit,omitempty"`
	File        *File        `json:"file,omitempty"`
	Usage       *Usage       `json:"usage,omitempty"`
	Claim       *Claim       `json:"claim,omitempty"`
	Alert       *Alert       `json:"alert,omitempty"`
	Progress    *Progress    `json:"progress,omitempty"`
	End         *End         `json:"end,omitempty"`
}

// Record is everything one drill saw. Slices are in order of arrival, which is
// nearly but not exactly the order of At.
type Record struct {
	Header        Header
	Marks         []Mark
	Requests      []Request
	Tallies       []Tally
	Streams       []Stream
	StreamTallies []StreamTally
	Served        []Served
	JobRuns       []JobRun
	Snapshots     []Snapshot
	Events        []Event
	Exits         []Exit
	Files         []File
	Usages        []Usage
	Claims        []Claim
	Alerts        []Alert
	Cut           string // why the drill ended before its end, in words; "" if it went to its end
}

// End is the last line of a file: nothing is missing before it.
type End struct {
	Cut string `json:"cut,omitempty"` // as Record has it
}

// Names of marks the drill leaves.
const (
	MarkEngine    = "engine"    // the engine under test is about to be started
	MarkSteady    = "steady"    // every worker answers under the full load
	MarkInject    = "inject"    // the fault is about to be injected
	MarkBitten    = "bitten"    // the fault was seen to take effect
	MarkLift      = "lift"      // the fault is about to be lifted
	MarkLifted    = "lifted"    // the fault is gone
	MarkRecovered = "recovered" // every worker serves again
	MarkDeadline  = "deadline"  // the time for recovery ran out
	MarkEnd       = "end"       // the load has stopped and every request is settled
	// MarkLoadEnd: the load was told to stop; what was sent before is still waited for.
	// Records of before December 2026 lack it.
	MarkLoadEnd = "load-end"
	// MarkInjected: the injection's own commands have returned. What is done to a
	// worker after that, by somebody's hand, is the engine's doing.
	MarkInjected = "injected"
	// MarkBackground: something of the drill's background has happened, which is nothing wrong.
	MarkBackground = "background"
	// MarkTyped and MarkReturned: an operator types a command in the cluster as a part of the
	// fault, which Note is, and it has returned. What PM2 is told meanwhile is the operator's doing.
	MarkTyped    = "typed"
	MarkReturned = "returned"
	// MarkHindered: the injection failed while an engine ran; Note says how.
	MarkHindered = "hindered"
	// MarkStopped: a process of the harness, which an engine cannot see, has ended or answers
	// nothing while an engine ran; Note says which.
	MarkStopped = "stopped"
	// MarkSkipped: nothing was injected, for the engine under test does not declare
	// what the scenario asks of it; Note names the capability.
	MarkSkipped = "skipped"
	// MarkEngineEnded: the engine's process has ended before it was told to; Note
	// has its exit code and its last words.
	MarkEngineEnded = "engine-ended"
	// MarkForged: a process that is none of PM2's has written in the app's journal, or one
	// in another's name; PIDs has it.
	MarkForged = "forged"
	// MarkJournal: the observer has read the app's journal to its end.
	MarkJournal = "journal"
	// MarkEngineMuted: the engine has said more than is kept; Note says how much.
	MarkEngineMuted = "engine-muted"
)

// Kinds of an injection. A fault does harm by itself; a request only asks for
// work, so that whatever is lost afterwards is the doing of whoever did the work. A
// deployment is a fault whose commands go on in the background: what PM2 does to
// a worker meanwhile is nobody else's hand.
const (
	KindFault      = "fault"
	KindRequest    = "request"
	KindDeployment = "deployment"
)

// Kinds of MarkStopped: a process of the harness has ended, or has not done in time what it
// was told to, which a host that is too busy can be the reason of.
const (
	KindEnded = "ended"
	KindLate  = "late"
)

// Mark is a moment that the drill names.
type Mark struct {
	At   time.Duration `json:"at"`
	Name string        `json:"name"`
	Kind string        `json:"kind,omitempty"` // of MarkInject: KindFault, KindRequest or KindDeployment; of MarkStopped: KindEnded or KindLate
	Note string        `json:"note,omitempty"` // e.g. what Bitten saw
	PIDs []int         `json:"pids,omitempty"` // processes the fault targeted
}

// Lane names of the load generator. LaneNoise is the same traffic at a trivial
// server beside the cluster: what it loses, the host lost.
const (
	LaneShort     = "short"     // a connection per request
	LaneKeepAlive = "keepalive" // reused connections
	LaneLong      = "long"      // requests in flight for seconds, a connection each
	LanePost      = "post"      // POST requests with a body, a connection each
	LaneStream    = "stream"    // streams of events that last for seconds, a connection each
	LaneNoise     = "noise"
)

// Class is how one owed request ended. Every owed request ends in exactly one.
type Class string

// The classes. Answered is the only one that is not a drop, and Unsent is the
// generator's own shortfall, never the cluster's.
const (
	Answered    Class = "answered"
	Unsent      Class = "unsent"
	Refused     Class = "refused"      // no listener: ECONNREFUSED on dial
	Reset       Class = "reset"        // closed or reset before a response byte
	TimedOut    Class = "timed-out"    // no complete response within the timeout
	Truncated   Class = "truncated"    // closed or malformed within the response
	WrongStatus Class = "wrong-status" // a complete response that is not the app's 2xx
)

// Classes lists every class in the order reports show them.
func Classes() []Class {
	return []Class{Answered, Unsent, Refused, Reset, TimedOut, Truncated, WrongStatus}
}

// Dropped reports whether the class counts against the cluster.
func (c Class) Dropped() bool { return c != Answered && c != Unsent }

// Request is the client's account of one request it owed.
type Request struct {
	Lane   string        `json:"lane"`
	ID     string        `json:"id"`
	Due    time.Duration `json:"due"`            // when the open loop owed it
	Sent   time.Duration `json:"sent,omitempty"` // when it was written, 0 if never
	Done   time.Duration `json:"done"`           // when it was settled
	Conn   int           `json:"conn"`           // connection number within the lane
	Reused bool          `json:"reused,omitempty"`
	Class  Class         `json:"class"`
	Phase  string        `json:"phase,omitempty"` // of a drop: dial, write, first-byte, header, body
	Status int           `json:"status,omitempty"`
	PID    int           `json:"pid,omitempty"` // worker named by the response's X-Worker-Pid
	Detail string        `json:"detail,omitempty"`
}

// Tally is the pacer's own count for one lane, taken where requests fall due
// and not where they are settled, so that a lost row shows.
type Tally struct {
	Lane   string        `json:"lane"`
	Owed   int           `json:"owed"`
	Counts map[Class]int `json:"counts"`
	MaxLag time.Duration `json:"max_lag"` // worst delay between due and start
}

// Served is the server's account of one request, from the app's journal.
type Served struct {
	At     time.Duration `json:"at"`
	ID     string        `json:"id"`
	PID    int           `json:"pid"`
	Worker string        `json:"worker"` // NODE_APP_INSTANCE
	Phase  string        `json:"phase"`  // begun, finished or aborted; of no request: started, when the process did
}

// JobRun is one run of the app's scheduled job, as the job's own database has
// it: the witness of work that must happen exactly once.
type JobRun struct {
	At     time.Duration `json:"at"`   // when the worker wrote it
	Tick   int64         `json:"tick"` // what it ran for: the second of the wall clock, since 1970
	PID    int           `json:"pid"`
	Worker string        `json:"worker"` // NODE_APP_INSTANCE
}

// Claim is one line the engine printed: what it says it saw or did.
type Claim struct {
	At     time.Duration   `json:"at"` // when the harness read it
	Type   string          `json:"type"`
	Cause  string          `json:"cause,omitempty"`
	Action string          `json:"action,omitempty"`
	Phase  string          `json:"phase,omitempty"`
	ID     int             `json:"id"` // pm_id, -1 when the line names none
	PID    int             `json:"pid,omitempty"`
	Why    string          `json:"why,omitempty"`
	Wrong  string          `json:"wrong,omitempty"` // how the line breaks the contract; "" of one that keeps it
	Raw    json.RawMessage `json:"raw"`
}

// Alert is one POST to the alert URL.
type Alert struct {
	At   time.Duration   `json:"at"`
	Body json.RawMessage `json:"body"`
}

// Progress is what a running lane has done so far; shown to people, not stored.
type Progress struct {
	Lane     string `json:"lane"`
	Owed     int    `json:"owed"`
	Answered int    `json:"answered"`
	Dropped  int    `json:"dropped"`
}

// Arms of a scenario.
const (
	ArmHealthy = "healthy" // the engine under test and no fault: it must stay quiet
	ArmControl = "control" // the fault and no engine: a promise must break
	ArmEngine  = "engine"  // the fault and the engine under test: every promise is kept
	ArmDecoy   = "decoy"   // a look-alike and the engine under test: another diagnosis, or silence
	ArmClaim   = "claim"   // a claim of the source document, as it stands, and no engine
	ArmInstead = "instead" // what does hold, instead or besides, and no engine
	// ArmRehearsal is somebody's own app, what its rollout does to it, and no engine.
	ArmRehearsal = "rehearsal"
)

// Arms lists every arm there is, in the order reports show them.
func Arms() []string {
	return []string{ArmHealthy, ArmControl, ArmEngine, ArmDecoy, ArmClaim, ArmInstead}
}
