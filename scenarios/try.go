package scenarios

import (
	"context"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// Try drills one arm of the scenario and judges what it brought back. Beside an
// error there is still a drill to report if any evidence was taken; it is
// inconclusive.
func (s Scenario) Try(ctx context.Context, arm string, engine drill.Engine, bench drill.Bench) (report.Drill, error) {
	var phases phases
	watch := bench.Watch
	bench.Watch = func(phase string, p drill.Pulse) {
		phases.note(phase, time.Now())
		watch(phase, p)
	}
	d, _, _ := s.Arm(arm, engine)
	record, err := d.Do(ctx, bench)
	out := s.Judge(arm, record)
	out.Phases = phases.list
	return out, err
}

// Judge rules on a record of one arm, new or stored.
func (s Scenario) Judge(arm string, record *evidence.Record) report.Drill {
	d, promises, breaks := s.Arm(arm, drill.Engine{})
	rulings := promise.Judge(record, promises, breaks...)
	story := s.Story
	if arm == evidence.ArmDecoy {
		story = s.Decoy.Story
	}
	var claim *report.Claim
	if s.Claim != nil {
		claim = &report.Claim{Says: s.Claim.Says, Instead: s.Claim.Instead}
	}
	out := report.Drill{
		Scenario: s.Name, Story: story, Arm: arm, Labels: s.Labels, Claim: claim, Record: record, Rulings: rulings,
		Losses: promise.Losses(record), Verdict: promise.Verdicts(rulings), Command: record.Header.Command, Varied: s.Choices,
	}
	if !record.Unaided() && len(record.Requests) > 0 {
		out.Avoidable = map[string]int{}
		for _, l := range promise.Avoidable(record, out.Losses, curable(promises)) {
			out.Avoidable[l.Request.Lane]++
		}
	}
	out.Detect, _ = promise.TimeToDetect(record)
	out.Recover, _ = promise.TimeToRecover(record, d.Replace)
	return out
}

// curable reports whether an engine can end what the promises are about: one of them asks
// for it.
func curable(promises []promise.Promise) bool {
	return slices.ContainsFunc(promises, func(p promise.Promise) bool {
		return slices.Contains([]string{"recovers", "replaces", "stops-losing"}, p.Name)
	})
}

// Planned is a drill of one arm that has not begun: inconclusive, and without a record.
func (s Scenario) Planned(arm string) report.Drill {
	d := s.Judge(arm, &evidence.Record{Cut: "it had not begun when the run ended"})
	d.Record = nil
	return d
}

// phases turns a drill's pulses into how long each of its phases took.
type phases struct {
	list  []report.Phase
	since time.Time // when the last phase began
}

// note takes in a pulse. A phase lasts until the next one begins.
func (p *phases) note(name string, at time.Time) {
	n := len(p.list)
	if n > 0 {
		p.list[n-1].Duration = at.Sub(p.since)
	}
	if n == 0 || p.list[n-1].Name != name {
		p.list, p.since = append(p.list, report.Phase{Name: name}), at
	}
}
