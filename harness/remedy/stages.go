package remedy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// hold stops the workers that crash in a loop, so that PM2 does not burn CPU on
// starting what must die (nor gives them up), and waits for what they need.
func (d *decider) hold(in *Incident) {
	if d.released(in) {
		d.start(in)
		return
	}
	if d.seen(in) && len(in.Finding.Dying) == 0 && len(d.downed(in)) == 0 && !d.s.busy(in) {
		d.withhold(in, engine.ActionRestart, in.IDs[0], "the workers live: a restart cannot bring "+in.Finding.Subject+" back")
		return
	}
	d.halt(in, "it dies at every start while "+in.Finding.Subject+" is not there for it")
	d.unghost(in)
}

// halt stops the workers that are dying as of now.
func (d *decider) halt(in *Incident, why string) {
	for _, id := range in.Finding.Dying {
		w, ok := d.o.worker(id)
		if !ok || d.down(w) || d.s.Busy[id] != "" || !d.seen(in) {
			continue
		}
		d.act(in, engine.ActionStop, id, 0, why)
	}
}

// down reports whether PM2 leaves a worker alone: stopped, or given up.
func (d *decider) down(w Worker) bool {
	return w.GaveUp || (w.Status == "stopped" && w.PID == 0)
}

// released reports whether what an incident's workers wait for is there.
func (d *decider) released(in *Incident) bool {
	switch {
	case in.Finding.Subject == adopted:
		return true
	case in.Finding.Cause == engine.PortForeign:
		if d.o.Port == nil {
			return false
		}
		_, foreign := d.o.Port.Foreign()
		return !foreign
	}
	for _, p := range d.o.Probes {
		if p.Address == in.Finding.Subject {
			return p.OK
		}
	}
	return false
}

// waiting lists the incident's workers that nobody but the engine brings back.
func (d *decider) waiting(in *Incident) []int {
	out := d.downed(in)
	for _, id := range in.IDs {
		if d.deaf(in, id) > 0 {
			out = append(out, id)
		}
	}
	return out
}

// deaf returns the pid of a worker that lives and will never listen, else 0. One
// that answers is not, nor is any while the app waits for its server and is
// listening by now: it has retried without a word.
func (d *decider) deaf(in *Incident, id int) int {
	i := slices.Index(in.Finding.IDs, id)
	w, ok := d.o.worker(id)
	if in.Finding.Cause != engine.RejectedBoot || !ok || i < 0 || i >= len(in.Finding.PIDs) {
		return 0
	}
	pid := in.Finding.PIDs[i]
	listening := in.Stage == StageHold && d.o.Port != nil && len(d.o.Port.Listeners) > 0
	answers := slices.ContainsFunc(d.o.Answers, func(a Answer) bool { return a.Good() && a.PID == pid })
	if !w.Alive || w.PID != pid || listening || answers {
		return 0
	}
	return pid
}

// downed lists the incident's workers that have no process and get none.
func (d *decider) downed(in *Incident) []int {
	var out []int
	for _, id := range in.IDs {
		w, ok := d.o.worker(id)
		_, held := d.s.Held[id]
		if ok && (held || w.GaveUp) {
			out = append(out, id)
		}
	}
	return out
}

// start begins to bring the workers back, with one as canary.
func (d *decider) start(in *Incident) {
	if d.s.busy(in) || d.o.At < in.NotBefore {
		return
	}
	waiting := d.waiting(in)
	if len(waiting) == 0 {
		in.enter(StageVerify, d.o.At)
		return
	}
	if d.act(in, engine.ActionRestart, waiting[0], d.deaf(in, waiting[0]), in.Finding.Subject+" is there again: one worker first") {
		in.enter(StageCanary, d.o.At)
		in.Canary, in.NotBefore = waiting[0], 0
	}
}

// canary waits until the first worker serves, then starts the others; if it dies
// or does not serve in time, the engine stops it again and waits longer.
func (d *decider) canary(in *Incident) {
	w, ok := d.o.worker(in.Canary)
	switch {
	case !ok:
		in.enter(StageHold, d.o.At)
	case in.NotBefore < 0:
		d.retreat(in, "")
	case !in.Tried && in.Finding.Cause == engine.RejectedBoot: // its old process is asked to end
	case d.died(in.Canary, in.Since):
		d.retreat(in, "it died again")
	case d.rejected(in.Canary, in.Since):
		d.retreat(in, "its start was rejected again")
	case !in.Tried:
	case d.serves(w):
		in.enter(StageRest, d.o.At)
		d.rest(in)
	case d.o.At-in.Since > d.limits.Canary:
		d.retreat(in, fmt.Sprintf("it did not serve within %s", d.limits.Canary))
	}
}

// retreat sets the time of the next attempt, and takes the canary down if there
// is a reason to.
func (d *decider) retreat(in *Incident, why string) {
	in.Attempts++
	in.NotBefore = d.o.At + min(d.limits.Retry<<min(in.Attempts-1, 8), d.limits.RetryMax)
	canary := in.Canary
	in.enter(StageHold, d.o.At)
	if w, ok := d.o.worker(canary); ok && why != "" && !d.down(w) && d.s.Busy[canary] == "" {
		d.act(in, engine.ActionStop, canary, 0, why)
	}
}

// died reports whether PM2 saw a worker's process end by itself.
func (d *decider) died(id int, since time.Duration) bool {
	for _, e := range d.o.Events {
		if e.ID == id && e.At > since && (e.Kind == KindExit || e.Kind == KindOverlimit) {
			return true
		}
	}
	w, ok := d.o.worker(id)
	return ok && d.s.Busy[id] == "" && (w.GaveUp || (w.Status == "waiting restart") || (!w.Alive && d.o.At-since > time.Second))
}

// rejected reports whether PM2 has caught what a worker's start was rejected with: a
// server may be there and not ready yet.
func (d *decider) rejected(id int, since time.Duration) bool {
	return slices.ContainsFunc(d.o.Events, func(e Event) bool {
		return e.ID == id && e.At > since && e.Kind == KindError && strings.Contains(e.Text, caught)
	})
}

// serves reports whether a worker answered the health URL just now. Where the
// kernel does not say who answered, a good answer counts when no other worker
// could have given it.
func (d *decider) serves(w Worker) bool {
	others := 0
	for _, o := range d.o.Workers {
		if o.ID != w.ID && o.Alive {
			others++
		}
	}
	for _, a := range d.o.Answers {
		if a.Good() && (a.PID == w.PID || (a.PID == 0 && others == 0)) {
			return w.Alive
		}
	}
	return false
}

// rest starts every other worker at once: the canary has shown that they can live.
func (d *decider) rest(in *Incident) {
	if in.NotBefore < 0 {
		d.retreat(in, "")
		return
	}
	if d.s.busy(in) {
		return
	}
	waiting := d.waiting(in)
	for _, id := range waiting {
		d.act(in, engine.ActionRestart, id, d.deaf(in, id), fmt.Sprintf("worker %d serves", in.Canary))
	}
	if len(waiting) == 0 {
		in.enter(StageVerify, d.o.At)
	}
}

// kill ends a process that cannot end itself. SIGTERM is useless: nothing in the
// process would act on it.
func (d *decider) kill(in *Incident) {
	switch {
	case in.Tried:
		in.enter(StageRespawn, d.o.At)
	case d.s.busy(in):
	case !d.seen(in):
		in.enter(StageVerify, d.o.At) // it came back by itself
	default:
		d.act(in, engine.ActionKill, in.Finding.IDs[0], in.Finding.PIDs[0], "it cannot act on a gentler request")
	}
}

// replace has a worker that serves drained and replaced by another one.
func (d *decider) replace(in *Incident) {
	switch {
	case in.Tried:
		in.enter(StageVerify, d.o.At)
	case d.s.busy(in), d.o.At < in.NotBefore:
	case !d.seen(in):
		in.enter(StageVerify, d.o.At)
	default:
		d.act(in, engine.ActionReplace, in.Finding.IDs[0], in.Finding.PIDs[0], treatment(in.Finding.Cause))
	}
}

// treatment says why a worker is replaced.
func treatment(c engine.Cause) string {
	if c == engine.LeaderMissing {
		return "its successor becomes worker " + leader
	}
	return "a new process does not have what ails it"
}

// respawn waits for PM2 to start the worker anew, and does so itself when PM2
// does not in time (a restart delay, a stop exit code).
func (d *decider) respawn(in *Incident) {
	id := in.Finding.IDs[0]
	w, ok := d.o.worker(id)
	switch {
	case !ok:
		in.enter(StageVerify, d.o.At)
	case d.s.Busy[id] != "":
	case w.Alive && w.PID != in.Finding.PIDs[0]:
		in.enter(StageVerify, d.o.At)
	case d.o.At-in.Since > d.limits.Respawn && !in.Tried:
		in.Tried = true
		d.act(in, engine.ActionRestart, id, 0, fmt.Sprintf("PM2 has not started it again within %s", d.limits.Respawn))
	}
}

// page leaves the cause to people and waits for them. Workers that PM2 would
// start and lose for ever are stopped meanwhile: a loop burns CPU that those who
// serve need.
func (d *decider) page(in *Incident) {
	if d.seen(in) {
		if futile(in.Finding.Cause) {
			d.halt(in, "every start ends the same way")
		}
		id := 0
		if len(in.IDs) > 0 {
			id = in.IDs[0]
		}
		d.withhold(in, engine.ActionRestart, id, pageOnly(in.Finding.Cause))
		return
	}
	if d.o.Daemon.Alive && d.allServing() && d.o.At-in.Seen >= lapse(in.Finding.Cause) {
		in.enter(StageVerify, d.o.At)
	}
}

// lapse is how long a cause must not have been diagnosed for it to seem over. Of a job
// one tick that comes late, on a busy host, makes several look uneven.
func lapse(c engine.Cause) time.Duration {
	if c == engine.EverybodyLeads {
		return 20 * time.Second
	}
	return 0
}

// futile reports whether a worker that dies of a cause dies of it at every start.
func futile(c engine.Cause) bool { return c == engine.BootCrash || c == engine.PortSibling }

// pageOnly says why a cause is left to people.
func pageOnly(c engine.Cause) string {
	switch c {
	case engine.RejectedBoot:
		return "every new process would stop short of listening in the same way"
	case engine.PortSelf:
		return "the code listens twice: every new process dies the same way"
	case engine.PortSibling:
		return "one worker has the port, and any other dies of that"
	case engine.Serialisation:
		return "PM2 has started it again, and the next such request kills it again: only the code can change that"
	case engine.BootCrash:
		return "every new process dies of the same error"
	case engine.EverybodyLeads:
		return "every new process would do the same: only the code can leave the job to one"
	case engine.DaemonDead:
		return "there is no daemon to ask, and starting another one is for people to decide"
	}
	return "the engine does not know what is wrong, and a restart would destroy evidence"
}

// allServing reports whether every worker that the operator wants is up, and
// there is one.
func (d *decider) allServing() bool {
	serving := false
	for _, w := range d.o.Workers {
		switch d.o.derived(w, d.limits.Stall) {
		case derivedServing:
			serving = true
		case derivedStopped:
			if _, held := d.s.Held[w.ID]; held {
				return false
			}
		default:
			return false
		}
	}
	return serving
}

// verify makes sure before it says that an incident is over: the signal that
// fired is gone, every worker has answered the health URL on a new connection,
// PM2's list and the daemon's children agree, and all that for a while.
func (d *decider) verify(in *Incident) {
	switch {
	case d.seen(in):
		in.Attempts++
		in.NotBefore = d.o.At + min(d.limits.Retry<<min(in.Attempts-1, 8), d.limits.RetryMax)
		in.enter(firstStage(in.Finding), d.o.At)
		return
	case len(d.waiting(in)) > 0:
		in.enter(StageHold, d.o.At)
		return
	}
	for _, a := range d.o.Answers {
		if a.Good() && !slices.Contains(in.Served, a.PID) {
			in.Served = append(in.Served, a.PID)
		}
	}
	by, well := d.well(in)
	switch {
	case !well:
		in.Well = -1
	case in.Well < 0:
		in.Well = d.o.At
	case d.o.At-in.Well >= d.limits.Soak && !d.s.busy(in):
		d.finish(in, by)
	}
}

// well checks everything that can be checked at this instant.
func (d *decider) well(in *Incident) (by []string, ok bool) {
	if len(d.o.Workers) == 0 {
		return nil, false
	}
	wanted, answered := 0, 0
	for _, w := range d.o.Workers {
		if d.o.derived(w, d.limits.Stall) == derivedStopped {
			continue
		}
		if !w.Alive || w.Status != "online" || w.State == "T" {
			return nil, false
		}
		wanted++
		if slices.Contains(in.Served, w.PID) {
			answered++
		}
	}
	unnamed := slices.Contains(in.Served, 0) // answers the kernel does not lay to anybody
	if answered < wanted && !unnamed {
		return nil, false
	}
	return []string{
		"signal: " + string(in.Finding.Cause) + " is not diagnosed any more",
		fmt.Sprintf("probe: %d of %d workers answered on a new connection", max(answered, len(in.Served)), wanted),
		"proc: every worker in PM2's list is a live child of its daemon",
		fmt.Sprintf("soak: all that for %s", d.limits.Soak),
	}, len(d.o.Daemon.Strays) == 0
}

// finish ends an incident, once PM2's counters are set to zero where that is due.
func (d *decider) finish(in *Incident, by []string) {
	d.say(Decision{Kind: Verified, Cause: in.Finding.Cause, Subject: in.Finding.Subject, By: by})
	if d.acted(in) {
		d.s.Cured = append(d.s.Cured, Cure{At: d.o.At, Cause: in.Finding.Cause, IDs: in.IDs})
		d.latch(in)
	}
	if d.forgive(in) {
		in.enter(StageReset, d.o.At)
		return
	}
	d.close(in)
}

// acted reports whether the engine has done something for an incident.
func (d *decider) acted(in *Incident) bool {
	return slices.ContainsFunc(d.s.Acted, func(a Deed) bool { return a.At >= in.Opened && slices.Contains(in.IDs, a.ID) })
}

// close tells people that an incident is over, if they were told of it.
func (d *decider) close(in *Incident) {
	if !in.Muted {
		d.say(in.decision(Resolve))
	}
	in.Stage = ""
}
