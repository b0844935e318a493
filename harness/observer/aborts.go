package observer

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
)

// abortsEvery is how often pm2.log is looked at: the words come shortly before the end of a
// process, and may be heard a second after it (promise.Endings).
const abortsEvery = 250 * time.Millisecond

// followAborts prints the lines of pm2.log in which Node and V8 say of what they end a process, or
// that somebody debugs it. A cluster worker has the daemon's stderr, which is that file, and PM2's bus hears nothing of it.
func (o *observer) followAborts(ctx context.Context) {
	a := aborts{name: o.cfg.Space.Path(filepath.Join(o.cfg.Home, "pm2.log"))}
	tick := time.NewTicker(abortsEvery)
	defer tick.Stop()
	for {
		for _, line := range a.read() {
			o.w.writeLine(evidence.Line{Event: &evidence.Event{At: host.Now(), Topic: classifyNative(line), ID: -1, Name: "PM2", Text: line}})
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// classifyNative returns the topic of a line that Node or V8 has written by itself, "" for any
// other line.
func classifyNative(line string) string {
	switch {
	case strings.Contains(line, "FATAL ERROR"), strings.Contains(line, "Fatal error"):
		return evidence.TopicAbort
	case strings.HasPrefix(line, "Debugger listening on "), strings.HasPrefix(line, "Debugger attached."):
		return evidence.TopicDebugger
	}
	return ""
}

// aborts reads what is appended to pm2.log.
type aborts struct {
	name string
	at   int64  // what has been read, bytes
	rest []byte // of it, the beginning of a line
}

// read returns the lines since the last time that tell of an abort or of a debugger. A file that cannot be read
// has none; one that has become shorter is another one.
func (a *aborts) read() (lines []string) {
	if info, err := os.Stat(a.name); err != nil || info.Size() == a.at {
		return nil
	} else if info.Size() < a.at {
		a.at, a.rest = 0, nil
	}
	f, err := os.Open(a.name)
	if err != nil {
		return nil
	}
	defer f.Close()
	more, err := io.ReadAll(io.NewSectionReader(f, a.at, maxAborts))
	if err != nil {
		return nil
	}
	a.at += int64(len(more))
	text := append(a.rest, more...)
	end := bytes.LastIndexByte(text, '\n') + 1
	a.rest = bytes.Clone(text[end:])
	for line := range strings.Lines(string(text[:end])) {
		if classifyNative(line) != "" {
			lines = append(lines, strings.TrimSpace(line[:min(len(line), maxText)]))
		}
	}
	return lines
}

// maxAborts bounds what is read of pm2.log at a time, bytes.
const maxAborts = 1 << 20
