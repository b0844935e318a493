package diagnose

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// How long PM2's daemon must not answer before people are told. Where it has said that it was
// told to end, somebody may be about to start it again; nothing else is done either way.
const (
	deadFor  = time.Second
	endedFor = 30 * time.Second
)

// diagnoseDaemonDead returns a diagnosis where the daemon that used to answer refuses connections and its process
// is gone. Where somebody ended it on purpose (pm2 kill says so on the bus first),
// people are told too, later: whoever did that may have been an app.
func diagnoseDaemonDead(c Facts) (Diagnosis, bool) {
	since, pid := c.Now.At, 0
	for i := len(c.history) - 1; i >= 0; i-- {
		o := c.history[i]
		if o.Daemon.Alive {
			pid = o.Daemon.PID
			break
		}
		since = o.At
	}
	wait := deadFor
	if c.wasKilled() {
		wait = endedFor
	}
	if pid == 0 || c.Now.Daemon.Alive || c.Now.At-since < wait {
		return Diagnosis{}, false
	}
	f := Diagnosis{
		Cause: engine.DaemonDead, Subject: "daemon", Confidence: 0.95,
		Evidence: []engine.Fact{
			{Source: "rpc", Text: fmt.Sprintf("the daemon (pid %d) has not answered for %s: %s", pid, (c.Now.At - since).Round(100*time.Millisecond), c.Now.Daemon.Error)},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.Undetermined, Fact: "a busy daemon accepts the connection and answers late; this one refuses it"},
		},
		Human: "start PM2 again and restore its processes (pm2 resurrect); look into pm2.log for why it ended",
	}
	if c.wasKilled() {
		f.Evidence = append(f.Evidence, engine.Fact{Source: "bus", Text: "PM2 has said that it was told to end (pm2 kill, or a signal)"})
		f.Human = "nothing if PM2 was ended on purpose; if not, start it again and restore its processes (pm2 resurrect), and find out who may call it"
	}
	c.addRemnants(&f)
	return f, true
}

// addRemnants says which processes of the app have outlived the daemon, and what to do about
// them before it is started again: no daemon knows them, and one that holds the port keeps it from
// the workers that are started beside it.
func (c Facts) addRemnants(f *Diagnosis) {
	left := c.Now.Daemon.Left
	if len(left) == 0 {
		return
	}
	var pids []string
	for _, r := range left {
		pids = append(pids, strconv.Itoa(r.PID))
		f.Evidence = append(f.Evidence, engine.Fact{Source: "proc", Text: fmt.Sprintf("worker %d's process (pid %d, %s) is left over: it runs on without the daemon", r.ID, r.PID, describeProcState(r.State))})
	}
	f.Human = fmt.Sprintf("end what is left over first (kill -KILL %s), for PM2 does not know it any more; then: %s", strings.Join(pids, " "), f.Human)
}

// describeProcState puts the state letter of a process into words.
func describeProcState(letter string) string {
	if letter == "T" {
		return "stopped by a signal"
	}
	return "state " + letter
}
