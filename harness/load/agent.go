package load

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Agent is `pm2drill agent load`: it reads a Plan from the first line of in,
// prints evidence lines to out, and stops owing at the line "stop" or when in
// ends. It returns when every request is settled and the tallies are out.
func Agent(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	first, err := lines.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("cannot read the load plan: %w", err)
	}
	var plan Plan
	if err := json.Unmarshal(first, &plan); err != nil {
		return fmt.Errorf("cannot read the load plan: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer stop()
		for {
			line, err := lines.ReadString('\n')
			if err != nil || strings.TrimSpace(line) == "stop" {
				return
			}
		}
	}()
	w := newWriter(out)
	_, err = Run(ctx, plan, w.writeLine)
	return errors.Join(err, w.close())
}

// lineWriter prints evidence lines, gathered for at most flushEvery.
type lineWriter struct {
	mu   sync.Mutex
	buf  *bufio.Writer
	enc  *json.Encoder
	err  error
	done chan struct{}
}

const flushEvery = 50 * time.Millisecond

func newWriter(out io.Writer) *lineWriter {
	w := &lineWriter{buf: bufio.NewWriterSize(out, 64<<10), done: make(chan struct{})}
	w.enc = json.NewEncoder(w.buf)
	go func() {
		tick := time.NewTicker(flushEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				w.flush()
			case <-w.done:
				return
			}
		}
	}()
	return w
}

func (w *lineWriter) writeLine(l evidence.Line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = w.enc.Encode(l)
	}
}

func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = w.buf.Flush()
	}
}

func (w *lineWriter) close() error {
	close(w.done)
	w.flush()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return fmt.Errorf("cannot print the ledger: %w", w.err)
	}
	return nil
}
