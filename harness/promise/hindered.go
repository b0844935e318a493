package promise

import (
	"time"

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

// LetsRun rules on a drill with an engine in which a process of the harness has ended, or
// fell silent. It is the engine's doing if all of them ran to the end with no engine, which
// alone, the record of that, shows; nil is for none. ok is false of any other drill.
func LetsRun(r, alone *evidence.Record) (ruling Ruling, ok bool) {
	how, at := findHalt(r)
	if r.Unaided() || how == "" {
		return Ruling{}, false
	}
	ruling = Ruling{
		Name: "lets-run", Promise: "the engine leaves the harness alone", Expected: Kept, Verdict: Inconclusive, Because: how,
	}
	if alone == nil || !hasRunToEnd(alone) {
		return ruling, true
	}
	ruling.Verdict, ruling.At = Broken, append(ruling.At, at)
	ruling.Because = "with no engine the drill ran to its end, and beside this one: " + how
	return ruling, true
}

// hasRunToEnd reports whether the drill ended and nothing of the harness stopped or fell
// silent in it.
func hasRunToEnd(r *evidence.Record) bool {
	_, ended := r.Mark(evidence.MarkEnd)
	how, _ := findHalt(r)
	return ended && r.Cut == "" && how == ""
}

// findHalt says what of the harness ended or fell silent, and when; "" if nothing did.
func findHalt(r *evidence.Record) (how string, at time.Duration) {
	if m, stopped := r.Mark(evidence.MarkStopped); stopped && (m.Kind == evidence.KindEnded || HostTrouble(r) == "") {
		return m.Note, m.At
	}
	if _, ended := r.Mark(evidence.MarkEnd); !ended || r.Cut != "" {
		return "", 0
	}
	for _, lane := range r.Header.Lanes {
		if _, last := findLaneSpan(r, lane.Lane); last > 0 {
			if err := checkSilence(r, lane, last); err != nil {
				return err.Error(), last
			}
		}
	}
	return "", 0
}
