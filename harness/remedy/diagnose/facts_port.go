package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// listLooks returns the observations since t in which somebody looked at the port.
func (c Facts) listLooks(t time.Duration) []observe.Observation { return c.looks.selectSince(t) }

// timedProbe is one probe with its time.
type timedProbe struct {
	at time.Duration
	observe.Probe
}

// listProbes returns the probes of an address since t, oldest first.
func (c Facts) listProbes(address string, t time.Duration) []timedProbe {
	if p := c.probes[address]; p != nil {
		return p.selectSince(t)
	}
	return nil
}

// findAway returns the first of the app's servers that the engine cannot reach at this time, or "".
func (c Facts) findAway() string {
	if away := c.listAway(); len(away) > 0 {
		return away[0]
	}
	return ""
}

// listAway lists the app's servers that the engine cannot reach at this time, MaxServers at most.
func (c Facts) listAway() (away []string) {
	for _, address := range c.listCandidates() {
		if _, now := findUnanswered(c, address); now && len(away) < MaxServers {
			away = append(away, address)
		}
	}
	return away
}

// listCandidates lists the servers one of which may be away where the app does not say which:
// those of its connections. Its settings name much that it never uses; they count if
// nobody has seen a connection.
func (c Facts) listCandidates() []string {
	var connected, set []string
	for _, k := range c.Now.Known {
		if k.By == observe.BySetting {
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

// findUnanswered reports whether the engine itself fails to reach an address: its
// last failed probe, and whether it fails at this time, for longer than an instant.
func findUnanswered(c Facts, address string) (failed *observe.Probe, now bool) {
	probes := c.listProbes(address, c.subtractFromNow(memory))
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
	if newest := probes[len(probes)-1]; newest.OK || c.Now.At-newest.at > fresh {
		now = false
	}
	return failed, now
}

// listPortErrors returns what the workers said about a taken port since t: the
// texts are the same whoever holds it (the daemon's bind fails and the worker
// is told "bind EADDRINUSE null:PORT").
func listPortErrors(c Facts, t time.Duration) (ids []int, texts []observe.Event) {
	for _, e := range c.errors {
		if e.At < t || !c.words.SaysPortInUse(e.Text, c.port) {
			continue
		}
		texts = append(texts, e)
		if !slices.Contains(ids, e.ID) {
			ids = append(ids, e.ID)
		}
	}
	slices.Sort(ids)
	return ids, texts
}

// listShutOut lists the workers that died of a taken port before they came up, or that were
// given up with such words. One death is enough where the kernel says who has the port.
func (c Facts) listShutOut() []int {
	var out []int
	taken := func(text string) bool { return c.words.SaysPortInUse(text, c.port) }
	for _, w := range c.ListDesired() {
		crashes := c.listCrashes(w.ID, c.subtractFromNow(memory))
		switch n := len(crashes); {
		case n > 0 && !crashes[n-1].came && taken(crashes[n-1].text),
			n == 0 && w.GaveUp && len(c.listComplaintsOf(w.ID, taken)) > 0:
			out = append(out, w.ID)
		}
	}
	return out
}

// describeListener names a listener for people.
func describeListener(l observe.Listener) string {
	switch {
	case l.PID == 0:
		return "a process of another user"
	case l.Command == "":
		return fmt.Sprintf("pid %d", l.PID)
	}
	return fmt.Sprintf("pid %d (%s)", l.PID, nodeerr.Clip(l.Command, 120))
}

// findNotListeningSince returns when the port was first seen without any listener, -1
// when somebody listens or nobody has looked lately.
func (c Facts) findNotListeningSince() time.Duration {
	since := time.Duration(-1)
	looks := c.listLooks(c.subtractFromNow(memory))
	if len(looks) == 0 || c.Now.At-looks[len(looks)-1].At > fresh {
		return since
	}
	for _, o := range slices.Backward(looks) {
		if len(o.Port.Listeners) > 0 {
			break
		}
		since = o.At
	}
	return since
}

// findPortOwner returns the live worker that itself listened on the port at a look.
func (c Facts) findPortOwner(o observe.Observation) (observe.Worker, bool) {
	for _, l := range o.Port.Listeners {
		for _, w := range c.Now.Workers {
			if l.PID != 0 && w.Alive && w.PID == l.PID {
				return w, true
			}
		}
	}
	return observe.Worker{}, false
}
