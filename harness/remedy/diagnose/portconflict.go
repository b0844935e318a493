package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// diagnosePortForeign returns a diagnosis where workers cannot bind, and the kernel says that a process outside
// PM2's tree listens where the app does, twice with the same answer.
func diagnosePortForeign(c Facts) (Diagnosis, bool) {
	ids, texts := listPortErrors(c, c.subtractFromNow(memory))
	looks := c.listLooks(c.subtractFromNow(fresh))
	if len(ids) == 0 || len(looks) == 0 {
		return Diagnosis{}, false
	}
	owner, held := looks[len(looks)-1].FindForeign()
	if !held {
		return Diagnosis{}, false
	}
	since := c.Now.At
	for _, o := range slices.Backward(looks) {
		if l, ok := o.FindForeign(); !ok || l.PID != owner.PID {
			break
		}
		since = o.At
	}
	if c.Now.At-since < twice {
		return Diagnosis{}, false
	}
	return Diagnosis{
		Cause: engine.PortForeign, Subject: fmt.Sprintf("port %d", c.port), IDs: ids, Dying: c.listShutOut(), Confidence: 0.98,
		Evidence: []engine.Fact{
			{Source: texts[len(texts)-1].Source(), Text: fmt.Sprintf("worker %d: %s", texts[len(texts)-1].ID, c.words.FindHeadline(texts[len(texts)-1].Text))},
			{Source: "sockets", Text: fmt.Sprintf("port %d is held by %s, which is neither PM2's daemon (pid %d) nor a child of it", c.port, describeListener(owner), c.Now.Daemon.PID)},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.PortSelf, Fact: fmt.Sprintf("the listener on port %d is not PM2's own", c.port)},
			{Cause: engine.BootCrash, Fact: "the error is about the port, and the port is taken"},
		},
		Human: fmt.Sprintf("end %s, or give the app another port; the workers are started again as soon as port %d is free", describeListener(owner), c.port),
	}, true
}

// Limits of portSelf: how often, and for how long, the same complaint must come
// before it is believed that nobody outside was involved.
const (
	selfErrors = 3
	selfSpan   = 2 * time.Second
)

// diagnosePortSelf returns a diagnosis where workers say again and again that the port is taken, and at no look
// in all that time did anybody but PM2 listen on it, and each has died of it at its start. So
// the app itself binds the port a second time. Who has served and then dies has a reason of
// its own, whatever a client had it log.
//
// It counts from when no worker is spared: until then the daemon may hold the
// port for workers of the old release, which is what shuts the new ones out.
func diagnosePortSelf(c Facts) (Diagnosis, bool) {
	since, all := c.areAllFailing()
	if !all {
		return Diagnosis{}, false
	}
	ids, texts := listPortErrors(c, since)
	if len(texts) < selfErrors || len(c.listShutOut()) < len(c.ListDesired()) {
		return Diagnosis{}, false
	}
	first, final := texts[0], texts[len(texts)-1]
	looks := c.listLooks(first.At)
	if len(looks) < selfErrors || looks[len(looks)-1].At-looks[0].At < selfSpan || c.subtractFromNow(fresh) > looks[len(looks)-1].At {
		return Diagnosis{}, false
	}
	owner := "nobody"
	for _, o := range looks {
		if o.Port.HasStranger() {
			return Diagnosis{}, false
		}
		if len(o.Port.Listeners) > 0 {
			owner = describeListener(o.Port.Listeners[0])
		}
	}
	return Diagnosis{
		Cause: engine.PortSelf, Subject: fmt.Sprintf("port %d", c.port), IDs: ids, Dying: c.ListFailing(), Confidence: 0.9,
		Evidence: []engine.Fact{
			{Source: "bus", Text: fmt.Sprintf("%s in %s, last worker %d: %s", formatCount(len(texts), "time"), (final.At - first.At).Round(time.Second), final.ID, c.words.FindHeadline(final.Text))},
			{Source: "sockets", Text: fmt.Sprintf("in %s only PM2 listened on port %d (%s)", formatCount(len(looks), "look"), c.port, owner)},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.PortForeign, Fact: fmt.Sprintf("no process outside PM2's tree listened on port %d in any of %s", c.port, formatCount(len(looks), "look"))},
			{Cause: engine.DependencyOutage, Fact: "the error is about listening, not about reaching another server"},
		},
		Human: fmt.Sprintf("the app listens on port %d twice: find the second listen (server.listen, app.listen) and remove it; restarting cannot help", c.port),
	}, true
}
