package plan

import (
	"fmt"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
)

// TestNextNamesEveryStage: people are told what comes next, whatever the stage.
func TestNextNamesEveryStage(t *testing.T) {
	said := map[string][]string{}
	for _, stage := range []string{StageHold, StageCanary, StageKill, StageEscalate, StageVerify} {
		d := decider{s: NewState(nil), limits: DefaultLimits()}
		in := Incident{Stage: stage, Diagnosis: diagnose.Diagnosis{Cause: engine.StalledEventLoop, Subject: "127.0.0.1:6379"}, IDs: []int{0}}
		said[d.describeNext(&in)] = append(said[d.describeNext(&in)], stage)
		d.o.Paused = true
		said[fmt.Sprint("paused: ", d.describeNext(&in))] = nil
	}
	if len(said) != 6 { // five stages, and one word for them all when paused
		t.Errorf("%d answers, want 6: %q", len(said), said)
	}
}
