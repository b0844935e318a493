package plan

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
)

// TestStoppedFor: what a worker was stopped for is the cause of the incident that stops
// workers, not of one in which its process was killed a little before.
func TestStoppedFor(t *testing.T) {
	s := State{Incidents: []Incident{
		{Diagnosis: diagnose.Diagnosis{Cause: engine.StoppedProcess}, IDs: []int{1}},
		{Diagnosis: diagnose.Diagnosis{Cause: engine.DependencyOutage}, IDs: []int{0, 1}},
	}}
	for id, want := range map[int]engine.Cause{0: engine.DependencyOutage, 1: engine.DependencyOutage, 2: engine.Undetermined} {
		if got := s.causeOf(id); got != want {
			t.Errorf("worker %d was stopped for %s, want %s", id, got, want)
		}
	}
}
