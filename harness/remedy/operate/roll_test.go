package operate

import (
	"errors"
	"fmt"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
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
