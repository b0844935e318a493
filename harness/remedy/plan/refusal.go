package plan

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// refusal is the stops of one worker that have failed, one after the other: PM2 does not do it, or the
// disk takes no note of it.
type refusal struct {
	n     int
	until time.Duration // before then it is not tried again
}

// The wait after the first stop that fails, and the longest: each is twice the one before.
const (
	refusedFirst = 5 * time.Second
	refusedMost  = time.Minute
)

// noteRefusal takes in how an action has ended.
func (s *State) noteRefusal(d observe.ActionEvent, at time.Duration) {
	switch {
	case d.Action != engine.ActionStop:
	case d.Phase == engine.PhaseDone:
		delete(s.Refused, d.ID)
	default:
		r := s.Refused[d.ID]
		s.Refused[d.ID] = refusal{r.n + 1, at + min(refusedFirst<<min(r.n, 8), refusedMost)}
	}
}
