package plan

import (
	"fmt"
	"strings"
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
	for text := range said {
		if strings.Contains(text, "m0s") {
			t.Errorf("a time span is not as people write it: %q", text)
		}
	}
	if len(said) != 6 { // five stages, and one word for them all when paused
		t.Errorf("%d answers, want 6: %q", len(said), said)
	}
}

// TestNextNamesTheCommand: what people are told to run reaches the engine's own PM2.
func TestNextNamesTheCommand(t *testing.T) {
	for home, want := range map[string]string{"": "`pm2drill engine approve b88ee871`", "/srv/pm2": "`pm2drill engine approve --home /srv/pm2 b88ee871`"} {
		d := decider{s: NewState(nil), limits: DefaultLimits()}
		d.limits.Home, d.limits.Policies.Default = home, PolicyAsk
		in := Incident{Stage: StageHold, Approval: "b88ee871", Diagnosis: diagnose.Diagnosis{Cause: engine.StalledEventLoop}}
		if got := d.describeNext(&in); !strings.Contains(got, want) {
			t.Errorf("home %q: %s, want %s", home, got, want)
		}
	}
}
