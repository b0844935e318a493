package drill

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// log is the record while it grows: agents add to it, the drill waits on it.
type log struct {
	mu       sync.Mutex
	record   evidence.Record
	file     *evidence.Appender  // keeps what comes as it comes; nil where nothing is kept
	clean    func(string) string // takes secrets out of a text; nil where there are none
	progress map[string]evidence.Progress
}

func newLog() *log {
	return &log{progress: map[string]evidence.Progress{}}
}

func (l *log) add(line evidence.Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := line.Progress; p != nil {
		l.progress[p.Lane] = *p
	}
	if l.clean != nil {
		line = cleanLine(line, l.clean)
	}
	l.record.Add(line)
	if l.file != nil {
		l.file.Add(line)
	}
}

// cleanLine returns a line without the secrets of an app from outside, in every text that
// an app, PM2 or a command may have written.
func cleanLine(l evidence.Line, clean func(string) string) evidence.Line {
	switch {
	case l.Event != nil:
		e := *l.Event
		e.Text = clean(e.Text)
		l.Event = &e
	case l.Mark != nil:
		m := *l.Mark
		m.Note = clean(m.Note)
		l.Mark = &m
	case l.Request != nil && l.Request.Detail != "":
		r := *l.Request
		r.Detail = clean(r.Detail)
		l.Request = &r
	case l.Header != nil:
		h := *l.Header
		h.Command = clean(h.Command)
		l.Header = &h
	case l.Snapshot != nil:
		s := *l.Snapshot
		s.Listeners = slices.Clone(s.Listeners)
		for i := range s.Listeners {
			s.Listeners[i].Command = clean(s.Listeners[i].Command)
		}
		l.Snapshot = &s
	}
	return l
}

// end closes the record of a drill that ended with err. What comes later is not kept.
func (l *log) end(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case errors.Is(err, context.Canceled):
		l.record.Cut = "it was interrupted"
	case err != nil:
		l.record.Cut, _, _ = strings.Cut(err.Error(), "\n")
	}
	if l.clean != nil {
		l.record.Cut = l.clean(l.record.Cut)
	}
	file := l.file
	if file == nil {
		return nil
	}
	l.file = nil
	return file.Close(l.record.Cut)
}

// look gives f the record as it stands. f must not keep it.
func (l *log) look(f func(*evidence.Record)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(&l.record)
}

func (l *log) mark(name string) (m evidence.Mark, ok bool) {
	l.look(func(r *evidence.Record) { m, ok = r.Mark(name) })
	return m, ok
}

// copy returns the record as it stands, free to keep.
func (l *log) copy() *evidence.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.record
	r.Marks, r.Requests, r.Tallies = slices.Clone(r.Marks), slices.Clone(r.Requests), slices.Clone(r.Tallies)
	r.Served, r.Snapshots, r.Events = slices.Clone(r.Served), slices.Clone(r.Snapshots), slices.Clone(r.Events)
	r.Exits, r.Claims, r.Alerts = slices.Clone(r.Exits), slices.Clone(r.Claims), slices.Clone(r.Alerts)
	r.JobRuns, r.Files = slices.Clone(r.JobRuns), slices.Clone(r.Files)
	r.Usages = slices.Clone(r.Usages)
	return &r
}

// pulse sums up what the lanes have done and who serves.
func (l *log) pulse(now time.Duration) Pulse {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := Pulse{Elapsed: now - l.record.Header.Start, Workers: l.record.Header.Workers}
	for lane, n := range l.progress {
		if lane == evidence.LaneNoise {
			continue
		}
		p.Owed, p.Answered, p.Dropped = p.Owed+n.Owed, p.Answered+n.Answered, p.Dropped+n.Dropped
	}
	p.Serving = len(l.record.StillServing(now-time.Second, now))
	return p
}
