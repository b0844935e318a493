// Package promise judges evidence. Each promise states what must hold in a drill, and
// has a judge, a function of the drill's record and of nothing else. The statement is
// the name of a test, the text of its failure and a line of the report. A ruling is
// kept, broken, or inconclusive where a run proves nothing either way; a promise is
// skipped if the engine does not declare the capability that it needs.
package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Verdict is how a promise fared.
type Verdict string

// The verdicts.
const (
	Kept         Verdict = "kept"
	Broken       Verdict = "broken"
	Inconclusive Verdict = "inconclusive"
	Skipped      Verdict = "skipped" // of a promise
	Partial      Verdict = "partial" // of several: some were skipped, all others kept
)

// What an engine may declare that it can do, as the contract has it.
const (
	Detect = "detect"
	Roll   = "roll"
	Scale  = "scale"
	Alert  = "alert"
)

// Promise is something a drill must show.
type Promise struct {
	Name     string // short and stable; a scenario names by it what its control breaks
	Sentence string // present tense, with the figures that matter
	Needs    string // the capability that it asks of an engine, "" for none
	Watches  string // what the observer must have looked at, "" for what it always does: of a record of before that nothing is asked
	Hard     bool   // no trouble of the host can be why it is broken
	Hasty    bool   // who breaks it may have kept the fault from taking effect by that
	Cause    string // the one cause the engine is to name, NoCause if it is to name none, "" if causes are not its matter
	Judge    func(*evidence.Record) Finding
	Later    func(by time.Duration) Promise // the same with a later deadline; nil of one that has none
}

// NoCause is what an engine is to diagnose where nothing is wrong.
const NoCause = "nothing"

// Finding is a judge's answer.
type Finding struct {
	Verdict Verdict
	Because string          // one line, with figures
	At      []time.Duration // moments worth opening, on the record's clock
}

// Ruling is a promise with its finding, as reports show it.
type Ruling struct {
	Name     string          `json:"name"`
	Promise  string          `json:"promise"`
	Cause    string          `json:"cause,omitempty"` // as the promise has it
	Verdict  Verdict         `json:"verdict"`
	Because  string          `json:"because"`
	Lacks    string          `json:"lacks,omitempty"` // of a skipped one: the capability that the engine does not declare
	At       []time.Duration `json:"at,omitempty"`
	Expected Verdict         `json:"expected"` // what this arm must show: kept, or broken in a control arm
}

// Met reports whether the ruling is what the arm had to show.
func (r Ruling) Met() bool { return r.Verdict == r.Expected }

// Judge rules on each promise in turn. A drill that ended before its end proves
// nothing, whatever its record shows. Then come the preconditions: while one of them
// is unmet, nothing can be kept or broken and every ruling is inconclusive for that
// reason; but a hard promise can be broken on a host in trouble. breaks names the promises that must be broken
// (a control arm's); all others must be kept. What the engine does not declare is
// skipped, by name. There is no ruling on what the observer of the record's version did
// not look at.
func Judge(r *evidence.Record, promises []Promise, breaks ...string) []Ruling {
	unmet := findUnmetPrecondition(r)
	rulings := make([]Ruling, 0, len(promises))
	for _, p := range promises {
		if p.Watches != "" && !slices.Contains(r.Header.Watches, p.Watches) {
			continue
		}
		ruling := Ruling{Name: p.Name, Promise: p.Sentence, Cause: p.Cause, Expected: Kept}
		for _, b := range breaks {
			if b == p.Name {
				ruling.Expected = Broken
			}
		}
		if r.Cut != "" {
			ruling.Verdict, ruling.Because = Inconclusive, "the drill ended before its end: "+r.Cut
		} else if lacks := findLacking(r, p); lacks != "" {
			ruling.Verdict, ruling.Lacks = Skipped, lacks
			ruling.Because = fmt.Sprintf("the engine does not declare %q", lacks)
		} else {
			f := p.find(r, unmet)
			ruling.Verdict, ruling.Because, ruling.At = f.Verdict, f.Because, f.At
		}
		rulings = append(rulings, ruling)
	}
	return rulings
}

// find judges the record, of which unmet says why it proves nothing, "" if it may. A hard
// promise may be broken on a host in trouble all the same: an engine that has meddled
// does not get another drill because the host, or it, was in the way of the load. So may a hasty
// one where nothing is amiss but that the fault was not seen to take effect.
func (p Promise) find(r *evidence.Record, unmet string) Finding {
	if unmet == "" {
		return p.Judge(r)
	}
	if p.Hard && HostTrouble(r) != "" || p.Hasty && onlyUnbitten(r) {
		if f := p.Judge(r); f.Verdict == Broken {
			return f
		}
	}
	return newInconclusive(unmet)
}

// findLacking returns the capability that the engine lacks for the promise, or why the
// run was skipped; "" if it lacks nothing. An arm with no engine needs no capability.
func findLacking(r *evidence.Record, p Promise) string {
	if r.Unaided() {
		return ""
	}
	if m, ok := r.Mark(evidence.MarkSkipped); ok {
		return m.Note
	}
	if p.Needs != "" && !slices.Contains(r.Capabilities(), p.Needs) {
		return p.Needs
	}
	return ""
}

// Verdicts sums rulings up: broken if any ruling is not what its arm had to
// show, else inconclusive if any is, else partial if any is skipped, kept
// otherwise. No rulings at all prove nothing.
func Verdicts(rulings []Ruling) Verdict {
	if len(rulings) == 0 {
		return Inconclusive
	}
	sum := Kept
	for _, r := range rulings {
		switch {
		case r.Verdict == Inconclusive:
			sum = Inconclusive
		case r.Verdict == Skipped:
			sum = Worse(sum, Partial)
		case !r.Met():
			return Broken
		}
	}
	return sum
}

// Worse is the verdict that a reader must hear of two.
func Worse(a, b Verdict) Verdict {
	badness := func(v Verdict) int { return slices.Index([]Verdict{Kept, Partial, Inconclusive, Broken}, v) }
	if badness(b) > badness(a) {
		return b
	}
	return a
}

func newKept(because string) Finding { return Finding{Verdict: Kept, Because: because} }

func newBroken(because string, at ...time.Duration) Finding {
	return Finding{Verdict: Broken, Because: because, At: at}
}

func newInconclusive(because string) Finding { return Finding{Verdict: Inconclusive, Because: because} }
