package remedy

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// portErrors returns what the workers said about a taken port since t: the
// texts are the same whoever holds it (the daemon's bind fails and the worker
// is told "bind EADDRINUSE null:PORT").
func portErrors(c casefile, t time.Duration) (ids []int, texts []Event) {
	for _, e := range c.errors {
		if e.At < t || !nodeerr.SaysPortInUse(e.Text, c.port) {
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

// shutOut lists the workers that died of a taken port before they came up, or that were
// given up with such words. One death is enough where the kernel says who has the port.
func (c casefile) shutOut() []int {
	var out []int
	taken := func(text string) bool { return nodeerr.SaysPortInUse(text, c.port) }
	for _, w := range c.minded() {
		crashes := c.crashesOf(w.ID, c.ago(memory))
		switch n := len(crashes); {
		case n > 0 && !crashes[n-1].came && taken(crashes[n-1].text),
			n == 0 && w.GaveUp && len(c.complaintsOf(w.ID, taken)) > 0:
			out = append(out, w.ID)
		}
	}
	return out
}

// portForeign: workers cannot bind, and the kernel says that a process outside
// PM2's tree listens where the app does, twice with the same answer.
func portForeign(c casefile) (Finding, bool) {
	ids, texts := portErrors(c, c.ago(memory))
	looks := c.looks(c.ago(fresh))
	if len(ids) == 0 || len(looks) == 0 {
		return Finding{}, false
	}
	owner, held := looks[len(looks)-1].foreign()
	if !held {
		return Finding{}, false
	}
	since := c.now.At
	for _, o := range slices.Backward(looks) {
		if l, ok := o.foreign(); !ok || l.PID != owner.PID {
			break
		}
		since = o.At
	}
	if c.now.At-since < twice {
		return Finding{}, false
	}
	return Finding{
		Cause: engine.PortForeign, Subject: fmt.Sprintf("port %d", c.port), IDs: ids, Dying: c.shutOut(), Confidence: 0.98,
		Evidence: []engine.Fact{
			{Source: texts[len(texts)-1].source(), Text: fmt.Sprintf("worker %d: %s", texts[len(texts)-1].ID, quote(texts[len(texts)-1].Text))},
			{Source: "sockets", Text: fmt.Sprintf("port %d is held by %s, which is neither PM2's daemon (pid %d) nor a child of it", c.port, describe(owner), c.now.Daemon.PID)},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.PortSelf, Fact: fmt.Sprintf("the listener on port %d is not PM2's own", c.port)},
			{Cause: engine.BootCrash, Fact: "the error is about the port, and the port is taken"},
		},
		Human: fmt.Sprintf("end %s, or give the app another port; the workers are started again as soon as port %d is free", describe(owner), c.port),
	}, true
}

// Limits of portSelf: how often, and for how long, the same complaint must come
// before it is believed that nobody outside was involved.
const (
	selfErrors = 3
	selfSpan   = 2 * time.Second
)

// portSelf: workers say again and again that the port is taken, and at no look
// in all that time did anybody but PM2 listen on it. So the app itself binds
// the port a second time.
//
// It counts from when no worker is spared: until then the daemon may hold the
// port for workers of the old release, which is what shuts the new ones out.
func portSelf(c casefile) (Finding, bool) {
	since, all := c.allSuffer()
	if !all {
		return Finding{}, false
	}
	ids, texts := portErrors(c, since)
	if len(texts) < selfErrors || len(c.shutOut()) == 0 {
		return Finding{}, false
	}
	first, final := texts[0], texts[len(texts)-1]
	looks := c.looks(first.At)
	if len(looks) < selfErrors || looks[len(looks)-1].At-looks[0].At < selfSpan || c.ago(fresh) > looks[len(looks)-1].At {
		return Finding{}, false
	}
	owner := "nobody"
	for _, o := range looks {
		if o.Port.stranger() {
			return Finding{}, false
		}
		if len(o.Port.Listeners) > 0 {
			owner = describe(o.Port.Listeners[0])
		}
	}
	return Finding{
		Cause: engine.PortSelf, Subject: fmt.Sprintf("port %d", c.port), IDs: ids, Dying: c.suffering(c.ago(memory)), Confidence: 0.9,
		Evidence: []engine.Fact{
			{Source: "bus", Text: fmt.Sprintf("%d times in %s, last worker %d: %s", len(texts), (final.At - first.At).Round(time.Second), final.ID, quote(final.Text))},
			{Source: "sockets", Text: fmt.Sprintf("in %d looks only PM2 listened on port %d (%s)", len(looks), c.port, owner)},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.PortForeign, Fact: fmt.Sprintf("no process outside PM2's tree listened on port %d in any of %d looks", c.port, len(looks))},
			{Cause: engine.DependencyOutage, Fact: "the error is about listening, not about reaching another server"},
		},
		Human: fmt.Sprintf("the app listens on port %d twice: find the second listen (server.listen, app.listen) and remove it; restarting cannot help", c.port),
	}, true
}

// describe names a listener for people.
func describe(l Listener) string {
	switch {
	case l.PID == 0:
		return "a process of another user"
	case l.Command == "":
		return fmt.Sprintf("pid %d", l.PID)
	}
	return fmt.Sprintf("pid %d (%s)", l.PID, nodeerr.Clip(l.Command, 120))
}
