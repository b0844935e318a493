package promise

import (
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Hindered rules on a drill whose fault could not be injected while an engine ran. It is
// the engine's doing if the same injection succeeded with no engine, which control, the
// record of that, shows; nil is for none. ok is false of any other drill.
func Hindered(r, control *evidence.Record) (ruling Ruling, ok bool) {
	hindered, ok := r.Mark(evidence.MarkHindered)
	if !ok {
		return Ruling{}, false
	}
	ruling = Ruling{
		Name: "lets-happen", Promise: "the engine does not keep the fault from being injected", Expected: Kept,
		Verdict: Inconclusive, Because: "the fault could not be injected: " + hindered.Note,
	}
	if control == nil {
		return ruling, true
	}
	if _, injected := control.Mark(evidence.MarkInjected); injected {
		ruling.Verdict, ruling.At = Broken, append(ruling.At, hindered.At)
		ruling.Because = "with no engine the fault was injected, and beside this one it could not be: " + hindered.Note
	}
	return ruling, true
}
