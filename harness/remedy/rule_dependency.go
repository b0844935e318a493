package remedy

import (
	"fmt"
	"net"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// dependencyOutage: most workers say that they cannot reach the same server, and
// neither can the engine. Most, because one worker that complains alone has a
// problem of its own; the engine's own attempt, because a worker may name a
// server that is well and refuse its password.
//
// Some clients name no server. Then it is one that the app was connected to while it was
// well, or tries to connect to, that the engine cannot reach.
func dependencyOutage(c casefile) (Finding, bool) {
	for _, address := range c.needed() {
		if f, ok := outage(c, address); ok {
			return f, true
		}
		if f, ok := untried(c, address); ok {
			return f, true
		}
	}
	dying := c.dyingOf(c.vague)
	if !c.most(len(dying)) {
		return Finding{}, false
	}
	if address := c.away(); address != "" {
		return c.nameless(address, dying), true
	}
	return Finding{}, false
}

// nameless is an outage of a server that the workers' errors do not name. A connection
// that they had is as good as the name; that the settings name it is not, since it may be
// a server that the app can do without: nobody is stopped for it.
func (c casefile) nameless(address string, dying []int) Finding {
	failed, _ := unanswered(c, address)
	connected := slices.ContainsFunc(c.now.Known, func(k Server) bool { return k.Address == address && k.By != BySetting })
	by := "the app's settings name it"
	if connected {
		by = "the app's processes were connected to it, or try to be"
	}
	f := outageFinding(c, address, dying, dying, c.finalWords(dying), reached{
		fmt.Sprintf("the engine cannot reach %s either: %s; %s", address, failed.Error, by),
		"the error names no server, and a connection to one of the app's servers fails from outside the app too", 0.85,
	})
	if !connected {
		f.Dying, f.Passes, f.Confidence = nil, true, 0.6
	}
	return f
}

// away is the first of the app's servers that the engine cannot reach at this time, or "".
func (c casefile) away() string {
	for _, address := range c.candidates() {
		if _, now := unanswered(c, address); now {
			return address
		}
	}
	return ""
}

// vague reports whether an error text looks as if a server were away, and names none.
func (c casefile) vague(text string) bool {
	return nodeerr.LooksOutside(text) && !nodeerr.IsAboutFile(text) && !strings.Contains(text, "EADDRINUSE") && len(c.needs(text)) == 0
}

// finalWords are the last words of the worker among these that has died last.
func (c casefile) finalWords(ids []int) Event {
	var final Event
	for _, k := range c.crashes {
		if slices.Contains(ids, k.id) && k.at >= final.At {
			final = Event{At: k.at, Kind: KindError, ID: k.id, Text: k.text}
		}
	}
	for _, e := range c.errors {
		if final.At == 0 && e.Kind == KindLast && slices.Contains(ids, e.ID) {
			final = e
		}
	}
	return final
}

// candidates are the servers one of which may be away where the app does not say which:
// those of its connections. Its settings name much that it never uses; they count if
// nobody has seen a connection.
func (c casefile) candidates() []string {
	var connected, set []string
	for _, k := range c.now.Known {
		if k.By == BySetting {
			set = append(set, k.Address)
		} else {
			connected = append(connected, k.Address)
		}
	}
	if len(connected) == 0 {
		return set
	}
	return connected
}

// needed lists the servers that workers complained about, the most complained
// about first.
func (c casefile) needed() []string {
	count := map[string]int{}
	for _, e := range c.errors {
		for _, a := range c.needs(e.Text) {
			if !ownPort(a, c.port) {
				count[a]++
			}
		}
	}
	out := make([]string, 0, len(count))
	for a := range count {
		out = append(out, a)
	}
	sort.Slice(out, func(i, j int) bool {
		if count[out[i]] != count[out[j]] {
			return count[out[i]] > count[out[j]]
		}
		return out[i] < out[j]
	})
	return out
}

// ownPort reports whether an address is the app's own port on this host: a
// worker that cannot reach its own service has lost no dependency.
func ownPort(address string, port int) bool {
	host, p, err := net.SplitHostPort(address)
	if err != nil || p != strconv.Itoa(port) {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func outage(c casefile, address string) (Finding, bool) {
	names := func(s string) bool { return slices.Contains(c.needs(s), address) }
	said := c.complaints(c.ago(memory), names)
	var ids []int
	var final Event
	for _, w := range c.minded() {
		events := said[w.ID]
		if len(events) == 0 {
			continue
		}
		ids = append(ids, w.ID)
		if e := events[len(events)-1]; e.At > final.At {
			final = e
		}
	}
	dying := c.dyingOf(names)
	if !c.most(len(ids)) || (len(dying) == 0 && !c.serveOrRetry(said)) {
		return Finding{}, false
	}
	failed, now := unanswered(c, address)
	probes := c.probes(address, c.ago(fresh))
	back := len(probes) > 0 && probes[len(probes)-1].OK && allGaveUp(c, ids)
	switch {
	case now:
		return outageFinding(c, address, ids, dying, final, stillOut(address, *failed)), true
	case back && failed != nil:
		return outageFinding(c, address, ids, dying, final, outBefore(address, *failed)), true
	case back && final.Kind == KindLast:
		return outageFinding(c, address, ids, dying, final, outUnseen(address)), true
	}
	return Finding{}, false
}

// untried: most workers die at every start because they cannot reach a server that no
// socket and no setting of the app knows. Nobody tries to reach what stands in a log
// alone, and nothing is done on its word: people are told, and PM2 goes on.
func untried(c casefile, address string) (Finding, bool) {
	names := func(s string) bool { return slices.Contains(c.needs(s), address) }
	dying := c.dyingOf(names)
	deaths := 0
	for _, k := range c.crashes {
		if names(k.text) && !k.came {
			deaths++
		}
	}
	given := slices.ContainsFunc(c.errors, func(e Event) bool { return e.Kind == KindLast && names(e.Text) })
	_, known := c.now.known(address)
	if known || len(c.probes(address, c.ago(memory))) > 0 || !c.most(len(dying)) || (deaths < bootErrors && !given) {
		return Finding{}, false
	}
	f := outageFinding(c, address, dying, nil, c.finalWords(dying), reached{
		fmt.Sprintf("no socket and no setting of the app knows %s, so nobody has tried to reach it", address),
		"the error is about reaching a server, which may answer at the next start", 0.5,
	})
	f.Evidence[1].Text = fmt.Sprintf("%d of them die of it at every start", len(dying))
	f.Evidence[2].Source, f.Passes = "sockets", true
	f.Human = fmt.Sprintf("bring %s back, if it is the app's own server. PM2 goes on starting the workers; what it has given up the engine tries again now and then", address)
	return f, true
}

// serveOrRetry tells workers that live through an outage from those that were
// started in it and have given up on listening: somebody listens, or they try again.
func (c casefile) serveOrRetry(said map[int][]Event) bool {
	if looks := c.looks(c.ago(fresh)); len(looks) > 0 && len(looks[len(looks)-1].Port.Listeners) > 0 {
		return true
	}
	for _, words := range said {
		if retried(words) {
			return true
		}
	}
	return false
}

// unanswered reports whether the engine itself fails to reach an address: its
// last failed probe, and whether it fails at this time, for longer than an instant.
func unanswered(c casefile, address string) (failed *Probe, now bool) {
	probes := c.probes(address, c.ago(memory))
	first := time.Duration(-1)
	for _, p := range probes {
		if p.OK {
			first = -1
			continue
		}
		if first < 0 {
			first = p.at
		}
		failed = &p.Probe
		now = p.at-first >= twice
	}
	if len(probes) == 0 {
		return nil, false
	}
	if newest := probes[len(probes)-1]; newest.OK || c.now.At-newest.at > fresh {
		now = false
	}
	return failed, now
}

// allGaveUp reports whether PM2 has given all these workers up: then nobody
// brings them back although the server may answer again.
func allGaveUp(c casefile, ids []int) bool {
	for _, id := range ids {
		if w, ok := c.now.worker(id); !ok || !w.GaveUp {
			return false
		}
	}
	return true
}

// reached is what the engine's own attempts say of a server that workers complained of.
type reached struct {
	state      string  // what they found
	outside    string  // why it is no error of the code
	confidence float64 // 0..1
}

func stillOut(address string, failed Probe) reached {
	return reached{
		fmt.Sprintf("the engine cannot reach %s either: %s", address, failed.Error),
		fmt.Sprintf("the error names %s, and a connection to it fails from outside the app too", address), 0.95,
	}
}

func outBefore(address string, failed Probe) reached {
	return reached{
		fmt.Sprintf("%s did not answer (%s) and does again, and PM2 has given the workers up", address, failed.Error),
		fmt.Sprintf("the error names %s, and a connection to it failed from outside the app too", address), 0.95,
	}
}

// outUnseen is of an outage that was over before the engine began.
func outUnseen(address string) reached {
	return reached{
		fmt.Sprintf("%s answers, and PM2 had given the workers up before", address),
		fmt.Sprintf("the last that workers said is that they could not reach %s", address), 0.8,
	}
}

func outageFinding(c casefile, address string, ids, dying []int, final Event, r reached) Finding {
	human := fmt.Sprintf("bring %s back; the workers are started again as soon as it answers. Let the app wait for it and retry instead of exiting", address)
	if len(dying) == 0 {
		human = fmt.Sprintf("bring %s back; the workers live and need no restart", address)
	}
	return Finding{
		Cause: engine.DependencyOutage, Subject: address, IDs: ids, Dying: dying, Confidence: r.confidence,
		Evidence: []engine.Fact{
			{Source: final.source(), Text: fmt.Sprintf("%d of %d workers, last worker %d: %s", len(ids), len(c.minded()), final.ID, quote(final.Text))},
			{Source: final.source(), Text: fmt.Sprintf("%d of them died of it", len(dying))},
			{Source: "probe", Text: r.state},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.BootCrash, Fact: r.outside},
			{Cause: engine.PortForeign, Fact: fmt.Sprintf("%s is not the app's own port", address)},
		},
		Human: human,
	}
}
