package plan

import (
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// TestEveryCauseHasItsTreatment: each cause of the contract has a row, but for those that only
// the replacement of a worker shows, and each row says why it does what it does.
func TestEveryCauseHasItsTreatment(t *testing.T) {
	ofRolls := []engine.Cause{engine.NoDrainSupport, engine.SigintIgnored, engine.KillTimeoutShort, engine.SlowReady, engine.ReadyNeverSent, engine.StreamsCut}
	for _, cause := range engine.Causes() {
		row, ok := treatments[cause]
		if ok == slices.Contains(ofRolls, cause) {
			t.Errorf("%s: a row is %v", cause, ok)
		}
		switch {
		case !ok:
		case !slices.Contains([]string{StageHold, StageKill, StageReplace, StageEscalate}, row.first):
			t.Errorf("%s: an incident cannot begin in stage %q", cause, row.first)
		case row.first == StageReplace && row.replace == "", row.first == StageEscalate && row.escalate == "":
			t.Errorf("%s: the row of stage %s gives no reason", cause, row.first)
		case row.first == StageHold && row.awaits == needNothing:
			t.Errorf("%s: its workers are held, and nothing is awaited", cause)
		}
	}
	for cause := range treatments {
		if !slices.Contains(engine.Causes(), cause) {
			t.Errorf("%s has a row and is not in the contract", cause)
		}
	}
}
