package observe

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// listTopics lists those of PM2's bus that the engine reads.
func listTopics() []string {
	return []string{pm2.TopicEvent, pm2.TopicException, pm2.TopicErr, pm2.TopicOut, pm2.TopicLog, pm2.TopicKill}
}

// stopping is what the daemon logs before it ends a process that somebody asked
// it to end, by command, RPC, cron, watch or memory limit alike
// (God/ActionMethods.js:304). The id of a process that a reload replaces is "_old_N". It is
// the whole of a message: an app's name stands in others of the daemon's, and an app may
// change its own (Daemon.js, axm:option:configuration), to one of several lines too.
var stopping = regexp.MustCompile(`\AStopping app:(.*) id:(\d+)\s*\z`)

// ended is what the daemon logs last when it was told to end (Daemon.js:286).
const ended = "PM2 successfully stopped"

// translate reduces a message of the bus to what rules read. Messages about
// other apps, and about processes that a reload is replacing, come to nothing.
func translate(e pm2.Event, app string, at time.Duration) []Event {
	switch e.Topic {
	case pm2.TopicKill:
		return []Event{{At: at, Kind: KindKilled, ID: -1}}
	case pm2.TopicLog:
		return translateDaemonLog(e.Text, app, at)
	}
	if e.Name != app || e.Old || e.ID < 0 {
		return nil
	}
	switch e.Topic {
	case pm2.TopicErr:
		return []Event{{At: at, Kind: KindError, ID: e.ID, Text: nodeerr.Clip(e.Text, maxText)}}
	case pm2.TopicOut:
		if nodeerr.IsLogged(e.Text) { // most loggers write errors there, too
			return []Event{{At: at, Kind: KindError, ID: e.ID, Text: nodeerr.Clip(e.Text, maxText)}}
		}
	case pm2.TopicException:
		return []Event{{At: at, Kind: KindException, ID: e.ID, Text: nodeerr.Clip(e.Text, maxText)}}
	case pm2.TopicEvent:
		return translateProcess(e, at)
	}
	return nil
}

// maxText bounds the text of one event, in bytes: a stack, not a dump.
const maxText = 4096

func translateProcess(e pm2.Event, at time.Duration) []Event {
	switch e.Event {
	case "exit":
		return []Event{{At: at, Kind: KindExit, ID: e.ID}}
	case "online":
		return []Event{{At: at, Kind: KindOnline, ID: e.ID}}
	case "restart overlimit":
		return []Event{{At: at, Kind: KindOverlimit, ID: e.ID}}
	case "stop", "restart", "reload", "delete":
		// Only PM2's command sends these (API.js), after it has acted.
		return []Event{{At: at, Kind: KindAsked, ID: e.ID, Text: e.Event}}
	}
	return nil
}

// translateDaemonLog finds in a message of the daemon's own log which worker was asked to
// end.
func translateDaemonLog(text, app string, at time.Duration) []Event {
	if strings.TrimSpace(text) == ended {
		return []Event{{At: at, Kind: KindKilled, ID: -1}}
	}
	m := stopping.FindStringSubmatch(text)
	if m == nil || m[1] != app {
		return nil
	}
	id, err := strconv.Atoi(m[2])
	if err != nil {
		return nil
	}
	return []Event{{At: at, Kind: KindStopping, ID: id}}
}
