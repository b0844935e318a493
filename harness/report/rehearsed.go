package report

import (
	"time"
)

// Rehearsal is what a rehearsed rollout of somebody's own app says of its ecosystem file:
// what was measured, which findings of validate the acts confirm, which settings the
// figures call for. Package rehearsal makes it.
type Rehearsal struct {
	Schema    string      `json:"schema"`
	File      string      `json:"file"` // the ecosystem file
	App       string      `json:"app"`
	Workers   int         `json:"workers"`
	Verdict   string      `json:"verdict"`            // of the promises
	Report    string      `json:"report"`             // folder
	Settings  []Setting   `json:"settings,omitempty"` // of the app, as PM2 has them
	Load      []Requested `json:"load,omitempty"`     // what was requested of the app
	Streams   []StreamSum `json:"streams,omitempty"`  // what became of connections that were to stay open
	Figures   Measured    `json:"figures"`
	Checks    []Check     `json:"checks"`
	Proposals []Proposal  `json:"proposals"`
	Patch     string      `json:"patch"`              // of the file, for `git apply` in its folder; "" for none
	Handler   *Handler    `json:"handler,omitempty"`  // nil where the app needs none
	Verified  *Verified   `json:"verified,omitempty"` // what became of the advice; nil without --verify, or without advice
}

// RehearsalSchema names the form of a Rehearsal.
const RehearsalSchema = "pm2drill/rehearsal/1"

// Setting is one setting of the app.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"` // as JavaScript
}

// Requested is what one lane of the load asked for.
type Requested struct {
	Lane    string   `json:"lane"`
	Rate    float64  `json:"rate"`              // requests per second; 0 of connections that stay open
	Clients int      `json:"clients,omitempty"` // that stay connected; 0 of a lane of requests
	Method  string   `json:"method"`
	Path    string   `json:"path"`
	Headers []string `json:"headers,omitempty"` // NAME: VALUE, with a mark instead of values that may be secret
	Body    int      `json:"body,omitempty"`    // bytes
}

// StreamSum is what became of the event streams, or of the WebSockets, of one act.
type StreamSum struct {
	Act     string        `json:"act"`
	Lane    string        `json:"lane"`
	Clients int           `json:"clients"`
	Opened  int           `json:"opened"`
	Closed  int           `json:"closed"`   // by the server with notice
	Cut     int           `json:"cut"`      // without notice
	Refused int           `json:"refused"`  // tries that opened none
	Left    int           `json:"left"`     // open when the load ended
	Apart   time.Duration `json:"apart_ns"` // the longest time that a client was without a connection
}

// Measured are the figures of all acts of a rehearsal.
type Measured struct {
	Boots   []time.Duration `json:"boots_ns"`   // from each process's begin to its first request, sorted
	Boot    time.Duration   `json:"boot_ns"`    // their 99th percentile
	Longest time.Duration   `json:"longest_ns"` // the longest request that was answered, from being sent
	Memory  int64           `json:"memory"`     // the most resident memory that a worker had, in bytes
	Reload  time.Duration   `json:"reload_ns"`  // from the reload to the last old worker's end; 0 if it was not seen
	Killed  int             `json:"killed"`     // workers that PM2 had to end with SIGKILL
}

// Verification is what a rehearsal shows of a finding.
type Verification string

// The verifications. Unseen is a finding that no act of a rehearsal could show.
const (
	Confirmed Verification = "confirmed"
	Refuted   Verification = "refuted"
	Unseen    Verification = "unseen"
)

// Check is a finding of validate and what was seen of it.
type Check struct {
	Rule    string       `json:"rule"`
	Key     string       `json:"key,omitempty"` // the setting that it is about
	Verdict Verification `json:"verdict"`
	Because string       `json:"because"`
}

// Proposal is a setting that should have another value, by what was measured.
type Proposal struct {
	Key   string `json:"key"`
	Was   string `json:"was"`   // as PM2 has it
	Value string `json:"value"` // as JavaScript
	Why   string `json:"why"`
}
