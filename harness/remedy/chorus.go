package remedy

import (
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// Limits of a chorus.
const (
	together = 200 * time.Millisecond // all voices come within
	silent   = 500 * time.Millisecond // nobody has said the like for that long before
	onTime   = 150 * time.Millisecond // after a full second, which is when schedulers fire
	maxHeard = 500                    // templates that are kept in mind
	maxLine  = 300                    // bytes of a line that are compared
)

// chorus listens to what workers write to stdout and hears when several of them
// say the same, word for word, at the same full second: what a job does that
// every worker runs. Requests come when they like and overlap; a heartbeat of
// each worker's own timer keeps the phase of its start. It keeps no line.
type chorus struct {
	heard map[string]*verse // by the line with its numbers masked
}

// verse is one line's latest appearance.
type verse struct {
	begun, last time.Duration
	line        string // word for word
	voices      map[int]bool
	spoilt      bool // not said by each worker once, in the same words, on time
}

// hear takes in what a worker wrote, and returns an event for each voice that
// joined another one. phase is how far the wall clock is past a full second.
func (c *chorus) hear(id int, text string, at, phase time.Duration) []Event {
	var out []Event
	for line := range strings.Lines(text) {
		line = nodeerr.Clip(strings.TrimSpace(line), maxLine)
		key := nodeerr.Normalise(line)
		b := c.heard[key]
		if b == nil || at-b.last >= silent {
			if c.heard == nil || len(c.heard) >= maxHeard {
				c.heard = map[string]*verse{}
			}
			c.heard[key] = &verse{begun: at, last: at, line: line, voices: map[int]bool{id: true}, spoilt: phase > onTime}
			continue
		}
		b.last = at
		b.spoilt = b.spoilt || b.voices[id] || b.line != line || at-b.begun > together
		b.voices[id] = true
		if !b.spoilt {
			out = append(out, Event{At: at, Kind: KindChorus, ID: id, Text: key})
		}
	}
	return out
}
