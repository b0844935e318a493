package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Claim is what the source document says of PM2, and what is so. Its scenario
// has two arms, both without any engine: one does as the document says, the
// other shows what does hold, instead of a false claim or besides a true one.
//
// A claim holds if its scenario names no promise that breaks.
type Claim struct {
	Says      string // the claim in a sentence of our own
	Instead   string // what does hold, in a sentence
	App       drill.App
	Fault     fault.Fault // nil where nothing need happen
	LiftAfter time.Duration
	Replace   bool
	Watch     time.Duration // how long the drill waits for recovery
	Promises  []promise.Promise
}

// Holds reports whether the scenario's claim is expected to hold on real PM2.
func (s Scenario) Holds() bool { return s.Claim != nil && s.Breaks == "" }

// claimArm makes one of a claim's two arms of its drill.
func (s Scenario) claimArm(d drill.Drill) (drill.Drill, []promise.Promise, []string) {
	d.Engine = drill.Engine{Name: "nobody"}
	promises, breaks := s.Promises, []string{s.Breaks}
	if s.Holds() {
		breaks = nil
	}
	if d.Arm == evidence.ArmInstead {
		c := s.Claim
		d.App, d.Fault, d.LiftAfter, d.Replace, d.Recover = c.App, c.Fault, c.LiftAfter, c.Replace, c.Watch
		promises, breaks = c.Promises, nil
	}
	if d.Fault == nil {
		d.Soak = healthyFor
	}
	return d, promises, breaks
}
