package report

import (
	"fmt"
	"path"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Digest is a report with what renderers show of it, computed once. A renderer reads a
// digest, and counts nothing of its own in evidence.
//
//	Report --> Digest --> text, Markdown, JSON, JUnit, page
type Digest struct {
	Report
	Drills []DrillDigest // in place of the report's
	Arms   []ArmSummary  // each scenario's arm over all its runs
}

// DrillDigest is a drill with what is counted in its evidence.
type DrillDigest struct {
	Drill
	Key                 string // names the drill in files and anchors
	Repetition          string // "2 of 5"; "" of an arm that was drilled once, and of a variant
	Figures             Figures
	Detection, Recovery Timing
	Cost                *Cost
	Words               EngineWords
	Endings             []Ending
}

// DigestOf computes the digest of a report.
func DigestOf(r Report) Digest {
	out := Digest{Report: r, Drills: make([]DrillDigest, len(r.Drills))}
	keys, repetitions := r.Keys("-"), r.listRepetitions()
	for i, d := range r.Drills {
		out.Drills[i] = DigestOfDrill(d)
		out.Drills[i].Key, out.Drills[i].Repetition = keys[i], repetitions[i]
	}
	out.Arms = SummarizeArms(out)
	return out
}

// DigestOfDrill computes the digest of one drill, apart from any report.
func DigestOfDrill(d Drill) DrillDigest {
	out := DrillDigest{Drill: d, Figures: computeFigures(d), Cost: computeCost(d), Words: checkWords(d), Endings: listEndings(d)}
	out.Detection, out.Recovery = readTimings(d)
	return out
}

// listRepetitions says of each drill which repetition of its arm it is: "2 of 5", or ""
// where the arm was drilled once, and for a variant.
func (r Report) listRepetitions() []string {
	type arm struct{ scenario, arm string }
	of, at := map[arm]int{}, map[arm]int{}
	for _, d := range r.Drills {
		if d.Varied == nil {
			of[arm{d.Scenario, d.Arm}]++
		}
	}
	out := make([]string, len(r.Drills))
	for i, d := range r.Drills {
		a := arm{d.Scenario, d.Arm}
		if d.Varied != nil {
			continue
		}
		at[a]++
		if of[a] > 1 {
			out[i] = fmt.Sprintf("%d of %d", at[a], of[a])
		}
	}
	return out
}

// DirEvidence has the evidence files, in the report's folder.
const DirEvidence = "evidence"

// EvidencePath is where a drill's evidence lies within the report's folder.
func EvidencePath(key string) string { return path.Join(DirEvidence, key+".jsonl"+evidence.Packed) }
