package plan

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
)

// overtake has an incident be about another cause, where its workers have died of that one for a
// while and of its own no more, and reports whether there is such an incident. What kept the
// workers down first may be over while something else does: nothing that people do about the first
// helps then, and neither does what the engine does about it.
func (d *decider) overtake(f diagnose.Diagnosis) bool {
	for i := range d.s.Incidents {
		in := &d.s.Incidents[i]
		if !d.isOvertaken(in, f) {
			continue
		}
		if in.Began.Symptom == "" && in.Raised && !in.Muted {
			d.say(in.newDecision(Resolve)) // people know it by a key of its own
		}
		next := Incident{Diagnosis: f, Began: in.Began, Opened: d.o.At, Seen: d.o.At, Canary: nobody, IDs: in.IDs, Overtaken: in.Overtaken + 1}
		next.add(f.IDs)
		next.enter(chooseFirstStage(f), d.o.At)
		for _, id := range next.IDs {
			if cause, held := d.s.Held[id]; held && cause == in.Diagnosis.Cause {
				d.s.Held[id] = f.Cause
			}
		}
		*in = next
		d.say(in.newDecision(Detect))
		return true
	}
	return false
}

// isOvertaken reports whether a diagnosis of another cause has taken the place of an incident's.
// Each time it takes twice as long, lest two causes that come in turn tell people of each turn.
func (d *decider) isOvertaken(in *Incident, f diagnose.Diagnosis) bool {
	gone := goneFor << min(in.Overtaken, 6)
	return !in.isSymptom() && f.Cause != engine.Undetermined && in.accountsFor(f) && d.o.At-in.Seen >= gone && !d.s.isBusy(in) &&
		slices.ContainsFunc(f.IDs, func(id int) bool { return slices.Contains(in.IDs, id) })
}
