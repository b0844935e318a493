package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// goneFor is how long a symptom must be absent before its incident is closed.
const goneFor = 5 * time.Second

// computeTellDelay returns how long after its onset people are told of a symptom.
func (l Limits) computeTellDelay(s diagnose.Severity) time.Duration {
	switch s {
	case diagnose.Total:
		// It may have begun right after the look before, and the look that finds it due may be late.
		return max(l.Outage-observe.SlowLook-2*observe.FastLook, 0)
	case diagnose.Degraded:
		return 2 * l.Outage
	}
	return 3 * l.Outage
}

// isSymptom reports whether an incident has no cause yet.
func (in *Incident) isSymptom() bool { return in.Diagnosis.Symptom != "" }

// notice gives a symptom to its incident, or opens one when people are to be told of it and no
// incident with a cause has told them of these workers. One incident has all symptoms of the
// service and its workers: the worst is told, since it may have the others for consequences.
func (d *decider) notice(f diagnose.Diagnosis) {
	due := d.o.At-f.Since >= d.limits.computeTellDelay(f.Severity)
	for i := range d.s.Incidents {
		in := &d.s.Incidents[i]
		switch {
		case !in.isSymptom() && (in.Began.Subject == f.Subject || in.explains(f)):
			return // people know
		case !in.isSymptom() || nameApart(in.Diagnosis) != nameApart(f):
		case f.Severity > in.Diagnosis.Severity && due:
			in.add(f.IDs)
			d.tell(in, f)
			return
		case in.Seen == d.o.At && f.Symptom != in.Diagnosis.Symptom && f.Severity == in.Diagnosis.Severity:
			in.add(f.IDs) // the one before, of the same look, says more: that workers starve, and not that they are slow
			return
		case f.Severity == in.Diagnosis.Severity && f.Subject == in.Diagnosis.Subject:
			in.Diagnosis, in.Seen = f, d.o.At
			in.add(f.IDs)
			return
		default:
			return
		}
	}
	if !due || f.Symptom == engine.RestartLoop && d.isWellSince(f) {
		return
	}
	in := Incident{Began: f, Opened: d.o.At, Canary: nobody}
	in.add(f.IDs)
	in.enter(StageAwait, d.o.At)
	d.tell(&in, f)
	d.s.Incidents = append(d.s.Incidents, in)
}

// tell makes a symptom what an incident is about, and has people told of it.
func (d *decider) tell(in *Incident, f diagnose.Diagnosis) {
	in.Diagnosis, in.Seen, in.Raised = f, d.o.At, false
	x := in.newDecision(Detect)
	d.say(x)
}

// nameApart names a symptom that has nothing to do with who serves, "" of the others.
func nameApart(f diagnose.Diagnosis) engine.Symptom {
	if f.Symptom == engine.Orphans || f.Symptom == engine.MemoryNear {
		return f.Symptom
	}
	return ""
}

// explains reports whether an incident's cause accounts for a symptom: for half of the workers
// that it is about, or more.
func (in *Incident) explains(f diagnose.Diagnosis) bool {
	t := findTreatment(in.Diagnosis.Cause)
	switch foresees := f.Symptom == engine.MemoryNear && t.memory; {
	case in.isSymptom(), nameApart(f) != "" && !foresees, !t.deaths && !t.hurts:
		return false
	}
	both := 0
	for _, id := range f.IDs {
		if slices.Contains(in.IDs, id) {
			both++
		}
	}
	return 2*both >= len(f.IDs)
}

// annotate gives a cause to the symptom that it accounts for, and reports whether there is one.
// It is the same incident: people are told of its cause under the same key. That it is
// undetermined they know.
func (d *decider) annotate(f diagnose.Diagnosis) bool {
	for i := range d.s.Incidents {
		in := &d.s.Incidents[i]
		with := Incident{Diagnosis: f, IDs: f.IDs}
		if !in.isSymptom() || !with.explains(in.Diagnosis) {
			continue
		}
		in.Diagnosis, in.IDs = f, nil
		in.add(f.IDs)
		in.Opened, in.Seen = d.o.At, d.o.At
		in.Raised = in.Raised && f.Cause == engine.Undetermined
		in.enter(chooseFirstStage(f), d.o.At)
		d.say(in.newDecision(Detect))
		return true
	}
	return false
}

// await waits until a symptom is gone. While PM2 does not answer, nobody looks for it; and what the
// engine itself has stopped is seen by no rule, for nobody expects it to serve.
func (d *decider) await(in *Incident) {
	held := slices.ContainsFunc(in.IDs, func(id int) bool { _, held := d.s.Held[id]; return held })
	if d.isSeen(in) || held || !d.o.Daemon.Alive || d.o.Daemon.Error != "" || d.o.At-in.Seen < goneFor {
		return
	}
	d.say(Decision{Kind: Verified, Cause: in.Diagnosis.Cause, Subject: in.Diagnosis.Subject, By: []string{
		fmt.Sprintf("signal: %s has not been seen for %s", in.Diagnosis.Symptom, goneFor),
	}})
	d.close(in)
}
