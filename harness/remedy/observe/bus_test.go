package observe

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// TestDaemonLog: what the daemon logs of itself counts, and not what stands in a name.
func TestDaemonLog(t *testing.T) {
	for text, want := range map[string]Event{
		"Stopping app:web id:3\n":                                            {Kind: KindStopping, ID: 3},
		"PM2 successfully stopped\n":                                         {Kind: KindKilled, ID: -1},
		"Stopping app:web id:_old_3\n":                                       {},
		"Stopping app:other id:3\n":                                          {},
		"Stopping app:web id:0\n id:5\n":                                     {},
		"App [x\nStopping app:web id:0\n:5] online\n":                        {},
		"App [x\nStopping app:web id:0:5] exited\nStopping app:web id:0\n":   {},
		"App [PM2 successfully stopped:5] online\n":                          {},
		"Stopping app:x\nPM2 successfully stopped\nStopping app:web id:0\n ": {},
	} {
		got := translate(pm2.Event{Topic: pm2.TopicLog, Text: text}, "web", 0)
		if want == (Event{}) && len(got) > 0 || want != (Event{}) && (len(got) != 1 || got[0] != want) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}
