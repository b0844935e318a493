package drain_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// TestStoppedInMidRoll: a worker that an operator stops while a roll drains it stays stopped, and so do
// the others as they are. One that ends by itself, and that PM2 does not start again, is started.
func TestStoppedInMidRoll(t *testing.T) {
	t.Parallel()
	r := newRig(t, 3, release{stopped: true})
	done, err := r.roller().Roll(t.Context())
	if !errors.Is(err, drain.ErrStopped) || len(done) != 1 {
		t.Errorf("%d replaced: %v", len(done), err)
	}
	if want := []string{"leave 1"}; !slices.Equal(r.calls, want) {
		t.Errorf("PM2 was asked for %v, want %v", r.calls, want)
	}
	if row, err := r.Describe(t.Context(), 1); err != nil || row.State() != pm2.StoppedNow {
		t.Errorf("the worker is %s (%v)", row.Status, err)
	}
	if _, err := newRig(t, 2, release{exits: true, noAutostart: true}).roller().Roll(t.Context()); err != nil {
		t.Errorf("without autorestart: %v", err)
	}
}
