package report

import (
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Part is what of an engine's work a promise is about: a reader asks first which of these
// has failed.
type Part string

const (
	PartHeal     Part = "heal"     // the service is well again, and stays so
	partDiagnose Part = "diagnose" // the cause is named, or none where nothing is wrong
	partTell     Part = "alert"    // people are told
	PartSpare    Part = "spare"    // requests are not lost by what is done
	partRestrain Part = "restrain" // nothing else is done, or used
	partTruth    Part = "truth"    // what is claimed is so
)

// Parts lists the parts of an engine's work, in the order reports show them.
func Parts() []Part {
	return []Part{PartHeal, partDiagnose, partTell, PartSpare, partRestrain, partTruth}
}

// PartOf is the part that a promise of that name is about.
func PartOf(name string) Part {
	for p, names := range map[Part][]string{
		partDiagnose: {"diagnoses", "diagnoses-nothing", "sees-first"},
		partTell:     {"alerts", "mentions"},
		PartSpare:    {"drops-nothing", "spares-requests", "keeps-serving", "loses-only-its-own", "closes-streams", promise.NoWorse},
		partRestrain: {"acts-at-most", "starts-at-most", "keeps-bounds", "keeps-files", "keeps-port", "shuts-debuggers", "keeps-budget", "stays-stopped", "stays-quiet",
			"leaves-out", "lets-happen", "lets-run"},
		partTruth: {"tells-the-truth"},
	} {
		if slices.Contains(names, name) {
			return p
		}
	}
	return PartHeal
}

// FailedParts are the names of the arm's promises that are not what it had to show, by
// their parts; nil where all are, nothing is proven, or the arm is of a rehearsal.
func FailedParts(x ArmSummary) map[Part][]string {
	if x.Arm == evidence.ArmRehearsal { // no engine is at work
		return nil
	}
	var out map[Part][]string
	for _, y := range x.Rulings {
		if y.Outcome.Badness() < OutcomeBroken.Badness() {
			continue
		}
		if out == nil {
			out = map[Part][]string{}
		}
		if p := PartOf(y.Name); !slices.Contains(out[p], y.Name) {
			out[p] = append(out[p], y.Name)
		}
	}
	return out
}

// OwnName is what the engine calls itself, with its version, in the first ready line of
// the run; "" if it has printed none.
func OwnName(r Digest) string {
	if e := EngineOf(r, GateEngine{}); e.Ready {
		return strings.TrimSpace(e.Name + " " + e.Version)
	}
	return ""
}
