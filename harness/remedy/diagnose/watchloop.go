package diagnose

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Limits of diagnoseWatchLoop.
const (
	watchRounds = 4               // changes of one file within memory: a person saves less often
	oneChange   = 2 * time.Second // each worker's watcher tells of the same change (Watcher.js:29)
	nextRound   = 20 * time.Second
)

// diagnoseWatchLoop returns a diagnosis where PM2 starts the app anew over and over because a file
// changes that it watches (watch: true, or a list that has the file). It ends all workers at once,
// counts no such restart as unstable, and never gives up. Who writes the file is mostly the app. A
// deployment changes many files once.
func diagnoseWatchLoop(c Facts) (Diagnosis, bool) {
	path, rounds := c.findWatched()
	if len(rounds) < watchRounds || c.Now.At-rounds[len(rounds)-1] > nextRound {
		return Diagnosis{}, false
	}
	ids := listIDs(c.ListDesired())
	if len(ids) == 0 { // PM2 is just restarting all
		ids = listIDs(c.Now.Workers)
	}
	return Diagnosis{
		Cause: engine.WatchLoop, Subject: path, IDs: ids, Confidence: 0.85,
		Evidence: []engine.Fact{{Source: "pm2.log", Text: fmt.Sprintf("PM2 has seen %s change, which it watches, %s in %s, and has started the app anew each time",
			path, formatCount(len(rounds), "time"), (c.Now.At - rounds[0]).Round(time.Second))}},
		RuledOut: []engine.Ruled{
			{Cause: engine.BootCrash, Fact: "PM2 has ended the processes: none of them died by itself"},
			{Cause: engine.CronRestart, Fact: "PM2 names the file that it has seen change"},
		},
		Human: "PM2 watches " + path + " and starts the app anew whenever it changes, and it changes after each start: put it into ignore_watch, let the app write elsewhere, or take watch out, which is for development",
	}, true
}

// findWatched returns the file that has changed most often, and when, within memory. Several
// watchers tell of one change.
func (c Facts) findWatched() (path string, rounds []time.Duration) {
	all := map[string][]time.Duration{}
	for _, e := range c.watched.selectSince(c.subtractFromNow(memory)) {
		if n := len(all[e.Text]); n == 0 || e.At-all[e.Text][n-1] > oneChange {
			all[e.Text] = append(all[e.Text], e.At)
		}
		if len(all[e.Text]) > len(rounds) {
			path, rounds = e.Text, all[e.Text]
		}
	}
	return path, rounds
}
