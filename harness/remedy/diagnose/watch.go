package diagnose

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// watchLoop is how often watch must have started the app anew within memory: a developer, or a
// deployment, may change some files one after the other.
const watchLoop = 5

// findWatchLoop finds that PM2's watch starts the app anew again and again, as it does where the
// app writes into a folder that is watched, and since when. PM2 says of it what it says of any
// restart that it is asked for, and has a line in pm2.log for each change.
func (c Facts) findWatchLoop() (since time.Duration, seen engine.Fact, ok bool) {
	var times []observe.Event // each worker's watch sees the same change
	for _, e := range c.watched.selectSince(c.subtractFromNow(memory)) {
		if len(times) == 0 || e.At-times[len(times)-1].At > atOnce {
			times = append(times, e)
		}
	}
	if len(times) < watchLoop {
		return 0, engine.Fact{}, false
	}
	last := times[len(times)-1]
	return times[0].At, engine.Fact{Source: "pm2.log", Text: fmt.Sprintf("PM2's watch has started the app anew %s in %s, for the last time because %s has changed",
		formatCount(len(times), "time"), (last.At - times[0].At).Round(time.Second), last.Text)}, true
}
