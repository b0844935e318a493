package drain

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"
)

// beat is how often a worker that is being drained hears of the engine. It takes
// the drain back when it has heard nothing for four seconds (drain.js, silence).
const beat = 500 * time.Millisecond

// lifeline is a connection that the worker makes to the engine for the time of its
// drain. The kernel closes it when the engine dies, however it dies, and the worker
// then takes the drain back. The worker says on it what its drain came to.
type lifeline struct {
	listener net.Listener
	token    string
	conn     net.Conn
	lines    *bufio.Reader
	stop     chan struct{}
}

// listen opens the engine's end, on the loopback, where the inspector is too. The
// worker proves itself by a token that was given to it over the inspector.
func listen(ctx context.Context) (*lifeline, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("cannot listen for the worker: %w", err)
	}
	return &lifeline{listener: l, token: rand.Text(), stop: make(chan struct{})}, nil
}

func (l *lifeline) getPort() int { return l.listener.Addr().(*net.TCPAddr).Port }

// accept waits for the worker. Whoever else connects is hung up on.
func (l *lifeline) accept(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = l.listener.Close() })()
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return fmt.Errorf("the worker has not called back: %w", err)
		}
		end := context.AfterFunc(ctx, func() { _ = conn.Close() })
		r := bufio.NewReader(conn)
		word := make([]byte, len(l.token)+1)
		n, err := io.ReadFull(r, word)
		if !end() || err != nil || string(word[:n]) != l.token+"\n" {
			_ = conn.Close() // it is a stranger's
			continue
		}
		l.conn, l.lines = conn, r
		go l.assure()
		return l.listener.Close()
	}
}

// assure tells the worker that the engine lives, until the line is closed.
func (l *lifeline) assure() {
	t := time.NewTicker(beat)
	defer t.Stop()
	for {
		if _, err := l.conn.Write([]byte{'\n'}); err != nil {
			return // the worker has hung up
		}
		select {
		case <-l.stop:
			return
		case <-t.C:
		}
	}
}

// waitForOutcome waits for the result of the worker's drain. The line stays open.
func (l *lifeline) waitForOutcome(ctx context.Context, into any) error {
	defer context.AfterFunc(ctx, func() { _ = l.conn.SetReadDeadline(time.Unix(1, 0)) })()
	line, err := l.lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		return fmt.Errorf("cannot hear what the worker's drain came to: %w", err)
	}
	return nil
}

// Close lets go of the worker: if it still lives it serves again.
func (l *lifeline) Close() error {
	close(l.stop)
	if l.conn == nil {
		return l.listener.Close()
	}
	return l.conn.Close()
}
