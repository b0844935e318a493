package pm2

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tidwall/gjson"
)

// ErrFlood: the peer sends more than PM2's daemon can have to say. The connection is of no
// more use.
var ErrFlood = errors.New("it floods the connection")

// What is read in a second. A daemon is one thread of Node: writing some 30,000 log lines
// a second to its bus leaves it no time for anything else.
const (
	maxBytes  = 64 << 20
	maxFrames = 50_000
)

// meter counts what comes over a connection and ends it when that is too much.
type meter struct {
	r      io.Reader
	now    func() time.Time
	second time.Time // since when bytes and frames are counted
	bytes  int
	frames int
}

// Read reads on.
func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	m.bytes += n
	if m.isOver() {
		return n, fmt.Errorf("%w: %d bytes within a second", ErrFlood, m.bytes)
	}
	return n, err
}

// countFrame counts a message, and returns ErrFlood if too many have come within a
// second.
func (m *meter) countFrame() error {
	m.frames++
	if m.isOver() {
		return fmt.Errorf("%w: %d messages within a second", ErrFlood, m.frames)
	}
	return nil
}

// isOver reports whether too much has come within a second. It reads the clock only then.
func (m *meter) isOver() bool {
	if m.bytes <= maxBytes && m.frames <= maxFrames {
		return false
	}
	now := m.now()
	within := now.Sub(m.second) < time.Second
	if !within {
		m.second, m.bytes, m.frames = now, 0, 0
	}
	return within
}

// maxNesting is how deep objects and lists may lie within each other. PM2's own lie seven
// deep, an app's settings and messages may add some.
const maxNesting = 200

// isSound reports whether a text is JSON that is not nested deeper than a recursive
// parser can bear: Go ends the whole process when a stack has grown to 1 GB.
func isSound(text []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxNesting {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return gjson.ValidBytes(text)
}
