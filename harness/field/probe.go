package field

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	probeEvery = 100 * time.Millisecond
	listEvery  = time.Second
	patience   = 2 * time.Second // of a request
)

// tick calls f at a steady rate, without waiting for it, until ctx ends.
func tick(ctx context.Context, every time.Duration, f func(due time.Time)) {
	var calls sync.WaitGroup
	defer calls.Wait()
	for due := time.Now(); ; due = due.Add(every) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
		}
		calls.Go(func() { f(due) })
	}
}

// probe asks for a URL once, on a connection of its own, and records what came.
func (a *arm) probe(ctx context.Context, url string, due time.Time, harmful, probe bool) {
	late := time.Since(due)
	q := a.sendRequest(ctx, url)
	if ctx.Err() != nil {
		return
	}
	q.Due, q.Harmful, q.Probe = a.computeSince(due), harmful, probe
	a.note(func(r *Record) {
		r.Requests = append(r.Requests, q)
		r.Lag = max(r.Lag, late)
	})
}

func (a *arm) sendRequest(ctx context.Context, url string) (q Request) {
	began := time.Now()
	defer func() { q.Took = time.Since(began) }()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Request{Error: err.Error()}
	}
	resp, err := a.client.Do(req)
	if err != nil {
		return Request{Error: err.Error()}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 200))
	if err != nil {
		return Request{Error: err.Error()}
	}
	return Request{Status: resp.StatusCode, Body: string(body)}
}

// watchLists records PM2's list each second.
func (a *arm) watchLists(ctx context.Context) {
	tick(ctx, listEvery, func(due time.Time) {
		workers, err := a.list(ctx)
		l := Listing{At: a.computeSince(due), Workers: workers}
		if err != nil {
			l.Error = err.Error()
		}
		if ctx.Err() == nil {
			a.note(func(r *Record) { r.Lists = append(r.Lists, l) })
		}
	})
}

// send runs one lane from the beginning of the schedule.
func (a *arm) send(ctx context.Context, l Lane) {
	if l.Open > 0 {
		a.holdOpen(ctx, l)
		return
	}
	until := l.Until
	if until == 0 {
		until = a.c.Watch
	}
	select {
	case <-ctx.Done():
		return
	case <-time.After(time.Until(a.zero.Add(l.From))):
	}
	ctx, cancel := context.WithDeadline(ctx, a.zero.Add(until))
	defer cancel()
	tick(ctx, l.Every, func(due time.Time) { a.probe(ctx, a.buildURL(l.Path), due, l.Harmful, false) })
}
