package report

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

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
	trouble := promise.HostTrouble(d.Record)
	if trouble != "" && d.Record.Cut != "" {
		return d.Record.Cut // of which the trouble comes
	}
	return trouble
}

// VoidOf is the void drill that d replaces. Repetitions differ in their seeds.
func (r Digest) VoidOf(d Drill) (Drill, bool) {
	i := slices.IndexFunc(r.Voids, func(v Drill) bool {
		return v.Scenario == d.Scenario && v.Arm == d.Arm &&
			v.Record != nil && d.Record != nil && v.Record.Header.Seed == d.Record.Header.Seed
	})
	if i < 0 {
		return Drill{}, false
	}
	return r.Voids[i], true
}
