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
	Space string // namespace of the app
	// Text is the data of a log, the stack (or else the message) of an exception,
	// and what an app sent otherwise: text as it is, anything else as JSON.
	Text string
}

// isChat reports whether apps decide how many such events come.
func (e Event) isChat() bool {
	switch e.Topic {
	case TopicEvent, TopicException, TopicLog, TopicKill:
		return false
	}
	return true
}

// parseEvent decodes a bus message: topic and {at, process, ...}. Payloads are
// whatever PM2 or an app put there: what does not fit is left empty, and what is
// no message at all, or is forged, is refused.
func parseEvent(m axon.Message) (Event, bool) {
	if len(m) != 2 {
		return Event{}, false
	}
	topic, isText := axon.AsText(m[0])
	body, isJSON := axon.AsJSON(m[1])
	if !isText || !isJSON || !isSound(body) {
		return Event{}, false
	}
	message := gjson.ParseBytes(body)
	if isForged(topic, message) {
		return Event{}, false
	}
	e := Event{Topic: clip(topic), ID: -1}
	message.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "at":
			e.At = parseDate(value)
		case "event":
			e.Event = clip(value.String())
		case "data", "raw":
			e.Text = findText(topic, value)
		case "process":
			e.readProcess(value)
		}
		return true
	})
	return e, true
}

// isForged reports whether an app has sent a message under a topic on which only PM2
// itself speaks.
//
// An app chooses topic and data: process.send({type, data}) comes out as
// {at, data, process: {pm_id, name, rev, namespace}}, where PM2 fills in all but data
// (God/ClusterMode.js:75; God/ForkMode.js:231 has versioning for rev), and
// process.send of anything else as process:msg with raw (God/ClusterMode.js:94). What
// PM2 says itself has another form:
//
//	process:event  {event, manually, process, at}: event and no data (Event.js:12, 25)
//	log:PM2        process.pm_id is the text "PM2", an app's is a number (Utility.js:113)
//	pm2:kill       {status, msg}: neither process nor data (Daemon.js:259, 334)
//
// The other topics are apps' own: with log:err and process:exception an app can only
// speak of itself, as PM2 fills in who it is.
func isForged(topic string, message gjson.Result) bool {
	has := func(key string) bool { return message.Get(key).Exists() }
	switch topic {
	case TopicEvent:
		return !has("event") || has("data") || has("raw")
	case TopicKill:
		return has("process") || has("data") || has("raw")
	case TopicLog:
		sender := message.Get("process.pm_id")
		return sender.Type != gjson.String || sender.Str != daemonID
	}
	return false
}

// daemonID is the pm_id by which the daemon calls itself.
const daemonID = "PM2"

// readProcess takes in the process that an event is about. For process:event that is all
// of its pm2_env, so it ends when what is wanted has been seen.
func (e *Event) readProcess(process gjson.Result) {
	left := 3
	process.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "pm_id":
			e.ID = parseID(value)
			e.Old = strings.HasPrefix(value.Str, "_old_")
			left--
		case "name":
			e.Name = clip(value.String())
			left--
		case "namespace":
			e.Space = clip(value.String())
			left--
		}
		return left > 0
	})
}

// findText returns what a person reads of a payload.
func findText(topic string, data gjson.Result) string {
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
