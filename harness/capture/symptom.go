package capture

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Symptom is what an incident looks like at the end of a capture, in words that hold
// for two hosts: no pids, no times.
type Symptom struct {
	Cause   engine.Cause // the first that the rules have found; "" for none
	About   string       // what the cause is about, as the rules say it
	Workers int          // in PM2's list; 0 where the daemon was not seen, and nothing is known below
	Dying   int          // crashed within the last minute, or given up
	GaveUp  int          // of Dying
	Silent  int          // live, and do not turn
	Serving int
	Unasked bool   // without a health URL: Serving are those that live
	Holds   string // who listens on the app's port; "" if it is not known
	Asked   int    // workers whose answers to the health URL are known
	Failing int    // of Asked: all their answers are failures of the server, or missing
}

// Symptom reads an archive's symptom off what its review has come to.
func (b Bundle) Symptom(r remedy.Reviewed) Symptom {
	s := Symptom{Workers: len(r.Last.Workers), Dying: len(r.Dying), Silent: len(r.Silent), Serving: len(r.Serving), Unasked: b.Manifest.URL == "", Holds: b.describeHolder(r.Last)}
	if len(r.Found) > 0 {
		s.Cause, s.About = r.Found[0].Cause, r.Found[0].Subject
	}
	s.countHealth(b.Manifest.Health, r.Serving)
	for _, w := range r.Last.Workers {
		if w.GaveUp {
			s.GaveUp++
		}
	}
	return s
}

// countHealth counts the workers by what they answer: one that is at work by its heartbeats
// and answers with failures only does not serve.
func (s *Symptom) countHealth(all []Health, serving []int) {
	for _, h := range all {
		if h.Worker == Unnamed {
			continue
		}
		s.Asked++
		if !h.Fails() {
			continue
		}
		s.Failing++
		if slices.Contains(serving, h.Worker) {
			s.Serving--
		}
	}
}

// describeHolder says who listens on the app's port.
func (b Bundle) describeHolder(last observe.Observation) string {
	var sockets []host.Socket
	if text, ok := b.Files[fileSockets]; !ok || last.Daemon.PID == 0 || json.Unmarshal(text, &sockets) != nil {
		return ""
	}
	who := map[string]bool{}
	for _, s := range sockets {
		switch {
		case s.PID == last.Daemon.PID:
			who["PM2"] = true
		case slices.ContainsFunc(last.Workers, func(w observe.Worker) bool { return w.PID == s.PID }):
			who["a worker of its own"] = true
		default:
			who["a process that PM2 does not own"] = true
		}
	}
	var words []string
	for _, w := range []string{"PM2", "a worker of its own", "a process that PM2 does not own"} {
		if who[w] {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return "nobody"
	}
	return strings.Join(words, " and ")
}

// String tells the symptom in a sentence.
func (s Symptom) String() string {
	words := []string{"nothing that the rules know"}
	if s.Cause != "" {
		words[0] = strings.TrimSpace(string(s.Cause) + " of " + s.About)
	}
	if s.Workers > 0 {
		if s.Dying > 0 {
			words = append(words, fmt.Sprintf("%d of %d %s %s", s.Dying, s.Workers, agree(s.Workers, "worker", "workers"), agree(s.Dying, "dies", "die")))
		}
		if s.GaveUp > 0 {
			words = append(words, fmt.Sprintf("PM2 has given up on %d", s.GaveUp))
		}
		if s.Silent > 0 {
			words = append(words, fmt.Sprintf("%d of %d %s silent", s.Silent, s.Workers, agree(s.Silent, "is", "are")))
		}
		if s.Failing > 0 {
			words = append(words, fmt.Sprintf("%d of %d %s the health URL with failures only, or not", s.Failing, s.Workers, agree(s.Failing, "answers", "answer")))
		}
		does := agree(s.Serving, "serves", "serve")
		if s.Unasked {
			does = agree(s.Serving, "lives", "live")
		}
		words = append(words, fmt.Sprintf("%d of %d %s", s.Serving, s.Workers, does))
	}
	if s.Holds != "" {
		verb := " listens"
		if strings.Contains(s.Holds, " and ") {
			verb = " listen"
		}
		words = append(words, s.Holds+verb)
	}
	return strings.Join(words, ", ")
}

// agree returns the form of a word that goes with the number.
func agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// describeHands says who holds the port. Where workers die in a loop and nobody serves,
// PM2 listens whenever one of them has got that far, and a look falls before or after it.
func (s Symptom) describeHands() string {
	if s.Holds == "PM2" && s.Serving == 0 && s.Dying > 0 {
		return "nobody"
	}
	return s.Holds
}

// Alike is whether two captures show the same.
type Alike string

// The answers.
const (
	Same    Alike = "yes"
	Another Alike = "no"
	Unclear Alike = "not known"
)

// Compare says whether what is seen here is what was seen there, and why. It is the
// same if the first cause is, if in both or in neither somebody dies, is silent,
// answers with failures and serves, and if the port is in the same hands. How many do is the size of the cluster
// and a matter of when one looks: that is told, and decides nothing.
func Compare(there, here Symptom) (Alike, string) {
	both := fmt.Sprintf("the capture shows %s; this shows %s", there, here)
	switch {
	case there.Workers == 0:
		return Unclear, "the capture does not show what became of the workers: " + there.String()
	case here.Workers == 0:
		return Unclear, "PM2 has not been seen here"
	case there.Cause == "":
		return Unclear, "no cause was seen on the host: " + both
	}
	var unlike []string
	for _, x := range []struct {
		unlike bool
		what   string
	}{
		{there.Cause != here.Cause, "the cause"},
		{(there.Dying > 0) != (here.Dying > 0), "whether workers die"},
		{(there.Silent > 0) != (here.Silent > 0), "whether workers are silent"},
		{(there.Serving > 0) != (here.Serving > 0), "whether anybody serves"},
		{there.Asked > 0 && here.Asked > 0 && (there.Failing > 0) != (here.Failing > 0), "whether workers answer the health URL with failures"},
		{there.Holds != "" && here.Holds != "" && there.describeHands() != here.describeHands(), "who listens"},
	} {
		if x.unlike {
			unlike = append(unlike, x.what)
		}
	}
	switch {
	case len(unlike) > 0:
		return Another, "they differ in " + strings.Join(unlike, " and in ") + ": " + both
	case there.String() == here.String():
		return Same, "both show " + there.String()
	}
	return Same, both
}
