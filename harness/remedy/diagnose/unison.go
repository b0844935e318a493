package diagnose

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// minUnisons is how often workers must have said the same at the same time: less
// may be chance, or the outgoing half of a rolling restart.
const minUnisons = 5

// diagnoseUnison returns a diagnosis where all workers say the same, word for word, at full seconds, time
// after time at an even distance. A job that every worker schedules does that; two
// leaders of a reload, or two heartbeats that began in the same instant because
// PM2 reloads two workers at a time, leave the others out. Whether its work is done several times over only its own database knows,
// so people are told and nothing is done.
func diagnoseUnison(c Facts) (Diagnosis, bool) {
	if len(c.unison.all) < minUnisons {
		return Diagnosis{}, false
	}
	said := map[string][]observe.Event{}
	for _, e := range c.unison.all {
		if e.At >= c.subtractFromNow(memory) {
			said[e.Text] = append(said[e.Text], e)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(said)) {
		_, times := splitUnison(said[line])
		if len(times) < minUnisons || !isEven(times[len(times)-minUnisons:]) {
			continue
		}
		since := times[len(times)-minUnisons]
		ids, _ := splitUnison(slices.DeleteFunc(said[line], func(e observe.Event) bool { return e.At < since }))
		if len(ids) < c.countLiving()-1 {
			continue // who begins it is not among those who join
		}
		period := times[len(times)-1] - times[len(times)-2]
		if c.Now.At-times[len(times)-1] > 2*period {
			continue // it is over
		}
		return Diagnosis{
			Cause: engine.EverybodyLeads, Subject: line, IDs: ids, Confidence: 0.6,
			Evidence: []engine.Fact{
				{Source: "log", Text: fmt.Sprintf("%d times in a row all workers wrote the same line in the same instant, every %s", len(times), period.Round(time.Second))},
				{Source: "log", Text: line},
			},
			RuledOut: []engine.Ruled{
				{Cause: engine.LeaderMissing, Fact: "the work is done"},
				{Cause: engine.Undetermined, Fact: "requests do not come at full seconds, and a worker's own timer keeps the phase of its start"},
			},
			Human: "one worker only may schedule the job: take a lock in the database, or give the job a process of its own (a guard by NODE_APP_INSTANCE fails when the app is scaled or reloaded); then check what was done more than once",
		}, true
	}
	return Diagnosis{}, false
}

// splitUnison returns the workers that joined another one in a line, and when each such line
// was said for the first time.
func splitUnison(events []observe.Event) (ids []int, times []time.Duration) {
	for _, e := range events {
		if !slices.Contains(ids, e.ID) {
			ids = append(ids, e.ID)
		}
		if n := len(times); n == 0 || e.At-times[n-1] > observe.Together {
			times = append(times, e.At)
		}
	}
	slices.Sort(ids)
	return ids, times
}

// isEven reports whether the moments are at about the same distance.
func isEven(times []time.Duration) bool {
	first := times[1] - times[0]
	for i := 2; i < len(times); i++ {
		if d := times[i] - times[i-1]; d < first*8/10 || d > first*12/10 {
			return false
		}
	}
	return true
}
