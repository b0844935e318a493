package remedy

import (
	"io"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// say prints a line and writes it into the audit.
func (r *runner) say(l engine.Line) { r.sayWith(l, detail{}) }

// sayWith does the same, with what the audit has besides.
func (r *runner) sayWith(l engine.Line, more detail) {
	l.At = host.Now()
	if r.named {
		l.App = r.app.Name
	}
	l, err := redactLine(r.veil, l)
	if err != nil { // of a text that is no secret for sure, none is said
		l = engine.Line{Type: engine.TypeWithheld, At: l.At, Action: "redact", Why: "a line could not be said without its secrets"}
		more = detail{Key: more.Key}
	}
	more.Human, more.Command = r.veil.Clean(more.Human), r.veil.Clean(more.Command)
	if r.cfg.Board != nil {
		r.cfg.Board.NoteLine(r.app.Name, l)
	}
	r.out.Lock()
	defer r.out.Unlock()
	r.notes.printLine(r.cfg.Stdout, audited{Namespace: r.app.Namespace, App: r.app.Name, detail: more, Line: l})
}

// printLine prints a line, unless it is an event, and writes it into the audit. The
// caller holds the lock of stdout.
func (n *notes) printLine(stdout io.Writer, a audited) {
	var err error
	if a.Type != typeEvent {
		err = engine.EncodeLine(stdout, a.Line) // nobody may be listening any more; the audit still is
	}
	auditErr := n.audit(a)
	if auditErr != nil && err == nil && !n.silent { // once, until it can be written again
		_ = engine.EncodeLine(stdout, engine.Line{Type: engine.TypeWithheld, At: a.At, Action: "audit", Error: auditErr.Error()})
	}
	n.silent = auditErr != nil
}

// countStates counts the workers of an observation by the state that the engine has them in.
func countStates(o observe.Observation, stall time.Duration) map[string]int {
	states := map[string]int{}
	for _, w := range o.Workers {
		states[o.DeriveState(w, stall)]++
	}
	return states
}
