package pm2

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/pm2drill/pm2drill/harness/pm2/internal/axon"
)

// Topics of the bus. Apps may publish under any other, and under these.
const (
	TopicEvent     = "process:event"     // start, online, exit, restart overlimit, ...
	TopicException = "process:exception" // an uncaught exception or a rejected promise
	TopicMessage   = "process:msg"       // what a worker sent with process.send
	TopicOut       = "log:out"           // a worker's stdout
	TopicErr       = "log:err"           // a worker's stderr, also at boot, when the log file stays empty
	TopicLog       = "log:PM2"           // the daemon's own log
	TopicKill      = "pm2:kill"          // the daemon is told to end
)

// MaxText is the most bytes of an Event's text; the rest is cut off.
const MaxText = 64 << 10

// Event is one message of the bus. The environment of the process, which PM2
// sends along with every process:event, is left out.
type Event struct {
	Topic string
	At    time.Time // the daemon's clock
	// Event, of TopicEvent: start, online, exit, restart overlimit. A stop or a
	// reload gives exit twice. restart, reload and stop come only from PM2's
	// command line, after the fact; deletion is not told.
	Event string
	ID    int    // pm_id; -1 when it is none ("_old_3", or the daemon itself)
	Old   bool   // the outgoing half of a reload
	Name  string // of the app
	// Text is the data of a log, the stack (or else the message) of an exception,
	// and what an app sent otherwise: text as it is, anything else as JSON.
	Text string
}

// chat reports whether it is apps that decide how much comes of it.
func (e Event) chat() bool {
	switch e.Topic {
	case TopicEvent, TopicException, TopicLog, TopicKill:
		return false
	}
	return true
}

// parseEvent decodes a bus message: topic and {at, process, ...}. Payloads are
// whatever PM2 or an app put there: what does not fit is left empty, and what is
// no message at all is refused.
func parseEvent(m axon.Message) (Event, bool) {
	if len(m) != 2 {
		return Event{}, false
	}
	topic, isText := axon.AsText(m[0])
	body, isJSON := axon.AsJSON(m[1])
	if !isText || !isJSON || !gjson.ValidBytes(body) {
		return Event{}, false
	}
	e := Event{Topic: clip(topic), ID: -1}
	gjson.ParseBytes(body).ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "at":
			e.At = date(value)
		case "event":
			e.Event = clip(value.String())
		case "data", "raw":
			e.Text = said(topic, value)
		case "process":
			e.of(value)
		}
		return true
	})
	return e, true
}

// of takes in the process that an event is about. For process:event that is all
// of its pm2_env, so the walk ends when what is wanted has been seen.
func (e *Event) of(process gjson.Result) {
	left := 2
	process.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "pm_id":
			e.ID = id(value)
			e.Old = strings.HasPrefix(value.Str, "_old_")
			left--
		case "name":
			e.Name = clip(value.String())
			left--
		}
		return left > 0
	})
}

// said is what a person reads of a payload.
func said(topic string, data gjson.Result) string {
	if topic == TopicException && data.IsObject() {
		for _, key := range []string{"stack", "message"} {
			if s := data.Get(key); s.Type == gjson.String && s.Str != "" {
				return clip(s.Str)
			}
		}
	}
	if data.Type == gjson.String {
		return clip(data.Str)
	}
	return clip(data.Raw)
}

// clip copies at most MaxText bytes, not ending within a character.
func clip(s string) string {
	if len(s) > MaxText {
		end := MaxText
		for end > MaxText-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	return strings.Clone(s)
}
