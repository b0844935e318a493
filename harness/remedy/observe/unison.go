package observe

import (
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// Limits of what is said in unison.
const (
	Together = 200 * time.Millisecond // all workers say it within
	silent   = 500 * time.Millisecond // nobody has said the like for that long before
	onTime   = 150 * time.Millisecond // after a full second, which is when schedulers fire
	maxHeard = 500                    // templates that are kept in mind
	maxLine  = 300                    // bytes of a line that are compared
)

// unisonDetector listens to what workers write to stdout and hears when several of them
// say the same, word for word, at the same full second: what a job does that
// every worker runs. Requests come when they like and overlap; a heartbeat of
// each worker's own timer keeps the phase of its start. It keeps no line.
type unisonDetector struct {
	heard map[string]*sharedLine // by the line with its numbers masked
}

// sharedLine is one line's latest appearance.
type sharedLine struct {
	begun, last time.Duration
	line        string // word for word
	speakers    map[int]bool
	spoilt      bool // not said by each worker once, in the same words, on time
}

// hear takes in what a worker wrote, and returns an event for each voice that
// joined another one. phase is how far the wall clock is past a full second.
func (c *unisonDetector) hear(id int, text string, at, phase time.Duration) []Event {
	var out []Event
	for line := range strings.Lines(text) {
		line = nodeerr.Clip(strings.TrimSpace(line), maxLine)
		key := nodeerr.Normalise(line)
		b := c.heard[key]
		if b == nil || at-b.last >= silent {
			if c.heard == nil || len(c.heard) >= maxHeard {
				c.heard = map[string]*sharedLine{}
			}
			c.heard[key] = &sharedLine{begun: at, last: at, line: line, speakers: map[int]bool{id: true}, spoilt: phase > onTime}
			continue
		}
		b.last = at
		b.spoilt = b.spoilt || b.speakers[id] || b.line != line || at-b.begun > Together
		b.speakers[id] = true
		if !b.spoilt {
			out = append(out, Event{At: at, Kind: KindUnison, ID: id, Text: key})
		}
	}
	return out
}
