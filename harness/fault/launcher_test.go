package fault

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestReloadBehindLauncher: a reload of an app that npm has started takes effect when PM2 ends
// npm. The exit that is seen is npm's, and the answers are those of a process below it.
func TestReloadBehindLauncher(t *testing.T) {
	for name, x := range map[string]struct {
		under []int
		exit  evidence.Exit
		want  bool
	}{
		"npm ends":                  {[]int{73, 74, 85}, evidence.Exit{At: 11 * time.Second, PID: 44}, true},
		"the server itself ends":    {nil, evidence.Exit{At: 11 * time.Second, PID: 85}, true},
		"the server below npm ends": {[]int{73, 74, 85}, evidence.Exit{At: 11 * time.Second, PID: 85}, true},
		"npm has ended before":      {[]int{73, 74, 85}, evidence.Exit{At: 9 * time.Second, PID: 44}, false},
		"another worker ends":       {[]int{73, 74, 85}, evidence.Exit{At: 11 * time.Second, PID: 45}, false},
	} {
		r := &evidence.Record{
			Marks:     []evidence.Mark{{At: 10 * time.Second, Name: evidence.MarkInject}},
			Requests:  []evidence.Request{{Lane: evidence.LaneShort, Due: 9 * time.Second, Done: 9 * time.Second, Class: evidence.Answered, PID: 85}},
			Snapshots: []evidence.Snapshot{{At: 8 * time.Second, Workers: []evidence.Worker{{PID: 45}, {PID: 44, Under: x.under}}}},
			Exits:     []evidence.Exit{x.exit},
		}
		if bite, ok := (Rollout{}).Bitten(r); ok != x.want {
			t.Errorf("%s: %v: %s", name, ok, bite.Note)
		}
	}
}
