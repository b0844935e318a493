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

// saying is a claim of the source document and what this run's rulings make of
// it. It knows nothing of what the scenario expected: a claim that turns out
// otherwise shows as it turned out, and as a broken drill beside that.
type saying struct {
	Scenario string `json:"scenario"`
	Claim
	Found          string `json:"found"`         // holds, does not hold, inconclusive, not drilled; or in how many drills it holds
	Because        string `json:"because"`       // by what figures
	InsteadFound   string `json:"instead_found"` // the same of what is to hold instead
	InsteadBecause string `json:"instead_because"`
}

// What is found of a claim.
const (
	holds      = "holds"
	holdsNot   = "does not hold"
	unproved   = "inconclusive"
	notDrilled = "not drilled"
)

// sayings lists the claims that were drilled, in the order of the drills.
func sayings(r Digest) []saying {
	var out []saying
	seen := map[string]bool{}
	for _, d := range r.Drills {
		if d.Claim == nil || seen[d.Scenario] {
			continue
		}
		seen[d.Scenario] = true
		s := saying{Scenario: d.Scenario, Claim: *d.Claim}
		s.Found, s.Because = found(r, d.Scenario, evidence.ArmClaim)
		s.InsteadFound, s.InsteadBecause = found(r, d.Scenario, evidence.ArmInstead)
		out = append(out, s)
	}
	return out
}

// found sums up the rulings of one arm over its repetitions. One drill that
// proves nothing makes the whole inconclusive.
func found(r Digest, scenario, arm string) (word, because string) {
	by, drills := map[promise.Verdict]int{}, 0
	first := map[promise.Verdict]string{}
	for _, d := range r.Drills {
		if d.Scenario != scenario || d.Arm != arm {
			continue
		}
		v := rulingsOf(d.Rulings)
		if by[v]++; by[v] == 1 {
			first[v] = reasons(d.Rulings, v)
		}
		drills++
	}
	switch {
	case drills == 0:
		return notDrilled, ""
	case by[promise.Inconclusive] > 0:
		return unproved, first[promise.Inconclusive]
	case by[promise.Broken] == 0:
		return holds, first[promise.Kept]
	case by[promise.Kept] == 0:
		return holdsNot, first[promise.Broken]
	}
	return fmt.Sprintf("holds in %d of %d drills", by[promise.Kept], drills), first[promise.Broken]
}

// rulingsOf sums rulings up by what they are, not by what they had to be.
func rulingsOf(rulings []promise.Ruling) promise.Verdict {
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

// reasons joins what the rulings of that verdict give as their reasons, each once.
func reasons(rulings []promise.Ruling, v promise.Verdict) string {
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
func (s saying) Mark() string { return markOf(verdictOf(s.Found)) }

// InsteadMark is the same of what is to hold instead.
func (s saying) InsteadMark() string { return markOf(verdictOf(s.InsteadFound)) }

// Tone is the finding as a verdict, for the page's colours.
func (s saying) Tone() promise.Verdict { return verdictOf(s.Found) }

// verdictOf is a finding as the verdict whose mark and colour it is shown with.
func verdictOf(found string) promise.Verdict {
	switch found {
	case holds:
		return promise.Kept
	case unproved, notDrilled:
		return promise.Inconclusive
	}
	return promise.Broken
}

// claimSentences sums the claims up for the headline.
func claimSentences(r Digest) []string {
	all := sayings(r)
	if len(all) == 0 {
		return nil
	}
	n := map[string]int{}
	for _, s := range all {
		n[s.Found]++
	}
	rest := len(all) - n[holds] - n[holdsNot]
	out := fmt.Sprintf("Of %s of the source document %s on this PM2, %s not", count(len(all), "claim"),
		number(n[holds])+" "+pick(n[holds], "holds", "hold"), number(n[holdsNot])+" "+pick(n[holdsNot], "does", "do"))
	if rest > 0 {
		out += fmt.Sprintf(", and %s undecided", number(rest)+" "+pick(rest, "is", "are"))
	}
	return []string{out + "."}
}

// claimsTitle heads the section.
func claimsTitle(r Digest) string {
	title := "The source document's claims"
	if v := r.Run.Versions.PM2; v != "" {
		title += ", on PM2 " + v
	}
	return title
}

// textClaims writes the section for a terminal; nothing where no claim was drilled.
func textClaims(b *strings.Builder, p paint, r Digest) {
	all := sayings(r)
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", p.bold(clean(claimsTitle(r))))
	for _, s := range all {
		fmt.Fprintf(b, "  %s %s\n", p.as(s.Tone(), s.Mark()+" "+s.Found+":"), clean(s.Says))
		textReason(b, p, s.Because)
		fmt.Fprintf(b, "    %s %s\n", p.as(verdictOf(s.InsteadFound), s.InsteadMark()+" "+s.InsteadFound+":"), clean(s.Instead))
		textReason(b, p, s.InsteadBecause)
	}
}

func textReason(b *strings.Builder, p paint, because string) {
	if because != "" {
		fmt.Fprintf(b, "      %s\n", p.dim(clean(because)))
	}
}

// markdownClaims writes the section as a table; nothing where no claim was drilled.
func markdownClaims(b *strings.Builder, r Digest) {
	all := sayings(r)
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(b, "\n**%s**\n\n| claim | found | by what | what holds | found | by what |\n|---|---|---|---|---|---|\n", escapeMarkdown(claimsTitle(r)))
	for _, s := range all {
		fmt.Fprintf(b, "| %s | %s %s | %s | %s | %s %s | %s |\n", escapeMarkdown(s.Says), s.Mark(), s.Found, escapeMarkdown(s.Because),
			escapeMarkdown(s.Instead), s.InsteadMark(), s.InsteadFound, escapeMarkdown(s.InsteadBecause))
	}
}
