package plan

import (
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// areAllServing reports whether every worker that the operator wants is up, and there is
// one.
func (d *decider) areAllServing() bool {
	serving := false
	for _, w := range d.o.Workers {
		switch d.o.DeriveState(w, d.limits.Stall) {
		case observe.DerivedServing:
			serving = true
		case observe.DerivedStopped:
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
	case d.isSeen(in):
		in.Attempts++
		in.NotBefore = d.o.At + d.computeRetry(in)
		in.enter(chooseFirstStage(in.Diagnosis), d.o.At)
		return
	case len(d.listWaiting(in)) > 0:
		in.enter(in.chooseBase(), d.o.At)
		return
	}
	for _, a := range d.o.Answers {
		if d.s.isUsual(a) && !slices.Contains(in.Served, a.PID) {
			in.Served = append(in.Served, a.PID)
		}
	}
	by, well := d.isWell(in)
	switch {
	case !well:
		in.Well = -1
	case in.Well < 0:
		in.Well = d.o.At
	case d.o.At-in.Well >= d.limits.Soak && !d.s.isBusy(in):
		d.finish(in, by)
	}
}

// isWell checks everything that can be checked at this instant.
func (d *decider) isWell(in *Incident) (by []string, ok bool) {
	if len(d.o.Workers) == 0 {
		return nil, false
	}
	wanted, answered := 0, 0
	for _, w := range d.o.Workers {
		if d.o.DeriveState(w, d.limits.Stall) == observe.DerivedStopped {
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
	proof := fmt.Sprintf("probe: %d of %d workers answered on a new connection", max(answered, len(in.Served)), wanted)
	if slices.ContainsFunc(d.o.Answers, func(a observe.Answer) bool { return a.Lived }) {
		proof = fmt.Sprintf("proc: %d of %d workers live; there is no URL to ask", answered, wanted)
	}
	return []string{
		"signal: " + string(in.Diagnosis.Cause) + " is not diagnosed any more",
		proof,
		"proc: every worker in PM2's list is a live child of its daemon",
		fmt.Sprintf("soak: all that for %s", d.limits.Soak),
	}, len(d.o.Daemon.Strays) == 0
}

// finish ends an incident, once PM2's counters are set to zero where that is due.
func (d *decider) finish(in *Incident, by []string) {
	d.say(Decision{Kind: Verified, Cause: in.Diagnosis.Cause, Subject: in.Diagnosis.Subject, By: by})
	for _, w := range d.o.Workers { // each that is wanted was seen to be well (isWell)
		d.s.Mended[w.ID] = w.Alive
	}
	if d.hasActed(in) {
		d.s.Cured = append(d.s.Cured, Cure{At: d.o.At, Cause: in.Diagnosis.Cause, IDs: in.IDs})
		d.latchFlaps(in)
	}
	if d.resetCounters(in) {
		in.enter(StageReset, d.o.At)
		return
	}
	d.close(in)
}

// hasActed reports whether the engine has done something for an incident.
func (d *decider) hasActed(in *Incident) bool {
	return slices.ContainsFunc(d.s.Acted, func(a begun) bool { return a.At >= in.Opened && slices.Contains(in.IDs, a.ID) })
}

// close tells people that an incident is over, if they were told of it.
func (d *decider) close(in *Incident) {
	if !in.Muted {
		d.say(in.newDecision(Resolve))
	}
	in.Stage = ""
}
