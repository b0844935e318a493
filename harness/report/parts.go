package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/promise"
)

// part is what of an engine's work a promise is about: a reader asks first which of these
// has failed.
type part string

const (
	partHeal     part = "heal"     // the service is well again, and stays so
	partDiagnose part = "diagnose" // the cause is named, or none where nothing is wrong
	partTell     part = "alert"    // people are told
	partSpare    part = "spare"    // requests are not lost by what is done
	partRestrain part = "restrain" // nothing else is done, or used
	partTruth    part = "truth"    // what is claimed is so
)

func partList() []part {
	return []part{partHeal, partDiagnose, partTell, partSpare, partRestrain, partTruth}
}

// partOf is the part that a promise of that name is about.
func partOf(name string) part {
	for p, names := range map[part][]string{
		partDiagnose: {"diagnoses", "diagnoses-nothing", "sees-first"},
		partTell:     {"alerts", "mentions"},
		partSpare:    {"drops-nothing", "spares-requests", "keeps-serving", "loses-only-its-own", promise.NoWorse},
		partRestrain: {"acts-at-most", "starts-at-most", "keeps-bounds", "keeps-files", "keeps-port", "keeps-budget", "stays-stopped", "stays-quiet",
			"leaves-out", "lets-happen", "lets-run"},
		partTruth: {"tells-the-truth"},
	} {
		if slices.Contains(names, name) {
			return p
		}
	}
	return partHeal
}

// failedParts are the names of the arm's promises that are not what it had to show, by
// their parts; nil where all are, or nothing is proven.
func failedParts(x armSum) map[part][]string {
	var out map[part][]string
	for _, y := range x.Rulings {
		if y.outcome.badness() < asBroken.badness() {
			continue
		}
		if out == nil {
			out = map[part][]string{}
		}
		if p := partOf(y.Name); !slices.Contains(out[p], y.Name) {
			out[p] = append(out[p], y.Name)
		}
	}
	return out
}

// partTable has a row for each arm that failed, and says which part of the engine's work
// did; empty where none did.
func partTable(r Digest) table {
	t := table{ID: "parts", Title: "What failed"}
	for _, x := range r.arms {
		failed := failedParts(x)
		if failed == nil {
			continue
		}
		row := []cell{{Text: x.Scenario, Tone: badTone, Link: plain(x.Scenario) + "-" + plain(x.Arm)}, words(x.Arm)}
		for _, p := range partList() {
			c := cell{Text: strings.Join(failed[p], ", "), Tone: badTone}
			if len(failed[p]) == 0 {
				c = words("")
			}
			row = append(row, c)
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return t
	}
	t.Columns = []column{{Name: "scenario", Left: true}, {Name: "arm", Left: true}}
	for _, p := range partList() {
		t.Columns = append(t.Columns, column{Name: string(p), Left: true})
	}
	return t
}

// mostFailed bounds how many arms the sentence names.
const mostFailed = 5

// partSentence says which arms failed, and in which parts; nothing where none did.
func partSentence(r Digest) []string {
	var arms []string
	for _, x := range r.arms {
		failed := failedParts(x)
		var parts []string
		for _, p := range partList() {
			if len(failed[p]) > 0 {
				parts = append(parts, string(p))
			}
		}
		if len(parts) > 0 {
			arms = append(arms, fmt.Sprintf("%s %s (%s)", x.Scenario, x.Arm, strings.Join(parts, ", ")))
		}
	}
	if len(arms) == 0 {
		return nil
	}
	rest := ""
	if n := len(arms) - mostFailed; n > 0 {
		arms, rest = arms[:mostFailed], fmt.Sprintf(", and %s more", number(n))
	}
	return []string{"What failed: " + strings.Join(arms, "; ") + rest + "."}
}

// ownName is what the engine calls itself, with its version, in the first ready line of
// the run; "" if it has printed none.
func ownName(r Digest) string {
	if e := engineOf(r, GateEngine{}); e.Ready {
		return strings.TrimSpace(e.Name + " " + e.Version)
	}
	return ""
}
