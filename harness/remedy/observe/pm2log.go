package observe

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// pm2Log follows pm2.log, where alone stands what Node says of a cluster worker that PM2's
// wrapper is not in, or no longer: a bad option, a preload that is missing, a heap that is
// exhausted. Such lines have no prefix. PM2's "App name:NAME id:ID disconnected" follows them at
// once, and "App [NAME:ID] exited with code [N] via signal [S]" (God.js:361). What PM2 cannot
// start at all it says itself: "PM2 error: Error: spawn NAME ENOENT".
//
//	lines --- disconnected: the worker takes them --- exited: they are its last words
type pm2Log struct {
	name  string // of the file
	app   string
	read  int64 // bytes of it
	begun bool
	rest  string         // a line that is not complete yet
	lines []string       // the latest that have no prefix
	heard time.Duration  // when they were read
	taken map[int]string // by workers of the app that are about to end
	asked map[int]bool   // workers that PM2 has said it stops
	last  int            // the worker that PM2 started last, -1 if another app's
}

// KilledByPM2 is the Text of KindEnded where PM2 sent the signal.
const KilledByPM2 = "SIGKILL after PM2's kill_timeout"

// Bounds of what is read.
const (
	maxPM2Log = 64 << 10        // bytes of pm2.log, at a look
	maxSaid   = 40              // lines that are kept
	saidFor   = 5 * time.Second // lines belong to an end that follows within
)

// aboutApp matches PM2's lines on a worker: its app's name and id, and what is said.
var aboutApp = regexp.MustCompile(`^[^ ]+ PM2 log: App (?:\[(.*):(\d+)\]|name:(.*) id:(\d+)) (starting in|disconnected|exited with code \[(-?\d+)\] via signal \[(\w+)\])`)

// stopLine matches PM2's line before it asks a worker to end (God/ActionMethods.js:304).
var stopLine = regexp.MustCompile(`^[^ ]+ PM2 log: Stopping app:(.*) id:(\d+)$`)

// watchLine matches PM2's line when watch has it start an app anew (Watcher.js:64).
var watchLine = regexp.MustCompile(`^[^ ]+ PM2 log: Change detected on path (.*) for app (.*) - restarting$`)

// ownLine matches the beginning of a line that PM2 itself writes.
var ownLine = regexp.MustCompile(`^[^ ]+ PM2 (log|error): `)

func newPM2Log(home, app string) *pm2Log {
	return &pm2Log{name: filepath.Join(home, "pm2.log"), app: app, last: -1, taken: map[int]string{}, asked: map[int]bool{}}
}

// look reads what has been added and returns what it says of workers' ends, as events. What was
// there before the first look is of the past, and only remembered. A file that cannot be
// read says nothing.
func (l *pm2Log) look(at time.Duration) []Event {
	text, info, err := host.TailFrom(l.name, l.read, maxPM2Log)
	if err != nil {
		return nil
	}
	past := !l.begun
	l.begun, l.read = true, info.Size()
	var out []Event
	whole := l.rest + string(text)
	for line := range strings.Lines(whole) {
		if !strings.HasSuffix(line, "\n") && len(line) < maxPM2Log {
			l.rest = line
			return dropPast(out, past)
		}
		out = append(out, l.readLine(strings.TrimRight(line, "\r\n"), at)...)
	}
	l.rest = ""
	return dropPast(out, past)
}

func dropPast(events []Event, past bool) []Event {
	if past {
		return nil
	}
	return events
}

// readLine takes in one line.
func (l *pm2Log) readLine(line string, at time.Duration) []Event {
	m := aboutApp.FindStringSubmatch(line)
	if s := stopLine.FindStringSubmatch(line); s != nil && s[1] == l.app {
		if id, err := strconv.Atoi(s[2]); err == nil {
			l.asked[id] = true
		}
		return nil
	}
	if w := watchLine.FindStringSubmatch(line); w != nil && w[2] == l.app {
		return []Event{{At: at, Kind: KindWatched, ID: -1, Text: w[1]}}
	}
	if m == nil {
		return l.hear(line, at)
	}
	id, err := strconv.Atoi(m[2] + m[4])
	if err != nil || m[1]+m[3] != l.app {
		if l.last = -1; !strings.HasPrefix(m[5], "starting") {
			l.lines = nil // they were that app's
		}
		return nil
	}
	switch {
	case strings.HasPrefix(m[5], "starting"):
		l.last = id
		delete(l.asked, id)
	case m[5] == "disconnected":
		l.take(id, at)
	default:
		return l.end(id, m[6], m[7], at)
	}
	return nil
}

// take gives the lines that nobody has explained to a worker that is about to end.
func (l *pm2Log) take(id int, at time.Duration) {
	if at-l.heard <= saidFor {
		l.taken[id] = pickError(l.lines)
	}
}

// end takes in the end of a worker, and returns how it was and what was said before it.
func (l *pm2Log) end(id int, code, signal string, at time.Duration) []Event {
	if _, ok := l.taken[id]; !ok {
		l.take(id, at)
	}
	text := l.taken[id]
	delete(l.taken, id)
	l.lines = nil
	out := []Event{{At: at, Kind: KindEnded, ID: id, Text: describeEnd(code, signal, l.asked[id])}}
	if text != "" {
		out = append(out, Event{At: at, Kind: KindPM2Log, ID: id, Text: text})
	}
	return out
}

// describeEnd puts PM2's word on an end into one: PM2 says SIGINT where there was no signal,
// and code 0 of a cluster worker that died of an exception (ProcessContainer.js:265). A worker that
// PM2 had asked to end it kills itself after kill_timeout (God/Methods.js:195).
func describeEnd(code, signal string, asked bool) string {
	if asked && signal == "SIGKILL" {
		return KilledByPM2
	}
	if signal != "SIGINT" {
		return signal
	}
	return "exit code " + code
}

// hear takes in a line that is not PM2's word on a worker.
func (l *pm2Log) hear(line string, at time.Duration) []Event {
	if own := ownLine.FindString(line); own != "" {
		line = line[len(own):]
		if l.last < 0 || nodeerr.Read(line).Class != nodeerr.NoCommand {
			return nil
		}
		return []Event{{At: at, Kind: KindPM2Log, ID: l.last, Text: nodeerr.Clip(line, maxText)}} // no process, so no end
	}
	if at-l.heard > saidFor {
		l.lines = nil
	}
	l.heard = at
	if l.lines = append(l.lines, line); len(l.lines) > maxSaid {
		l.lines = l.lines[1:]
	}
	return nil
}

// pickError returns lines as one text if they tell of an error, "" otherwise: Node warns there too.
func pickError(lines []string) string {
	text := nodeerr.Clip(strings.TrimSpace(strings.Join(lines, "\n")), maxText)
	if r := nodeerr.Read(text); r.Class == nodeerr.Unknown && !r.Error {
		return ""
	}
	return text
}
