package report

import (
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Blame adds a ruling to each drill whose fault could not be injected while an engine
// ran, by what the control arm of the same scenario and seed shows: such a drill is no
// accident of the harness.
func Blame(drills []Drill) {
	for i := range drills {
		d := &drills[i]
		if d.Record == nil {
			continue
		}
		if ruling, hindered := promise.Hindered(d.Record, d.control(drills)); hindered {
			d.Rulings = append(d.Rulings, ruling)
			d.Verdict = promise.Verdicts(d.Rulings)
		}
	}
}

// control is the record of the same fault and seed with no engine, nil if there is none. A
// decoy's fault is another one.
func (d Drill) control(drills []Drill) *evidence.Record {
	for _, c := range drills {
		if c.Record != nil && d.Arm == evidence.ArmEngine && c.Arm == evidence.ArmControl && c.Scenario == d.Scenario &&
			c.Record.Header.Seed == d.Record.Header.Seed {
			return c.Record
		}
	}
	return nil
}
