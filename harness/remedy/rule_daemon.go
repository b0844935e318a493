package remedy

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// deadFor is how long PM2's daemon must not answer before it is called dead.
const deadFor = time.Second

// daemonDead: the daemon that used to answer refuses connections and its process
// is gone, and nobody ended it on purpose (pm2 kill says so on the bus first).
func daemonDead(c casefile) (Finding, bool) {
	since, pid := c.now.At, 0
	for i := len(c.history) - 1; i >= 0; i-- {
		o := c.history[i]
		if o.Daemon.Alive {
			pid = o.Daemon.PID
			break
		}
		since = o.At
	}
	if pid == 0 || c.now.Daemon.Alive || c.now.At-since < deadFor || c.killed() {
		return Finding{}, false
	}
	return Finding{
		Cause: engine.DaemonDead, Subject: "daemon", Confidence: 0.95,
		Evidence: []engine.Fact{
			{Source: "rpc", Text: fmt.Sprintf("the daemon (pid %d) has not answered for %s: %s", pid, (c.now.At - since).Round(100*time.Millisecond), c.now.Daemon.Error)},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.Undetermined, Fact: "a busy daemon accepts the connection and answers late; this one refuses it"},
		},
		Human: "start PM2 again and restore its processes (pm2 resurrect); look into pm2.log for why it ended",
	}, true
}

// killed reports whether somebody ended the daemon on purpose.
func (c casefile) killed() bool {
	for _, o := range c.history {
		for _, e := range o.Events {
			if e.Kind == KindKilled {
				return true
			}
		}
	}
	return false
}
