package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// SlowReady is S14 of the catalogue: workers take longer to start than PM2 waits.
func SlowReady() Scenario {
	const within = 2 * time.Minute
	s := rollingRestart("boots-slowly", engine.SlowReady)
	s.Name = "slow-ready"
	s.Labels = []string{"cause:graceful-shutdown", "tier:extended"}
	s.Story = `A rolling restart is asked for. A worker takes six seconds until it listens, and listen_timeout is
one: PM2 does not wait any longer, ends the old worker while the new one still boots, and goes on to
the next. The last old worker is gone before the first new one listens, and for two seconds nobody
does; with two workers the default of three seconds is enough for that. pm2 ls shows all of them
online all the time.
An engine replaces one worker at a time and goes on only when the new one has answered, however long
that takes; three serve throughout. It gives PM2 a listen_timeout that would do and reports the drift.
In the ecosystem file: listen_timeout above the slowest start,
and wait_ready with process.send('ready') once the app listens.`
	s.Recover = within
	s.Varies = anyApp(variant.Workers(2, 4)).Without("wait_ready") // PM2's impatience is the incident
	s.Decoy = quietRoll(`The same request, and an app that takes its time within what PM2 allows: a second and a half, where
listen_timeout is ten.`, "listens-last")
	s.Promises = []promise.Promise{
		promise.Replaces(within),
		promise.DropsNothing(),
		promise.Diagnoses(string(engine.SlowReady)),
		promise.Alerts(string(engine.SlowReady), within),
		promise.Reconfigures(engine.KeyListenTimeout, 6*time.Second),
		promise.KeepsServingAllBut(1),
		promise.KeepsBounds(),
		promise.TellsTheTruth(),
	}
	return s
}
