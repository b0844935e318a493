// Package plan decides what is done about what is wrong. Decide takes the state that the
// engine remembers, the newest observation and its diagnoses, and returns the next state and
// the decisions; ChooseFocus says what the next look must include. What is done about a cause
// is one row of the table in treatment.go. The package is pure: it reads no clock, no file and
// no socket.
package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Kinds of a Decision.
const (
	Detect   = "detect"   // say what was diagnosed
	Act      = "act"      // do Action
	Withhold = "withhold" // say that Action is not done, and why
	Raise    = "raise"    // tell people
	Verified = "verified" // say that all is well again, and by what
	Resolve  = "resolve"  // tell people that it is over
)

// Decision is one thing that the engine has decided to do or to say.
type Decision struct {
	Kind      string
	Cause     engine.Cause
	Subject   string
	Action    string            // engine.Action...
	ID        int               // worker id of Act and Withhold, or nobody
	PID       int               // of ActionKill, ActionReplace and ActionReset; the daemon's of ActionRelease
	Env       map[string]string // of ActionReplace
	Why       string
	Asks      string             // of Withhold: the key by which people permit it, "" if they cannot; of Resolve: of what is over
	Yields    bool               // of ActionStop: an operator has stopped the worker, and the engine does not hold it
	By        []string           // of Verified
	Diagnosis diagnose.Diagnosis // of Detect, Raise and Resolve
	Began     diagnose.Diagnosis // of the same: the symptom that the incident began as, if it did

	Opened     time.Duration // of Raise and Resolve: when the incident was first and last diagnosed
	Seen       time.Duration
	Next       string // of Raise: what comes next
	Suppressed int    // of Raise: incidents of the same that people were not told of
}

// WorkerID returns the id as a line has it, nil for an action that is about no worker.
func (d Decision) WorkerID() *int {
	if d.ID == nobody {
		return nil
	}
	return &d.ID
}

// Decide turns findings into decisions. It is a pure function: it reads the
// newest observation, what it remembers and its limits, and returns what it
// will remember. The caller carries the decisions out and reports the outcome
// as Deeds of a later observation.
func Decide(s State, o observe.Observation, findings []diagnose.Diagnosis, limits Limits) (State, []Decision) {
	isSymptom := func(f diagnose.Diagnosis) bool { return f.Symptom != "" }
	symptoms := slices.DeleteFunc(slices.Clone(findings), func(f diagnose.Diagnosis) bool { return !isSymptom(f) })
	findings = slices.DeleteFunc(slices.Clone(findings), isSymptom)
	d := decider{s: s.Absorb(o, limits), o: o, limits: limits, findings: findings}
	if o.Rolling {
		return d.s, nil
	}
	d.yield()
	d.adopt()
	for _, f := range findings {
		d.matchIncident(f)
	}
	for _, f := range symptoms {
		d.notice(f)
	}
	for i := range d.s.Incidents {
		d.stepIncident(&d.s.Incidents[i])
	}
	d.s.Incidents = slices.DeleteFunc(d.s.Incidents, func(in Incident) bool { return in.Stage == "" })
	if len(d.s.Incidents) == 0 {
		clear(d.s.Said)
	}
	return d.s, d.out
}

type decider struct {
	s        State
	o        observe.Observation
	limits   Limits
	findings []diagnose.Diagnosis // causes
	out      []Decision
}

// matchIncident gives a finding to its incident, or opens one.
func (d *decider) matchIncident(f diagnose.Diagnosis) {
	for i := range d.s.Incidents {
		in := &d.s.Incidents[i]
		if in.Diagnosis.Cause == f.Cause && !in.isSymptom() && (in.Diagnosis.Subject == f.Subject || in.Diagnosis.Subject == Adopted) {
			in.Diagnosis, in.Seen = f, d.o.At
			in.add(f.IDs)
			return
		}
	}
	if d.overtake(f) {
		return
	}
	for i := range d.s.Incidents {
		if in := &d.s.Incidents[i]; !in.isSymptom() && in.accountsFor(f) {
			return
		}
	}
	if d.annotate(f) || d.isWellSince(f) {
		return
	}
	in := Incident{Diagnosis: f, Opened: d.o.At, Seen: d.o.At, Canary: nobody}
	in.add(f.IDs)
	in.enter(chooseFirstStage(f), d.o.At)
	d.s.Incidents = append(d.s.Incidents, in)
	d.say(Decision{Kind: Detect, Cause: f.Cause, Subject: f.Subject, Diagnosis: f})
}

// isWellSince reports whether a finding without a cause is about deaths that an incident has told of
// and has ended after, for every worker. If they die again, they are not well then.
func (d *decider) isWellSince(f diagnose.Diagnosis) bool {
	return f.Cause == engine.Undetermined && len(f.IDs) > 0 && !slices.ContainsFunc(f.IDs, func(id int) bool { return !d.s.Mended[id] })
}

// accountsFor reports whether an incident explains the deaths that a diagnosis of another cause is
// about. Where each death has its own reason (others), one that is known is another cause's, and
// one that is not known may be.
func (in *Incident) accountsFor(f diagnose.Diagnosis) bool {
	beside := func(id int) bool { return !slices.Contains(in.IDs, id) }
	another := f.Cause != engine.Undetermined || slices.ContainsFunc(f.IDs, beside)
	return areRelated(in.Diagnosis.Cause, f.Cause) && !(findTreatment(in.Diagnosis.Cause).others && another)
}

func (in *Incident) add(ids []int) {
	for _, id := range ids {
		if !slices.Contains(in.IDs, id) {
			in.IDs = append(in.IDs, id)
		}
	}
	slices.Sort(in.IDs)
}

// Adopted is the Subject of an incident that an earlier run left behind.
const Adopted = "what an earlier run waited for"

// adopt takes back workers that an earlier run of the engine stopped: it opens
// the incident they were stopped for, with nothing left to wait for but proof.
func (d *decider) adopt() {
	for id, cause := range d.s.Held {
		if slices.ContainsFunc(d.s.Incidents, func(in Incident) bool { return !in.isSymptom() && slices.Contains(in.IDs, id) }) {
			continue
		}
		f := diagnose.Diagnosis{
			Cause: cause, Subject: Adopted, IDs: []int{id}, Confidence: 0.5,
			Evidence: []engine.Fact{{Source: "rpc", Text: fmt.Sprintf("worker %d is stopped, and an earlier run of this engine did that", id)}},
			RuledOut: []engine.Ruled{{Cause: engine.Undetermined, Fact: "the engine's own note says why it was stopped"}},
			Human:    "nothing, unless the workers die again",
		}
		d.matchIncident(f)
		for i := range d.s.Incidents {
			if in := &d.s.Incidents[i]; in.Diagnosis.Cause == cause {
				in.add([]int{id})
			}
		}
	}
}

// chooseBase returns the stage in which an incident waits to bring workers back.
func (in *Incident) chooseBase() string {
	if chooseFirstStage(in.Diagnosis) == StageEscalate {
		return StageEscalate
	}
	return StageHold
}

func (d *decider) stepIncident(in *Incident) {
	if in.Approval == "" && !in.isSymptom() {
		in.Approval = in.computeApproval()
	}
	switch in.Stage {
	case StageAwait:
		d.await(in)
	case StageHold:
		d.hold(in)
	case StageCanary:
		d.watchCanary(in)
	case StageRest:
		d.startRest(in)
	case StageKill:
		d.kill(in)
	case StageRespawn:
		d.respawn(in)
	case StageReplace:
		d.replace(in)
	case StageEscalate:
		d.escalate(in)
	case StageVerify:
		d.verify(in)
	case StageReset:
		d.reset(in)
	}
	d.raise(in)
}

// raiseBy is how long the alert may wait for the first actions to end, so that
// it can say what was done.
const raiseBy = 2 * time.Second

func (d *decider) raise(in *Incident) {
	if in.Stage == "" || in.Raised || (d.s.isBusy(in) && d.o.At-in.Opened < raiseBy) {
		return
	}
	in.Raised = true
	if d.muteFlap(in) {
		return
	}
	x := in.newDecision(Raise)
	x.Next, x.Suppressed = d.describeNext(in), d.s.Suppressed[x.Cause]
	delete(d.s.Suppressed, x.Cause)
	d.say(x)
}

// newDecision returns a decision about the whole incident.
func (in *Incident) newDecision(kind string) Decision {
	f := in.Diagnosis
	x := Decision{Kind: kind, Cause: f.Cause, Subject: f.Subject, Diagnosis: f, Began: in.Began, Opened: in.Opened, Seen: in.Seen, Asks: in.Approval}
	if in.Began.Symptom != "" {
		x.Opened = in.Began.Since
	}
	return x
}

// say appends a decision.
func (d *decider) say(x Decision) { d.out = append(d.out, x) }

// tryAction does an action unless a guard forbids it, and reports whether it did.
func (d *decider) tryAction(in *Incident, action string, id, pid int, why string) bool {
	x := Decision{Kind: Act, Cause: in.Diagnosis.Cause, Subject: in.Diagnosis.Subject, Action: action, ID: id, PID: pid, Why: why}
	if action == engine.ActionReplace {
		x.Env = in.Diagnosis.Env
	}
	if why := d.guard(in, x); why != "" {
		asks := ""
		if d.needsApproval(in, x) {
			asks = in.Approval
		}
		d.withholdAsking(in, action, id, why, asks)
		return false
	}
	d.s.Busy[id] = action
	d.say(x)
	return true
}

// withhold says once for an incident that an action is not done.
func (d *decider) withhold(in *Incident, action string, id int, why string) {
	d.withholdAsking(in, action, id, why, "")
}

// withholdAsking does the same of an action that people may permit by the key in asks, if
// that is not empty.
func (d *decider) withholdAsking(in *Incident, action string, id int, why, asks string) {
	key := fmt.Sprintf("%s %s %d %s %d %s", in.Diagnosis.Cause, in.Diagnosis.Subject, in.Opened, action, id, why)
	if !d.s.Said[key] {
		d.s.Said[key] = true
		d.say(Decision{Kind: Withhold, Cause: in.Diagnosis.Cause, Subject: in.Diagnosis.Subject, Action: action, ID: id, Why: why, Asks: asks})
	}
}

// isSeen reports whether this incident's finding is among today's.
func (d *decider) isSeen(in *Incident) bool { return in.Seen == d.o.At }
