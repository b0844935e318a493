package diagnose

import (
	"fmt"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestReaderForgets: what a Reader keeps does not grow with the time that the engine runs,
// whatever the app says, however often it is scaled and whichever servers it uses.
func TestReaderForgets(t *testing.T) {
	r := NewReader(5*time.Second, nodeerr.NewMemo())
	const looks, eachMinute = 1200, 60
	for n := range looks {
		at := time.Duration(n+1) * time.Second
		w := observe.Worker{ID: n / 10, PID: 100 + n, Alive: true, Status: "online", Since: at, Limit: 1, RSS: 2}
		c := r.Read(observe.Observation{
			At: at, Daemon: observe.Daemon{PID: 1, Alive: true}, Workers: []observe.Worker{w},
			Events: []observe.Event{
				{At: at, Kind: observe.KindError, ID: w.ID, Text: fmt.Sprintf("Error: connect ECONNREFUSED 10.0.0.%d:5432", n)},
				{At: at, Kind: observe.KindExit, ID: w.ID}, {At: at, Kind: observe.KindStopping, ID: n}, {At: at, Kind: observe.KindEnded, ID: w.ID, Text: "exit code 1"},
			},
			Actions: []observe.ActionEvent{{At: at, Action: engine.ActionStop, Phase: engine.PhaseDone, ID: -2 - n}},
			Probes:  []observe.Probe{{Address: fmt.Sprint("10.0.0.5:", n)}}, Port: &observe.Port{Number: 80}, Checks: []observe.Answer{{At: at, Error: "refused"}},
		})
		Diagnose(c)
		for what, kept := range map[string]int{
			"observations": len(c.history), "lives": len(c.lives.all), "running": len(c.lives.now), "ended": len(c.lives.ended), "deaths": len(c.deaths.all), "errors": len(c.errors),
			"ends": len(c.ends.all), "looks": len(c.looks.all), "probes": len(c.probes), "checks": len(c.checks.all), "signs": len(c.sights.all), "workers": len(c.workers), "asked": len(c.deaths.asked), "own": len(c.deaths.own),
		} {
			if kept > 3*(eachMinute+2) {
				t.Fatalf("after %d looks it keeps %d %s", n, kept, what)
			}
		}
		if len(c.servers) > maxTexts+10 {
			t.Fatalf("after %d looks it keeps the servers of %d texts", n, len(c.servers))
		}
	}
}
