package report

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Pair adds to each drill with an engine what its twin shows, the control arm of the same
// scenario and seed. A drill whose fault could not be injected while the engine ran is no
// accident of the harness if the twin's could be, and neither is one in which a process of
// the harness ended or fell silent, if all ran to the end with no engine. A drill of a fault is no worse than its
// twin, if both are of a version whose observer knows PM2's workers from others. Decoys
// and requests for work have no twin: their control arms are of something else.
func Pair(drills []Drill) {
	for i := range drills {
		d := &drills[i]
		if d.Record == nil {
			continue
		}
		twin := d.Twin(drills)
		before := len(d.Rulings)
		if ruling, hindered := promise.Hindered(d.Record, twin); hindered {
			d.Rulings = append(d.Rulings, ruling)
		}
		if ruling, stopped := promise.LetsRun(d.Record, d.findControl(drills)); stopped {
			d.Rulings = append(d.Rulings, ruling)
		}
		if twin != nil && hasTwin(d.Record) && hasTwin(twin) {
			d.Rulings = append(d.Rulings, promise.NoWorseThanPM2(d.Record, twin, promise.UsualTolerance()))
		}
		if len(d.Rulings) > before {
			d.Verdict = promise.Verdicts(d.Rulings)
		}
	}
}

// hasTwin reports whether a record is of a fault that ran to its end, and tells PM2's
// workers from others.
func hasTwin(r *evidence.Record) bool {
	m, injected := r.Mark(evidence.MarkInject)
	_, skipped := r.Mark(evidence.MarkSkipped)
	return injected && m.Kind == evidence.KindFault && !skipped && r.Cut == "" && slices.Contains(r.Header.Watches, evidence.WatchTree)
}

// Twin is the record of the same fault and seed with no engine, nil if there is none.
func (d Drill) Twin(drills []Drill) *evidence.Record {
	if d.Arm != evidence.ArmEngine {
		return nil
	}
	return d.findControl(drills)
}

// findControl returns the record of the scenario's drill of the same seed with no engine,
// nil if there is none.
func (d Drill) findControl(drills []Drill) *evidence.Record {
	for _, c := range drills {
		if c.Record != nil && c.Arm == evidence.ArmControl && c.Scenario == d.Scenario &&
			c.Record.Header.Seed == d.Record.Header.Seed && slices.Equal(c.Record.Header.Varied, d.Record.Header.Varied) {
			return c.Record
		}
	}
	return nil
}
