package plan

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// TestEngaged: an incident that people were only told of does not keep them from a roll.
func TestEngaged(t *testing.T) {
	s := NewState(map[int]engine.Cause{3: engine.BootCrash})
	for _, c := range []struct {
		stage string
		ids   []int
		want  bool
	}{
		{StageEscalate, []int{0}, false}, {StageHold, []int{0, 1}, false}, {StageVerify, []int{0}, false},
		{StageEscalate, []int{3}, true}, {StageHold, []int{2, 3}, true}, {StageCanary, []int{0}, true}, {StageKill, []int{0}, true},
	} {
		if got := s.isEngaged(&Incident{Stage: c.stage, IDs: c.ids}); got != c.want {
			t.Errorf("%s of %v: %v, want %v", c.stage, c.ids, got, c.want)
		}
	}
}
