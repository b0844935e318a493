package operate

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestUnfinishedRoll: a roll that stopped half way is something people are told,
// and the daemon's death is not ruled out when it is what happened.
func TestUnfinishedRoll(t *testing.T) {
	for _, c := range []struct {
		err  error
		want engine.Cause
		out  int
	}{
		{errors.New("a worker does not serve"), engine.Undetermined, 1},
		{fmt.Errorf("cannot roll: %w", pm2.ErrDaemonDead), engine.DaemonDead, 0},
	} {
		f := buildUnfinished(nil, c.err)
		if f.Cause != c.want || len(f.RuledOut) != c.out || len(f.Evidence) == 0 || f.Human == "" {
			t.Errorf("%v: %+v", c.err, f)
		}
	}
}

// TestRollOfForkMode: a roll that PM2's mode rules out is refused, and nobody is paged for it.
func TestRollOfForkMode(t *testing.T) {
	desk := alert.NewDesk(alert.Sender{App: "app"}, nil, new(redact.Redactor), func(error) {})
	desk.Publish([]observe.Observation{{Workers: []observe.Worker{{ID: 4, Mode: "fork"}}}}, nil)
	var said []engine.Line
	o := Operator{Desk: desk, Say: func(l engine.Line) { said = append(said, l) }}
	o.Roll(t.Context(), nil)
	if len(said) != 1 || said[0].Type != engine.TypeWithheld || !strings.Contains(said[0].Why, "worker 4 runs in fork mode") {
		t.Errorf("it says %+v", said)
	}
}
