package remedy

import (
	"regexp"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// hidden stands where a secret was.
const hidden = "[redacted]"

// secretName is what keys of secrets look like, within a longer name or not.
const secretName = `[\w.-]*(?:passw(?:or)?d|passwd|pwd|passphrase|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|credential|auth|session|cookie|signature)[\w.-]*`

// secrets are the places where logs and command lines carry secrets. Each
// pattern keeps what stands before the secret as its first group.
var secrets = []*regexp.Regexp{
	regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`),
	regexp.MustCompile(`(?i)(\b(?:bearer|basic|digest)\s+)[\w.~+/=:-]{6,}`),
	regexp.MustCompile(`(?i)(\b[a-z][a-z0-9+.-]*://)[^\s/@'"]+(?:@)`),
	regexp.MustCompile(`(?i)(["']` + secretName + `["']\s*[:=]\s*)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,}&]+)`),
	regexp.MustCompile(`(?i)(\b` + secretName + `\s*[=:]\s*)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;&'"}\])]+)`),
	regexp.MustCompile(`(?i)(--` + secretName + `\s+)\S+`),
	regexp.MustCompile(`()\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*`),
	regexp.MustCompile(`()\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`),
	regexp.MustCompile(`()\b(?:gh[pousr]_|xox[abprs]-|sk_live_|glpat-)[\w-]{10,}`),
}

// redact takes secrets out of a text that leaves the engine: passwords in URLs,
// values of keys that are named like a secret, tokens, private keys.
func redact(s string) string {
	s, _ = Redact(s)
	return s
}

// Redact takes what looks like a secret out of a text, and counts it.
func Redact(s string) (clean string, n int) {
	for i, p := range secrets {
		with := "${1}" + hidden
		if i == 2 {
			with += "@" // keep the URL readable
		}
		n += len(p.FindAllStringIndex(s, -1))
		s = p.ReplaceAllString(s, with)
	}
	return s, n
}

// redactLine takes secrets out of everything a line says in free text.
func redactLine(l engine.Line) engine.Line {
	l.Evidence, l.RuledOut = redactFacts(l.Evidence), redactRuled(l.RuledOut)
	l.Why, l.Error = redact(l.Why), redact(l.Error)
	return l
}

// redactAlert does the same for an alert.
func redactAlert(a engine.Alert) engine.Alert {
	a.Evidence, a.RuledOut = redactFacts(a.Evidence), redactRuled(a.RuledOut)
	a.Human, a.Next, a.Undo = redact(a.Human), redact(a.Next), redact(a.Undo)
	timeline := make([]engine.Moment, len(a.Timeline))
	for i, m := range a.Timeline {
		m.Text = redact(m.Text)
		timeline[i] = m
	}
	a.Timeline = timeline
	actions := make([]engine.Taken, len(a.Actions))
	for i, t := range a.Actions {
		t.Why = redact(t.Why)
		actions[i] = t
	}
	logs := make([]string, len(a.Logs))
	for i, l := range a.Logs {
		logs[i] = redact(l)
	}
	a.Actions, a.Logs = actions, logs
	return a
}

func redactFacts(facts []engine.Fact) []engine.Fact {
	out := make([]engine.Fact, len(facts))
	for i, f := range facts {
		f.Text = redact(f.Text)
		out[i] = f
	}
	return out
}

func redactRuled(ruled []engine.Ruled) []engine.Ruled {
	out := make([]engine.Ruled, len(ruled))
	for i, r := range ruled {
		r.Fact = redact(r.Fact)
		out[i] = r
	}
	return out
}
