package diagnose

import (
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// diagnosePortSibling returns a diagnosis where workers cannot bind, and one of them holds the port by itself.
// In a cluster the daemon binds for all (node:cluster hands the socket over);
// a worker that listens with exclusive: true, or in fork mode, binds alone and
// shuts the others out.
func diagnosePortSibling(c Facts) (Diagnosis, bool) {
	ids, texts := listPortErrors(c, c.subtractFromNow(memory))
	looks := c.listLooks(c.subtractFromNow(fresh))
	if len(ids) == 0 || len(looks) == 0 {
		return Diagnosis{}, false
	}
	owner, ok := c.findPortOwner(looks[len(looks)-1])
	if !ok {
		return Diagnosis{}, false
	}
	since := c.Now.At
	for _, o := range slices.Backward(looks) {
		if w, ok := c.findPortOwner(o); !ok || w.PID != owner.PID {
			break
		}
		since = o.At
	}
	others := slices.DeleteFunc(c.listShutOut(), func(id int) bool { return id == owner.ID })
	if c.Now.At-since < twice || len(others) == 0 {
		return Diagnosis{}, false
	}
	final := texts[len(texts)-1]
	mode, mend := explainAlone(owner)
	return Diagnosis{
		Cause: engine.PortSibling, Subject: fmt.Sprintf("port %d", c.port), IDs: others, Dying: others, Confidence: 0.95,
		Evidence: []engine.Fact{
			{Source: "bus", Text: fmt.Sprintf("worker %d: %s", final.ID, c.words.FindHeadline(final.Text))},
			{Source: "sockets", Text: fmt.Sprintf("port %d is bound by worker %d itself (pid %d), not by PM2's daemon (pid %d)", c.port, owner.ID, owner.PID, c.Now.Daemon.PID)},
			{Source: "rpc", Text: mode},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.PortForeign, Fact: fmt.Sprintf("pid %d is a worker of this app", owner.PID)},
			{Cause: engine.PortSelf, Fact: fmt.Sprintf("worker %d lives and serves on the port", owner.ID)},
		},
		Human: fmt.Sprintf("each worker binds port %d for itself: %s; worker %d goes on serving, the others are stopped", c.port, mend, owner.ID),
	}, true
}

// explainAlone says how PM2 runs a worker that binds its port itself, and what to change.
// Only in cluster mode does it listen through PM2's daemon; and a restart or a
// reload takes everything from the file but exec_mode (Common.js deletes it in
// mergeEnvironmentVariables).
func explainAlone(w observe.Worker) (mode, mend string) {
	if w.Mode == "fork" {
		return fmt.Sprintf("PM2 runs worker %d in fork mode, where nobody shares a port", w.ID),
			"set exec_mode: 'cluster' in the ecosystem file, then pm2 delete the app and start it anew, since neither restart nor reload changes the mode"
	}
	return fmt.Sprintf("PM2 runs worker %d in cluster mode, so it was the app's own choice", w.ID),
		"take exclusive: true out of listen"
}
