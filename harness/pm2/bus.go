package pm2

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2/internal/axon"
)

// Bounds of what a subscription holds in memory: busBuffer events of at most
// MaxText bytes each.
const (
	busBuffer  = 1024
	chatBuffer = busBuffer * 3 / 4
	maxEvent   = 4 << 20 // bytes of a message; longer ones are passed over and counted
)

// Bus is a subscription to the daemon's pub.sock.
//
// It always reads on, whether or not its events are taken: what a subscriber
// does not read piles up in the daemon's own memory, without limit (pm2-axon's
// pub.js writes to every socket regardless). So when the reader of Events falls
// 1024 events behind, further ones are dropped and counted. What apps write
// (logs, messages) may take only three quarters of the room, so that a flood of
// it does not cost the events of processes. A peer that sends more than a daemon can
// ends the subscription: ErrFlood.
type Bus struct {
	conn    net.Conn
	want    map[string]bool // topic arguments as on the wire; empty: all
	events  chan Event
	dropped atomic.Int64
	closing atomic.Bool

	mu  sync.Mutex
	err error
}

// Subscribe connects to the bus and delivers the topics asked for, all of them
// if none is named; others cost no decoding. Like Dial it starts no daemon and
// gives ErrDaemonDead when there is none. PM2 keeps nothing for latecomers, and
// does not say when it has taken a subscriber on: an event within the first
// millisecond or so may be missed.
func Subscribe(ctx context.Context, home string, topics ...string) (*Bus, error) {
	conn, _, err := dial(ctx, home, "pub.sock")
	if err != nil {
		return nil, err
	}
	b := &Bus{conn: conn, want: map[string]bool{}, events: make(chan Event, busBuffer)}
	for _, t := range topics {
		b.want[string(axon.Text(t))] = true
	}
	go b.read()
	return b, nil
}

// Events delivers what happens, in order. It closes when the subscription has
// ended; Err then says why.
func (b *Bus) Events() <-chan Event { return b.events }

// Dropped counts the events that were asked for and lost: nobody took them in
// time, or they were longer than 4 MiB or not in PM2's form. What apps have forged
// in PM2's name (see forged) is among them.
func (b *Bus) Dropped() int64 { return b.dropped.Load() }

// Err says why Events closed: nil after Close, ErrDaemonDead if the daemon went.
func (b *Bus) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// Close ends the subscription. Events that wait can still be taken.
func (b *Bus) Close() error {
	b.closing.Store(true)
	return b.conn.Close()
}

func (b *Bus) read() {
	defer close(b.events)
	m := &meter{r: b.conn, now: time.Now}
	r := axon.NewReader(m, maxEvent)
	keep := func(topic []byte) bool { return len(b.want) == 0 || b.want[string(topic)] }
	for {
		message, err := r.Read(keep)
		if err == nil {
			err = m.countFrame()
		}
		switch {
		case errors.Is(err, axon.ErrTooLong):
			b.dropped.Add(1)
		case err != nil:
			b.end(err)
			return
		case keep(message[0]):
			b.deliver(message)
		}
	}
}

func (b *Bus) deliver(m axon.Message) {
	e, ok := parseEvent(m)
	if !ok || e.isChat() && len(b.events) >= chatBuffer {
		b.dropped.Add(1)
		return
	}
	select {
	case b.events <- e:
	default:
		b.dropped.Add(1)
	}
}

func (b *Bus) end(err error) {
	switch {
	case b.closing.Load():
		err = nil
	case hasHungUp(err):
		err = fmt.Errorf("cannot follow PM2's bus: %w: it closed the connection (%w)", ErrDaemonDead, err)
	default:
		err = fmt.Errorf("cannot follow PM2's bus: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
	_ = b.conn.Close() // it is of no use; the reason is in err
}
