package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
)

// balance counts what a run's rulings came to.
type balance struct {
	total    int // without the skipped
	met      int // as their arm had to show
	expected int // of these, broken in a control arm
	unknown  int // inconclusive
	skipped  int
	first    string // that made the verdict what it is, "" of a good one
}

func computeBalance(r report.Digest) (b balance) {
	inconclusive := r.Verdict() == promise.Inconclusive
	for _, d := range r.Drills {
		for _, x := range d.Rulings {
			o := report.OutcomeOf(x)
			switch {
			case o == report.OutcomeSkipped:
				b.skipped++
				continue
			case o.Met():
				b.met++
			case o == report.OutcomeUnknown:
				b.unknown++
			}
			b.total++
			if o == report.OutcomeExpected && d.Arm == evidence.ArmControl {
				b.expected++
			}
			if b.first == "" && !o.Met() && (o == report.OutcomeUnknown) == inconclusive {
				because, _, _ := strings.Cut(x.Because, "\n")
				b.first = fmt.Sprintf("The first: %s, %s arm: “%s” is %s: %s", d.Scenario, d.Arm, x.Promise, o, because)
			}
		}
	}
	return b
}

// Headline says in a word and a few sentences what the run has shown, with
// nothing in it that the rulings do not carry.
func Headline(r report.Digest) (title string, sentences []string) {
	b := computeBalance(r)
	switch r.Verdict() {
	case promise.Kept:
		title = "Kept"
		sentences = append(sentences, fmt.Sprintf("All %s had the expected result, in %s.",
			FormatCount(b.total, "promise"), FormatCount(len(r.Drills), "drill")))
		if b.expected > 0 {
			sentences = append(sentences, fmt.Sprintf("With nobody to heal, %s broke, as %s had to: the faults are real.",
				FormatCount(b.expected, "promise"), Plural(b.expected, "it", "they")))
		}
	case promise.Partial:
		title = "Partial"
		sentences = append(sentences, fmt.Sprintf("All %s that the engine was held to had the expected result, in %s.",
			FormatCount(b.total, "promise"), FormatCount(len(r.Drills), "drill")))
	case promise.Broken:
		title = "Broken"
		sentences = append(sentences, fmt.Sprintf("%s of %s had an unexpected result%s.",
			FormatNumber(b.total-b.met-b.unknown), FormatCount(b.total, "promise"), describeUnproven(b.unknown)), endSentence(b.first))
	default:
		title = "Inconclusive"
		sentences = append(sentences, "This run proves nothing either way.", endSentence(b.first))
	}
	if b.skipped > 0 {
		sentences = append(sentences, fmt.Sprintf("%s skipped, for the engine does not declare what %s: that is no pass.",
			FormatCount(b.skipped, "promise")+Plural(b.skipped, " was", " were"), Plural(b.skipped, "it asks", "they ask")))
	}
	return title, slices.Concat(sentences, describeFailedParts(r), describeVoids(r), describeEngineArms(r), describeClaims(r), describeWallTime(r))
}

// describeUnproven says how many promises are unproven besides, "" for none.
func describeUnproven(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %s %s unproven", FormatNumber(n), Plural(n, "is", "are"))
}

// describeWallTime says how long the run took, and how long its drills.
func describeWallTime(r report.Digest) []string {
	var all, longest time.Duration
	who := ""
	for _, d := range r.Drills {
		t := d.Took()
		all += t
		if t > longest {
			longest, who = t, d.Scenario+" "+d.Arm
		}
	}
	if all == 0 {
		return nil
	}
	drills := fmt.Sprintf("%s of drills, the longest %s (%s)", FormatDuration(all), FormatDuration(longest), who)
	if r.Run.Duration == 0 {
		return []string{"It took " + drills + "."}
	}
	return []string{fmt.Sprintf("The run took %s for %s.", FormatDuration(r.Run.Duration), drills)}
}

// describeEngineArms sums up what the engine achieved under a fault.
func describeEngineArms(r report.Digest) []string {
	var slowest time.Duration
	owed, dropped, arms := 0, 0, 0
	causes := map[string]int{}
	for _, d := range r.Drills {
		if d.Arm != evidence.ArmEngine || d.Record == nil {
			continue
		}
		f := d.Figures
		o, n := f.Totals()
		owed, dropped, arms = owed+o, dropped+n, arms+1
		slowest = max(slowest, d.Recover)
		for c, n := range f.Causes {
			causes[c] += n
		}
	}
	if arms == 0 {
		return nil
	}
	var out []string
	if slowest > 0 {
		out = append(out, fmt.Sprintf("With the engine at work, the slowest recovery took %s.", FormatDuration(slowest)))
	}
	switch {
	case dropped == 0:
		return append(out, fmt.Sprintf("There, not one of %s requests was dropped.", FormatNumber(owed)))
	default:
		return append(out, fmt.Sprintf("There, %s of %s requests were dropped: %s.", FormatNumber(dropped), FormatNumber(owed), Blame(causes)))
	}
}

// Blame says who cost how many losses; the engine is named even when it cost none.
func Blame(n map[string]int) string {
	var parts []string
	for _, c := range report.Causes() {
		switch {
		case c == promise.ByEngine && n[c] == 0:
			parts = append(parts, "none by the engine")
		case n[c] == 0:
		case c == promise.ByUnknown:
			parts = append(parts, FormatNumber(n[c])+" by nobody known")
		case c == promise.ByPM2:
			parts = append(parts, FormatNumber(n[c])+" by PM2")
		case c == promise.BySaturated:
			parts = append(parts, FormatNumber(n[c])+" by workers that had too much to do")
		default:
			parts = append(parts, FormatNumber(n[c])+" by the "+c)
		}
	}
	return strings.Join(parts, ", ")
}

// endSentence closes a sentence that was put together from parts.
func endSentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}
