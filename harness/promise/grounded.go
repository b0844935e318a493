package promise

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Fact is one observation that an engine cites: in a diagnosis, or in an alert.
type Fact struct {
	At     time.Duration `json:"at"`
	Source string        `json:"source"`
	Text   string        `json:"text"`
}

// Facts returns what the engine cites, each text once, and which of it is grounded: it
// names its source and something that can be looked up (a process, a worker, the port, a
// state, PM2's word for a worker, a signal, an error code, an address, a line of code, how
// many workers have ended, words in quotes or after `worker N: `, or a whole line of a log), and all that it names
// is on record at that time. A fact that names
// nothing of the kind may be true: nobody but the engine can tell.
func Facts(r *evidence.Record) (cited, grounded []Fact) {
	g := newGround(r)
	for _, f := range listCitations(r) {
		if slices.ContainsFunc(cited, func(c Fact) bool { return c.Source == f.Source && c.Text == f.Text }) {
			continue
		}
		cited = append(cited, f)
		if g.holds(f) {
			grounded = append(grounded, f)
		}
	}
	return cited, grounded
}

// listCitations returns the facts of every diagnosis and of every alert that fires.
func listCitations(r *evidence.Record) []Fact {
	var out []Fact
	take := func(at time.Duration, raw json.RawMessage) {
		var body struct {
			Status   string            `json:"status"`
			Evidence []json.RawMessage `json:"evidence"`
		}
		if json.Unmarshal(raw, &body) != nil || body.Status == "resolved" {
			return
		}
		for _, item := range body.Evidence {
			var f Fact
			_ = json.Unmarshal(item, &f) // what is no fact cites nothing, and counts as one that does not
			f.At = at
			out = append(out, f)
		}
	}
	for _, c := range r.Claims {
		if c.Type == "detected" {
			take(c.At, c.Raw)
		}
	}
	for _, a := range r.Alerts {
		take(a.At, a.Body)
	}
	return out
}

// ground is what facts are looked up in.
type ground struct {
	r      *evidence.Record
	quoted *regexp.Regexp
	named  *regexp.Regexp
	spoken *regexp.Regexp // an address, or a line of code: somebody must have said it
	deaths *regexp.Regexp
}

func newGround(r *evidence.Record) ground {
	return ground{
		r:      r,
		quoted: regexp.MustCompile("\"([^\"]{8,})\"|'([^']{8,})'|`([^`]{8,})`|\\bworker \\d+: (.{8,})"),
		named: regexp.MustCompile(`\b((?i:pid|worker|port|state)) (\w+)|\b(SIG[A-Z0-9]+|E[A-Z0-9]{4,})\b|` +
			`\b((?i:online|errored|launching|stopping|stopped|waiting restart))\b`),
		spoken: regexp.MustCompile(`\b\d+(?:\.\d+){3}:\d+\b|/[^\s()]+:\d+:\d+\b`),
		deaths: regexp.MustCompile(`\b(\d+) (?:deaths?|exits?|crashes|of them died)\b`),
	}
}

// holds reports whether a fact names something, and all of it is on record.
func (g ground) holds(f Fact) bool {
	if f.Source == "" || f.Text == "" {
		return false
	}
	if g.hasText(f.Text, f.At) {
		return true // a line of a log, word for word
	}
	names := 0
	for _, m := range g.quoted.FindAllStringSubmatch(f.Text, -1) {
		names++
		if !g.hasText(m[1]+m[2]+m[3]+m[4], f.At) {
			return false
		}
	}
	rest := g.quoted.ReplaceAllString(f.Text, "")
	for _, words := range g.spoken.FindAllString(rest, -1) {
		names++
		if !g.hasText(words, f.At) {
			return false
		}
	}
	for _, m := range g.deaths.FindAllStringSubmatch(rest, -1) {
		names++
		if n, err := strconv.Atoi(m[1]); err != nil || g.countExits(f.At) < n {
			return false
		}
	}
	for _, m := range g.named.FindAllStringSubmatch(g.spoken.ReplaceAllString(rest, ""), -1) {
		if m[4] != "" && f.Source != "rpc" {
			continue // elsewhere it is a word like others
		}
		names++
		if !g.isOnRecord(strings.ToLower(m[1]), m[2], m[3]+m[4], f.At) {
			return false
		}
	}
	return names > 0
}

// shortest is the fewest characters of words that are looked up: fewer are everywhere.
const shortest = 8

// hasText reports whether PM2's bus had carried the text by then.
func (g ground) hasText(text string, by time.Duration) bool {
	text = strings.TrimSuffix(strings.TrimSpace(text), "…")
	return len(text) >= shortest && slices.ContainsFunc(g.r.Events, func(e evidence.Event) bool {
		return e.At <= by+near && strings.Contains(e.Text, text)
	})
}

// countExits returns how many of the app's processes had ended by then.
func (g ground) countExits(by time.Duration) int {
	n := 0
	for _, x := range g.r.Exits {
		if x.At <= by+near {
			n++
		}
	}
	return n
}

// isOnRecord looks one name up: kind is pid, worker, port or state, with its value; or
// else word is a signal, an error code, or PM2's word for a worker.
func (g ground) isOnRecord(kind, value, word string, by time.Duration) bool {
	n, err := strconv.Atoi(value)
	switch {
	case kind == "port":
		return err == nil && n == g.r.Header.Port
	case kind == "pid" || kind == "worker":
		return err != nil || g.hasSnapshot(by, func(s evidence.Snapshot) bool { return hasNumber(s, kind, n) }) ||
			kind == "pid" && g.hasText(fmt.Sprintf("pid [%d]", n), by) // as PM2's log has it, of one too short-lived for a look
	case kind == "state":
		return len(value) != 1 || g.hasWorker(by, func(w evidence.Worker) bool { return w.State == value })
	case strings.ToUpper(word) == word:
		return slices.ContainsFunc(g.r.Events, func(e evidence.Event) bool { return e.At <= by+near && strings.Contains(e.Text, word) }) ||
			slices.ContainsFunc(g.r.Exits, func(x evidence.Exit) bool { return x.At <= by+near && x.Signal == word })
	}
	return g.hasWorker(by, func(w evidence.Worker) bool { return w.Status == strings.ToLower(word) })
}

// hasSnapshot reports whether so holds for any snapshot until then, or for the one that
// follows.
func (g ground) hasSnapshot(by time.Duration, so func(evidence.Snapshot) bool) bool {
	return slices.ContainsFunc(g.r.Snapshots, func(s evidence.Snapshot) bool { return s.At <= by+settle && so(s) })
}

func (g ground) hasWorker(by time.Duration, so func(evidence.Worker) bool) bool {
	return g.hasSnapshot(by, func(s evidence.Snapshot) bool { return slices.ContainsFunc(s.Workers, so) })
}

// hasNumber reports whether a snapshot has a process or a worker of that number.
func hasNumber(s evidence.Snapshot, kind string, n int) bool {
	is := func(w evidence.Worker) bool {
		return (kind == "worker" && w.ID == n) || (kind == "pid" && (w.PID == n || slices.Contains(w.Under, n)))
	}
	if slices.ContainsFunc(s.Workers, is) || (kind == "pid" && slices.ContainsFunc(s.Others, is)) {
		return true
	}
	return kind == "pid" && (s.Daemon == n || slices.Contains(s.Children, n) ||
		slices.ContainsFunc(s.Listeners, func(l evidence.Listener) bool { return l.PID == n }))
}
