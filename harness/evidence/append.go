package evidence

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// flushEvery is how long an Appender keeps a line to itself. With what the agents in
// the container hold back, it stays well below the second that a crash may cost.
const flushEvery = 100 * time.Millisecond

// Appender writes lines to a file while they come: after a crash of this process all is
// there but what came within the last flushEvery. The file is in the page cache
// then and not on the disk, for a harness crashes more often than its machine, and an
// fsync would disturb the drill. Whoever adds a line never waits for the disk. It is
// safe for several goroutines.
type Appender struct {
	out    io.WriteCloser
	failed func(error)
	ended  chan struct{}
	done   chan struct{}
	err    error // read once done is closed

	mu      sync.Mutex
	pending []Line
}

// Append writes to out what is added from now on. It calls failed as soon as it cannot.
func Append(out io.WriteCloser, failed func(error)) *Appender {
	a := &Appender{out: out, failed: failed, ended: make(chan struct{}), done: make(chan struct{})}
	go a.run()
	return a
}

// Add appends a line. What it points to must not change any more.
func (a *Appender) Add(l Line) {
	if l.Progress != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending = append(a.pending, l)
}

// Close writes what is left and the End, and closes the file. cut is as Record has it.
// The error is whatever kept any line from being written.
func (a *Appender) Close(cut string) error {
	a.Add(Line{End: &End{Cut: cut}})
	close(a.ended)
	<-a.done
	return a.err
}

func (a *Appender) run() {
	defer close(a.done)
	if err := errors.Join(a.write(), a.out.Close()); err != nil {
		a.err = fmt.Errorf("cannot keep the evidence: %w", err)
		a.failed(a.err)
	}
}

// write flushes now and then until the end.
func (a *Appender) write() error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	out := bufio.NewWriter(a.out)
	enc := json.NewEncoder(out)
	for over := false; !over; {
		select {
		case <-tick.C:
		case <-a.ended:
			over = true
		}
		a.mu.Lock()
		lines := a.pending
		a.pending = nil
		a.mu.Unlock()
		for _, l := range lines {
			if err := enc.Encode(l); err != nil {
				return err
			}
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
	return nil
}
