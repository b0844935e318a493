package folder

import (
	"github.com/pm2drill/pm2drill/harness/report"
)

// VoidJSON is a void drill in report.json.
type VoidJSON struct {
	Scenario string `json:"scenario"`
	Arm      string `json:"arm"`
	Because  string `json:"because"`
	Evidence string `json:"evidence"`
}

// VoidsOf lists the drills that were drilled again, as report.json has them.
func VoidsOf(r report.Report) []VoidJSON {
	out := make([]VoidJSON, len(r.Voids))
	for i, d := range r.Voids {
		out[i] = VoidJSON{d.Scenario, d.Arm, d.Spoiled(), buildVoidPath(r, i)}
	}
	return out
}

// buildVoidKey names the evidence of a drill that was drilled again.
func buildVoidKey(key string) string { return "void-" + key }

// buildVoidPath returns the path of the evidence of the i-th void drill within the
// report's folder.
func buildVoidPath(r report.Report, i int) string {
	return report.EvidencePath(buildVoidKey(report.Report{Drills: r.Voids}.Keys("-")[i]))
}
