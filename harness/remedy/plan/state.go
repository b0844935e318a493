package plan

import (
	"maps"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Stages of an Incident; the package comment draws them.
const (
	StageHold     = "hold"    // crash loops are stopped; waiting for what the workers need
	StageCanary   = "canary"  // one worker was started again; does it serve?
	StageRest     = "rest"    // the others are being started
	StageKill     = "kill"    // a process is being killed
	StageRespawn  = "respawn" // waiting for PM2 to start the worker anew
	StageReplace  = "replace" // a worker is drained and replaced
	StageEscalate = "page"    // nothing may be done; people were told
	StageVerify   = "verify"  // it seems over; making sure
	StageAwait    = "await"   // people were told of a symptom; waiting for its cause, or its end
	StageReset    = "reset"   // it is over; PM2's counters are set to zero
)

// State is what the engine remembers between two decisions. Decide never changes
// one, it returns another.
type State struct {
	Incidents  []Incident
	Held       map[int]engine.Cause  // workers that the engine stopped, and why
	Busy       map[int]string        // workers under an action that has not ended
	Taken      map[int]bool          // those of them that an operator has stopped meanwhile
	Owed       map[int]time.Duration // workers that the engine has started over an operator's stop, and has not stopped again: since when that is known
	Started    map[int]time.Duration // when the engine's latest start of a worker had ended
	Mended     map[int]bool          // workers of an incident that has ended, which have not died since
	Refused    map[int]refusal       // stops that have failed, by worker id
	Acted      []begun               // actions begun within Limits.Span
	Fell       map[int]int           // deaths of a worker since it was last seen to serve
	Failing    bool                  // the health URL has answered with a failure of the server while nothing was known to be wrong
	Normal     int                   // class of the health URL's answers while all was well: 2 for 2xx; 0 if nobody asked
	Cured      []Cure                // within Limits.Span
	Latched    map[latch]*flap       // what flaps, and is left to people
	Suppressed map[engine.Cause]int  // of each cause: incidents withheld since the last alert about it
	Said       map[string]bool       // withheld lines already printed
}

// begun is an action that was begun.
type begun struct {
	observe.ActionEvent
	trial bool // of what the engine had stopped: no sign that it does too much
}

// Cure is one incident that ended after the engine had acted.
type Cure struct {
	At    time.Duration
	Cause engine.Cause
	IDs   []int
}

// Incident is one thing that is wrong, from its diagnosis to its end.
type Incident struct {
	Diagnosis   diagnose.Diagnosis
	Began       diagnose.Diagnosis // the symptom that it began as, if it did
	Stage       string
	Since       time.Duration // of the stage
	Opened      time.Duration
	Seen        time.Duration // when it was last diagnosed
	IDs         []int         // every worker it has concerned
	Canary      int           // worker id under trial in StageCanary, or that was last; nobody before
	Trial       bool          // that trial came without a sign that it would go well
	Trials      int           // such trials that failed
	Due         time.Duration // of the next such trial, 0 while nothing is held
	Tried       bool          // the action of the stage has ended
	Attempts    int           // canaries that failed
	NotBefore   time.Duration // of the next attempt
	Raised      bool          // people were told
	Muted       bool          // people were not told: they know that it flaps
	Approval    string        // key by which people approve that the engine acts on it
	Well        time.Duration // since when all is well in StageVerify, -1 while it is not
	Served      []int         // pids that answered in StageVerify
	Overtaken   int           // how often another cause has taken it over
	OrphanTries int           // attempts to close the port that did not help
	OrphanSince time.Duration // since when the daemon listens for nobody, 0 if it does not; after an attempt to close the port, when the next is due
}

// NewState returns the memory of an engine that has just started. held are the
// workers that an earlier run of it stopped and did not start again.
func NewState(held map[int]engine.Cause) State {
	s := State{Held: map[int]engine.Cause{}, Fell: map[int]int{}, Busy: map[int]string{}, Taken: map[int]bool{}, Owed: map[int]time.Duration{}, Refused: map[int]refusal{}, Mended: map[int]bool{}, Started: map[int]time.Duration{}, Said: map[string]bool{}, Latched: map[latch]*flap{}, Suppressed: map[engine.Cause]int{}}
	maps.Copy(s.Held, held)
	return s
}

func (s State) clone() State {
	s.Held, s.Busy, s.Said, s.Taken = maps.Clone(s.Held), maps.Clone(s.Busy), maps.Clone(s.Said), maps.Clone(s.Taken)
	s.Owed, s.Started, s.Refused = maps.Clone(s.Owed), maps.Clone(s.Started), maps.Clone(s.Refused)
	s.Suppressed, s.Fell = maps.Clone(s.Suppressed), maps.Clone(s.Fell)
	s.Mended = maps.Clone(s.Mended)
	s.Acted, s.Cured, s.Latched = slices.Clone(s.Acted), slices.Clone(s.Cured), cloneFlaps(s.Latched)
	s.Incidents = slices.Clone(s.Incidents)
	for i := range s.Incidents {
		in := &s.Incidents[i]
		in.IDs, in.Served = slices.Clone(in.IDs), slices.Clone(in.Served)
	}
	return s
}

// Absorb returns the state with what an observation says about the engine's own actions and
// about what people did to workers that the engine holds.
func (s State) Absorb(o observe.Observation, limits Limits) State {
	s = s.clone()
	s.absorb(o, limits)
	return s
}

// absorb does the same in place.
func (s *State) absorb(o observe.Observation, limits Limits) {
	s.Acted = slices.DeleteFunc(s.Acted, func(d begun) bool { return o.At-d.At > limits.Span })
	s.Cured = slices.DeleteFunc(s.Cured, func(c Cure) bool { return o.At-c.At > limits.Span })
	if o.Rolling {
		s.unlatch(everybody)
	}
	for _, d := range o.Actions {
		if d.Phase == engine.PhaseBegin {
			s.Acted = append(s.Acted, begun{d, s.isTrial(d, o)})
			continue
		}
		delete(s.Busy, d.ID)
		switch {
		case d.Action == engine.ActionStop && !s.Taken[d.ID]: // PM2 may have done it though it has not answered
			s.Held[d.ID] = s.findCause(d.ID)
		case d.Phase == engine.PhaseDone && d.Action == engine.ActionRestart:
			delete(s.Held, d.ID)
		}
		if d.Action == engine.ActionRestart || d.Action == engine.ActionReplace {
			s.noteStarted(d.ID, o.At)
		}
		delete(s.Taken, d.ID)
		s.noteRefusal(d, o.At)
		s.passOn(d)
	}
	for _, e := range o.Events {
		switch e.Kind {
		case observe.KindAsked:
			s.releaseWorker(e, o)
			s.unlatch(e.ID)
			s.renew(e.ID, 0)
		case observe.KindDeploy:
			s.renew(everybody, o.At)
		case observe.KindExit:
			s.Fell[e.ID]++
			delete(s.Mended, e.ID)
		}
	}
	s.learn(o)
	for id := range s.Held {
		w, ok := o.FindWorker(id)
		if o.Daemon.Alive && s.Busy[id] == "" && (!ok || (w.Alive && w.Status != "stopped" && w.Status != "stopping")) {
			delete(s.Held, id)
		}
	}
}

// Keeps reports whether the engine holds a worker, or may: until it has heard how an action
// on it has ended, nobody knows.
func (s State) Keeps(id int) bool {
	_, held := s.Held[id]
	return held || s.Busy[id] != ""
}

// renew begins the waiting of a worker's incidents from zero: people have changed
// something. due is when the next trial may come, 0 for as after a stop.
func (s *State) renew(id int, due time.Duration) {
	for i := range s.Incidents {
		if in := &s.Incidents[i]; id == everybody || slices.Contains(in.IDs, id) {
			in.Trials, in.Due = 0, due
			in.Attempts, in.NotBefore = 0, min(in.NotBefore, 0)
		}
	}
}

// learn takes in who serves, and how the app answers while all is well.
func (s *State) learn(o observe.Observation) {
	for _, w := range o.Workers {
		if o.SawServing(w) {
			delete(s.Fell, w.ID)
		}
	}
	for _, a := range slices.Concat(o.Answers, o.Checks) {
		switch {
		case len(s.Incidents) > 0 || a.Status == 0:
		case a.IsServerError():
			s.Failing = true
		default:
			s.Normal = a.Status / 100
		}
	}
	if o.Usual.Status > 0 {
		s.Normal = o.Usual.Status / 100
	}
}

// isUsual reports whether an answer of the health URL is one as the app gives while it is
// well. Where it has never been seen to give any but a failure of the server, the URL tells
// nothing, and any answer shows that the worker serves.
func (s *State) isUsual(a observe.Answer) bool {
	return a.IsUsual(s.Normal) || a.Meant == "" && s.Normal == 0 && s.Failing && a.IsServerError()
}

// isTrial reports whether a deed brings a worker back that the engine had stopped, or that PM2
// has given up, or takes one down again that was tried so.
func (s *State) isTrial(d observe.ActionEvent, o observe.Observation) bool {
	_, held := s.Held[d.ID]
	w, _ := o.FindWorker(d.ID)
	canary := func(in Incident) bool { return in.Canary == d.ID }
	tried := func(in Incident) bool { return canary(in) && in.Stage == StageCanary }
	return d.Action == engine.ActionRestart && (held || w.GaveUp || slices.ContainsFunc(s.Incidents, tried)) ||
		d.Action == engine.ActionStop && slices.ContainsFunc(s.Incidents, canary)
}

// passOn passes the end of an action on to the incident that waits for it.
func (s *State) passOn(d observe.ActionEvent) {
	for i := range s.Incidents {
		in := &s.Incidents[i]
		if !slices.Contains(in.IDs, d.ID) {
			continue
		}
		switch {
		case in.Stage == StageCanary && d.ID == in.Canary && d.Action == engine.ActionRestart,
			in.Stage == StageKill && d.Action == engine.ActionKill,
			in.Stage == StageReplace && d.Action == engine.ActionReplace:
			in.Tried = true
			if findTreatment(in.Diagnosis.Cause).livesOn {
				in.Since = d.At // from here on its death is its own
			}
		}
		if d.Phase == engine.PhaseFailed && (in.Stage == StageCanary || in.Stage == StageRest) {
			in.NotBefore = -1 // read by the stage: the start failed
		}
	}
}

// findCause returns the cause that a worker was stopped for: of an incident that concerns
// it, and in which workers are stopped.
func (s *State) findCause(id int) engine.Cause {
	for _, in := range s.Incidents {
		first := findTreatment(in.Diagnosis.Cause).first
		if !in.isSymptom() && slices.Contains(in.IDs, id) && first != StageKill && first != StageReplace {
			return in.Diagnosis.Cause
		}
	}
	return engine.Undetermined
}

// enter moves an incident to a stage.
func (in *Incident) enter(stage string, at time.Duration) {
	in.Stage, in.Since, in.Tried, in.Well, in.Served = stage, at, false, -1, nil
}

// Inherit returns the state with a worker that an earlier run of the engine has stopped.
func (s State) Inherit(id int, cause engine.Cause) State {
	s = s.clone()
	s.Held[id] = cause
	return s
}

// ListEngaged lists the causes of the incidents that the engine is doing something about.
func (s State) ListEngaged() []engine.Cause {
	var out []engine.Cause
	for i := range s.Incidents {
		if in := &s.Incidents[i]; s.isEngaged(in) {
			out = append(out, in.Diagnosis.Cause)
		}
	}
	return out
}

// isEngaged reports whether the engine is doing something about an incident, or holds
// workers for it: what people ask for has to wait for that, and not for an incident that
// they were only told of.
func (s *State) isEngaged(in *Incident) bool {
	if in.isSymptom() {
		return false
	}
	switch in.Stage {
	case StageCanary, StageRest, StageKill, StageRespawn, StageReplace, StageReset:
		return true
	}
	return s.isBusy(in) || slices.ContainsFunc(in.IDs, func(id int) bool { _, held := s.Held[id]; return held })
}

// isBusy reports whether one of the incident's workers is under an action.
func (s *State) isBusy(in *Incident) bool {
	return slices.ContainsFunc(in.IDs, func(id int) bool { return s.Busy[id] != "" })
}
