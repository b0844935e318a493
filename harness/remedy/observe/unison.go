package observe

import (
	"regexp"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// Limits of what is said in unison.
const (
	Together = 200 * time.Millisecond // all workers say it within
	silent   = 500 * time.Millisecond // nobody has said the like for that long before
	onTime   = 150 * time.Millisecond // after a full second, which is when schedulers fire
	rare     = 50 * time.Second       // a line that comes less often, at full minutes, is a scheduler's
	maxHeard = 500                    // templates that are kept in mind
	maxLine  = 300                    // bytes of a line that are compared
)

// unisonDetector listens to what workers write to stdout and hears when several of them
// do the same piece of work at the same full second, as a job does that every worker runs.
// That they write the same line word for word is not enough: so do workers that poll a queue
// with a timer each, if their timers happen to be in step. The line must tell of another piece
// of work each time, such as "invoice 4711 sent", or come at full minutes. Requests come when
// they like and overlap; a worker's own timer keeps the phase of its start. It keeps one line
// of each kind.
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
// joined another one. past is how far the wall clock is past a full minute.
func (c *unisonDetector) hear(id int, text string, at, past time.Duration) []Event {
	var out []Event
	for line := range strings.Lines(text) {
		line = nodeerr.Clip(strings.TrimSpace(line), maxLine)
		key := nodeerr.Normalise(line)
		b := c.heard[key]
		if b == nil || at-b.last >= silent {
			if c.heard == nil || len(c.heard) >= maxHeard {
				c.heard = map[string]*sharedLine{}
			}
			c.heard[key] = &sharedLine{
				begun: at, last: at, line: line, speakers: map[int]bool{id: true},
				spoilt: past%time.Second > onTime || !isWorkLine(b, line, at, past),
			}
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

// isWorkLine reports whether a line tells of another piece of work than its last
// appearance, or comes as rarely, and as punctually, as only a scheduler has it come.
func isWorkLine(before *sharedLine, line string, at, past time.Duration) bool {
	if before == nil {
		return false
	}
	return cutTimes(before.line) != cutTimes(line) || at-before.begun >= rare && past <= onTime
}

// cutTimes takes the times out of a line: they differ each time, whatever was done.
func cutTimes(line string) string { return times.ReplaceAllString(line, "") }

var times = regexp.MustCompile(`\d{4}-\d\d-\d\d|\d{1,2}:\d\d:\d\d([.,]\d+)?|^\W*\d{10}(\d{3})?\b|"(@?timestamp|time|ts)":\s*"?\d+(\.\d+)?`)
