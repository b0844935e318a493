package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Claim is a claim of the source document, as a drill's scenario has it.
type Claim struct {
	Says    string `json:"says"`    // the claim in a sentence of our own
	Instead string `json:"instead"` // what does hold, instead of a false claim or besides a true one
}

// GuideClaim is a claim of the source document and what this run's rulings make of
// it. It knows nothing of what the scenario expected: a claim that turns out
// otherwise shows as it turned out, and as a broken drill beside that.
type GuideClaim struct {
	Scenario string `json:"scenario"`
	Claim
	Found          string `json:"found"`         // holds, does not hold, inconclusive, not drilled; or in how many drills it holds
	Because        string `json:"because"`       // by what figures
	InsteadFound   string `json:"instead_found"` // the same of what is to hold instead
	InsteadBecause string `json:"instead_because"`
}

// What is found of a claim.
const (
	Holds      = "holds"
	HoldsNot   = "does not hold"
	Unproved   = "inconclusive"
	NotDrilled = "not drilled"
)

// GuideClaims lists the claims that were drilled, in the order of the drills.
func GuideClaims(r Digest) []GuideClaim {
	var out []GuideClaim
	seen := map[string]bool{}
	for _, d := range r.Drills {
		if d.Claim == nil || seen[d.Scenario] {
			continue
		}
		seen[d.Scenario] = true
		s := GuideClaim{Scenario: d.Scenario, Claim: *d.Claim}
		s.Found, s.Because = sumUpArm(r, d.Scenario, evidence.ArmClaim)
		s.InsteadFound, s.InsteadBecause = sumUpArm(r, d.Scenario, evidence.ArmInstead)
		out = append(out, s)
	}
	return out
}

// sumUpArm returns the verdict of one arm over its repetitions, as a word, and the
// reasons for it. One drill that proves nothing makes the whole inconclusive.
func sumUpArm(r Digest, scenario, arm string) (word, because string) {
	by, drills := map[promise.Verdict]int{}, 0
	first := map[promise.Verdict]string{}
	for _, d := range r.Drills {
		if d.Scenario != scenario || d.Arm != arm {
			continue
		}
		v := sumUpRulings(d.Rulings)
		if by[v]++; by[v] == 1 {
			first[v] = joinReasons(d.Rulings, v)
		}
		drills++
	}
	switch {
	case drills == 0:
		return NotDrilled, ""
	case by[promise.Inconclusive] > 0:
		return Unproved, first[promise.Inconclusive]
	case by[promise.Broken] == 0:
		return Holds, first[promise.Kept]
	case by[promise.Kept] == 0:
		return HoldsNot, first[promise.Broken]
	}
	return fmt.Sprintf("holds in %d of %d drills", by[promise.Kept], drills), first[promise.Broken]
}

// sumUpRulings returns one verdict for all rulings by what they are, not by what they had
// to be.
func sumUpRulings(rulings []promise.Ruling) promise.Verdict {
	sum := promise.Kept
	if len(rulings) == 0 {
		sum = promise.Inconclusive
	}
	for _, x := range rulings {
		switch {
		case x.Verdict == promise.Inconclusive:
			return promise.Inconclusive
		case x.Verdict == promise.Broken:
			sum = promise.Broken
		}
	}
	return sum
}

// joinReasons joins the reasons that the rulings of that verdict give, each once.
func joinReasons(rulings []promise.Ruling, v promise.Verdict) string {
	var parts []string
	for _, x := range rulings {
		if x.Verdict == v && !slices.Contains(parts, x.Because) {
			parts = append(parts, x.Because)
		}
	}
	if len(parts) == 0 {
		return "nothing was judged"
	}
	return strings.Join(parts, "; ")
}

// Mark is the finding as one character that reads without colour.
func (s GuideClaim) Mark() string { return MarkOf(VerdictOf(s.Found)) }

// InsteadMark is the same of what is to hold instead.
func (s GuideClaim) InsteadMark() string { return MarkOf(VerdictOf(s.InsteadFound)) }

// Tone is the finding as a verdict, for the page's colours.
func (s GuideClaim) Tone() promise.Verdict { return VerdictOf(s.Found) }

// VerdictOf is a finding as the verdict whose mark and colour it is shown with.
func VerdictOf(found string) promise.Verdict {
	switch found {
	case Holds:
		return promise.Kept
	case Unproved, NotDrilled:
		return promise.Inconclusive
	}
	return promise.Broken
}
