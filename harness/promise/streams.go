package promise

import (
	"fmt"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// ClosesStreams: a worker that ends closes its event streams and WebSockets with notice, and
// every client is connected again within d. A client that hears nothing may wait for minutes
// until it finds that its connection is gone.
func ClosesStreams(d time.Duration) Promise {
	return Promise{
		Name:     "closes-streams",
		Sentence: fmt.Sprintf("no event stream or WebSocket is cut without notice, and each client is connected again within %s", d),
		Judge:    func(r *evidence.Record) Finding { return judgeStreams(r, d) },
	}
}

func judgeStreams(r *evidence.Record, d time.Duration) Finding {
	inject, ok := r.Mark(evidence.MarkInject)
	if !ok || len(r.StreamTallies) == 0 {
		return newInconclusive("no stream is on record, or nothing happened to any")
	}
	var faults []string
	var at []time.Duration
	for _, t := range r.StreamTallies {
		s := SumStreams(r, t.Lane)
		switch {
		case s.Unsent > 0:
			return newInconclusive(fmt.Sprintf("the load was not reached: lane %s could not open %d streams for want of means", t.Lane, s.Unsent))
		case s.OpenAt(inject.At) == 0:
			return newInconclusive(fmt.Sprintf("lane %s had no stream open when it began", t.Lane))
		}
		if s.Cut > 0 {
			faults = append(faults, fmt.Sprintf("%d of %d %s were cut without notice", s.Cut, s.Opened, t.Lane))
			at = append(at, s.cuts...)
		}
		if s.Apart > d {
			faults = append(faults, fmt.Sprintf("a client of %s was without a connection for %s", t.Lane, s.Apart.Round(time.Millisecond)))
		}
	}
	if len(faults) > 0 {
		return newBroken(strings.Join(faults, "; "), at...)
	}
	return newKept(describeStreams(r))
}

// describeStreams says what became of the streams that none was cut of.
func describeStreams(r *evidence.Record) string {
	var parts []string
	for _, t := range r.StreamTallies {
		s := SumStreams(r, t.Lane)
		parts = append(parts, fmt.Sprintf("%d %s, %d closed with notice, none cut; the longest time without was %s", s.Opened, t.Lane, s.Closed, s.Apart.Round(time.Millisecond)))
	}
	return strings.Join(parts, "; ")
}

// StreamSum is what became of the connections of one lane that were to stay open.
type StreamSum struct {
	Opened, Closed, Cut, Refused, Left, Unsent int
	// Apart is the longest time that a client which had been connected was not, until it was
	// again, or until the load ended.
	Apart time.Duration

	cuts  []time.Duration
	spans []evidence.Stream
}

// SumStreams counts the connections of a lane.
func SumStreams(r *evidence.Record, lane string) StreamSum {
	var out StreamSum
	gone := map[int]time.Duration{} // since when a client is not connected
	for _, s := range r.Streams {
		if s.Lane != lane {
			continue
		}
		if s.Opened > 0 {
			out.Opened++
			out.spans = append(out.spans, s)
			if since, ok := gone[s.Client]; ok {
				out.Apart = max(out.Apart, s.Opened-since)
			}
			gone[s.Client] = s.Ended
		}
		switch s.End {
		case evidence.StreamClosed:
			out.Closed++
		case evidence.StreamCut:
			out.Cut++
			out.cuts = append(out.cuts, s.Ended)
		case evidence.StreamRefused:
			out.Refused++
		case evidence.StreamLeft:
			out.Left++
			if since, ok := gone[s.Client]; ok && s.Opened == 0 {
				out.Apart = max(out.Apart, s.Ended-since)
			}
			delete(gone, s.Client)
		case evidence.StreamUnsent:
			out.Unsent++
		}
	}
	if end, ok := r.Mark(evidence.MarkLoadEnd); ok {
		for _, since := range gone {
			out.Apart = max(out.Apart, end.At-since)
		}
	}
	return out
}

// OpenAt is how many connections were open at that moment.
func (s StreamSum) OpenAt(at time.Duration) (n int) {
	for _, x := range s.spans {
		if x.Opened <= at && at < x.Ended {
			n++
		}
	}
	return n
}
