package report

import (
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// voidTable lists the drills that were drilled again.
func voidTable(r Digest) table {
	t := table{ID: "again", Title: "Drilled again"}
	if len(r.Voids) == 0 {
		return t
	}
	t.Columns = []column{{Name: "scenario", Left: true}, {Name: "arm", Left: true}, {Name: "why", Left: true}}
	for _, d := range r.Voids {
		t.Rows = append(t.Rows, []cell{words(d.Scenario), words(d.Arm), words(d.Spoiled())})
	}
	t.Notes = []cell{{Text: "The host spoiled these, whatever they showed. What counts is the drill that followed.", Tone: softTone}}
	return t
}

// Spoiled says what the host did to a drill that proves nothing for it, "" of any
// other. Such a drill may be drilled again: no failure is hidden by that. One in which a
// process of the harness ended while an engine ran is not the host's affair.
func (d Drill) Spoiled() string {
	if d.Record == nil || d.Verdict != promise.Inconclusive {
		return ""
	}
	if m, stopped := d.Record.Mark(evidence.MarkStopped); stopped && m.Kind == evidence.KindEnded {
		return ""
	}
	return promise.HostTrouble(d.Record)
}

// voidOf is the void drill that d replaces. Repetitions differ in their seeds.
func (r Digest) voidOf(d Drill) (Drill, bool) {
	i := slices.IndexFunc(r.Voids, func(v Drill) bool {
		return v.Scenario == d.Scenario && v.Arm == d.Arm &&
			v.Record != nil && d.Record != nil && v.Record.Header.Seed == d.Record.Header.Seed
	})
	if i < 0 {
		return Drill{}, false
	}
	return r.Voids[i], true
}

// voidSentence says how many drills were drilled again, nothing if none was.
func voidSentence(r Digest) []string {
	n := len(r.Voids)
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s nothing, for the host was too busy, and %s drilled again.",
		count(n, "drill")+pick(n, " proves", " prove"), pick(n, "was", "were"))}
}

// voidJSON is a void drill in report.json.
type voidJSON struct {
	Scenario string `json:"scenario"`
	Arm      string `json:"arm"`
	Because  string `json:"because"`
	Evidence string `json:"evidence"`
}

func voidsOf(r Report) []voidJSON {
	out := make([]voidJSON, len(r.Voids))
	for i, d := range r.Voids {
		out[i] = voidJSON{d.Scenario, d.Arm, d.Spoiled(), voidPath(r, i)}
	}
	return out
}

// voidKey names the evidence of a drill that was drilled again.
func voidKey(key string) string { return "void-" + key }

// voidPath is where the evidence of the i-th void drill lies within the report's
// folder.
func voidPath(r Report, i int) string {
	return evidencePath(voidKey(Report{Drills: r.Voids}.keys("-")[i]))
}
