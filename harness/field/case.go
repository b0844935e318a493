package field

import "time"

// Case is one problem of a stranger: an app under PM2, a schedule of faults, and what must
// be true of the service, of the alerts and of the engine's words. In texts, {port} is the
// app's port, {db} that of the server that it needs, {alt} one more, and {dir} its folder.
type Case struct {
	Name  string // kind/variant
	Story string // one sentence
	App   string // folder below fixtures/node-apps/field
	PM2   string // properties of the app in its ecosystem file, as JavaScript
	// More are further apps of the same file, each as PM2 is.
	More []string
	// Servers are scripts of the folder that run beside the app from the beginning.
	Servers []string
	// Files are created in the app's folder before it is started.
	Files []string
	// OwnNode runs everything on a copy of Node's binary, so that it can be taken away.
	OwnNode bool

	// Busy cases compute for long; no other case runs beside one.
	Busy bool
	// Certificate writes cert.pem and key.pem into the folder, signed by nobody.
	Certificate bool

	// Silent apps serve no network: nothing is asked of them, and only PM2's list is seen.
	Silent bool
	Probe  string // URL that the test itself asks; "" is http://127.0.0.1:{port}/
	Socket string // path of the Unix socket where it listens; "" is the port of Probe
	Engine Engine

	// NeverUp: the app cannot be waited for, it does not serve when it is started.
	NeverUp bool
	Steps   []Step
	Lanes   []Lane        // requests beside the probe
	Watch   time.Duration // how long after the schedule began

	// Fault is when the fault begins; 0 unless the schedule says otherwise.
	Fault time.Duration
	Told  Told
	// Quiet: nothing is wrong, so that no alert may fire.
	Quiet bool
	// Says are regular expressions; each must be found in what the engine prints or sends.
	Says []string
	// Never are regular expressions; none may be found there.
	Never []string
	// NeverDoes are actions that the engine may not begin.
	NeverDoes []string
	// Refused: the engine must end with exit code 64 within Told.Within, and its
	// complaint must match Told.Naming.
	Refused bool
	// Serves is until when the app must serve again, after the schedule began; 0 asks for
	// no more than PM2 alone.
	Serves time.Duration
	// Slack is by how much served time may be less than that of PM2 alone; 0 is two seconds.
	Slack time.Duration
	// Share is by how much the share of answered requests may be less; 0 is 0.03.
	Share float64
	// Holds are further rules about what was recorded.
	Holds []Rule
}

// Engine says how the engine is started.
type Engine struct {
	App    string   // --app, also as NAME=URL; "" is the name in PM2
	URL    string   // --url; "" is the URL of the probe
	NoURL  bool     // the app has none
	Args   []string // further flags
	Absent bool     // it is started by a step
}

// Told says by when people must have been told, and of what.
type Told struct {
	Within time.Duration // after the fault; 0 asks for no alert
	Naming string        // a regular expression that the alert must match
}

// Lane sends GET requests at a steady rate.
type Lane struct {
	Path        string
	Every       time.Duration
	From, Until time.Duration // Until 0 is to the end
	// Harmful requests are a part of the fault: an answer to them is not asked for.
	Harmful bool
	// Open requests are held open to the end, as event streams are; Upgrade asks for a
	// WebSocket, HTTP2 for HTTP/2.
	Open           int
	Upgrade, HTTP2 bool
}

// Rule is one more rule about a case.
type Rule struct {
	Name string
	// Broken returns what broke the rule, or "".
	Broken func(alone, with *Record) string
}
