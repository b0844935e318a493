package drain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// TestRollMendsTheCanaryFirst: what the canary shows to be wrong is put right for
// the canary, by another replacement, and then for the others.
func TestRollMendsTheCanaryFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t, 3, release{})
	r.inspector = newDevtools(t)
	roller := r.roller()
	roller.Mend = func(canary drain.Replacement) drain.Timeouts {
		if canary.ID != 1 || canary.KillTimeout != 50*time.Millisecond {
			t.Errorf("the canary is %+v", canary)
		}
		return drain.Timeouts{Kill: 70 * time.Millisecond}
	}
	done, err := roller.Roll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"restart 1", "restart 1 with kill_timeout 70ms", "restart 2 with kill_timeout 70ms", "restart 0 with kill_timeout 70ms"}
	if !slices.Equal(r.calls, want) {
		t.Errorf("PM2 was asked for %v, want %v", r.calls, want)
	}
	if len(done) != 4 || done[1].Old != done[0].New {
		t.Errorf("done %+v", done)
	}
}

// TestRollDoesNotWaitForReady: PM2's answer about a worker that serves is not
// waited for, but for the canary's patience; it is known afterwards.
func TestRollDoesNotWaitForReady(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		says    time.Duration
		patient bool
	}{
		{"it is said soon", 200 * time.Millisecond, true},
		{"it is never said", 3 * time.Second, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 3, release{})
			r.inspector = newDevtools(t)
			r.says = tc.says
			for i := range r.rows {
				r.rows[i].WaitReady = true
			}
			roller := r.roller()
			roller.Patience = time.Second
			begun := time.Now()
			done, err := roller.Roll(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begun); took > 3*time.Second {
				t.Errorf("the roll took %s", took)
			}
			if !tc.patient && done[0].Online != 0 {
				t.Errorf("the answer came after %s", done[0].Online)
			}
			for i := range done {
				done[i].Await(t.Context())
				// The end of the old process, from which it counts, is seen late on a busy host.
				if o := done[i].Online; o == 0 || (o-tc.says).Abs() > time.Second {
					t.Errorf("worker %d was online after %s, want about %s", done[i].ID, o, tc.says)
				}
			}
		})
	}
}
