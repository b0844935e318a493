package pm2

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

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

// Event is one message of the bus.
type Event struct {
	Topic string
	At    time.Time // the daemon's clock
	Event string    // of TopicEvent: start, online, exit, restart overlimit, ...
	ID    int       // pm_id; -1 when it is none ("_old_3", or the daemon itself)
	Old   bool      // the outgoing half of a reload
	Name  string    // of the app
	Text  string    // of a log: its data; of an exception: message and stack
}

// Bus is a subscription to the daemon's pub.sock.
type Bus struct {
	conn    net.Conn
	events  chan Event
	closing atomic.Bool
	mu      sync.Mutex
	err     error
}

// busBuffer is how many events may wait for a slow reader. Beyond it the
// subscription stops reading, and the daemon's socket buffers take over: an
// event is late, never lost on this side, and memory is bounded.
const busBuffer = 1024

// Subscribe connects to the bus and delivers the topics asked for, all of them
// if none is named; others cost no decoding. Like Dial it starts no daemon and
// gives ErrDaemonDead when there is none.
func Subscribe(ctx context.Context, home string, topics ...string) (*Bus, error) {
	conn, err := dial(ctx, filepath.Join(home, "pub.sock"))
	if err != nil {
		return nil, err
	}
	b := &Bus{conn: conn, events: make(chan Event, busBuffer)}
	want := map[string]bool{}
	for _, t := range topics {
		want["s:"+t] = true
	}
	go b.read(want)
	return b, nil
}

// Events delivers what happens, in order. It closes when the subscription has
// ended; Err then says why.
func (b *Bus) Events() <-chan Event { return b.events }

// Err says why Events closed: nil after Close, ErrDaemonDead if the daemon went.
func (b *Bus) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// Close ends the subscription. Events that wait are dropped.
func (b *Bus) Close() error {
	b.closing.Store(true)
	return b.conn.Close()
}

func (b *Bus) read(want map[string]bool) {
	defer close(b.events)
	r := axon.NewReader(b.conn)
	keep := func(topic []byte) bool { return len(want) == 0 || want[string(topic)] }
	for {
		m, err := r.Read(keep)
		if err != nil {
			b.end(err)
			return
		}
		if len(m) < 2 {
			continue
		}
		e, ok := parseEvent(m)
		for ok && !b.closing.Load() {
			select {
			case b.events <- e:
				ok = false
			case <-time.After(busPatience):
			}
		}
	}
}

// busPatience is how often a subscription that waits for its reader looks
// whether it has been closed meanwhile.
const busPatience = 100 * time.Millisecond

func (b *Bus) end(err error) {
	switch {
	case b.closing.Load():
		err = nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, unix.ECONNRESET):
		err = fmt.Errorf("cannot follow PM2's bus: %w: it closed the connection", ErrDaemonDead)
	default:
		err = fmt.Errorf("cannot follow PM2's bus: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
	_ = b.conn.Close() // it is of no use; the reason is in err
}

// parseEvent decodes a bus message. Payloads are whatever PM2 or an app put
// there: what does not fit is left empty, and a message that is no object is
// passed over.
func parseEvent(m axon.Message) (Event, bool) {
	topic, ok := axon.AsText(m[0])
	if !ok {
		return Event{}, false
	}
	var body struct {
		At      millis          `json:"at"`
		Event   scalar          `json:"event"`
		Data    json.RawMessage `json:"data"`
		Raw     json.RawMessage `json:"raw"`
		Process struct {
			ID   json.RawMessage `json:"pm_id"`
			Name scalar          `json:"name"`
		} `json:"process"`
	}
	if err := axon.AsJSON(m[1], &body); err != nil {
		return Event{}, false
	}
	e := Event{
		Topic: topic, At: body.At.time(), Event: string(body.Event), ID: parseID(body.Process.ID),
		Name: string(body.Process.Name), Text: text(topic, body.Data),
	}
	e.Old = len(body.Process.ID) > 6 && string(body.Process.ID[:6]) == `"_old_`
	if len(body.Raw) > 0 {
		e.Text = text(topic, body.Raw)
	}
	return e, true
}

// text is what a person reads of a payload: log lines as they are, exceptions
// by message and stack, anything else as JSON.
func text(topic string, data json.RawMessage) string {
	if len(data) == 0 {
		return ""
	}
	var line string
	if json.Unmarshal(data, &line) == nil {
		return line
	}
	var exception struct {
		Message string `json:"message"`
		Stack   string `json:"stack"`
	}
	if topic == TopicException && json.Unmarshal(data, &exception) == nil {
		if exception.Stack != "" {
			return exception.Stack
		}
		return exception.Message
	}
	return string(data)
}
