package promise

import (
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// streamed is a record of one client of an event stream: open from 1 s, ended at 12 s so, open
// again after apart, and left at 30 s. Something is done at 10 s.
func streamed(end evidence.StreamEnd, apart time.Duration) *evidence.Record {
	return &evidence.Record{
		Marks: []evidence.Mark{{At: 10 * time.Second, Name: evidence.MarkInject}, {At: 30 * time.Second, Name: evidence.MarkLoadEnd}},
		Streams: []evidence.Stream{
			{Lane: "events", ID: "events-0", Dialed: time.Second, Opened: time.Second, Ended: 12 * time.Second, End: end},
			{Lane: "events", ID: "events-1", Dialed: 13 * time.Second, Ended: 13 * time.Second, End: evidence.StreamRefused},
			{Lane: "events", ID: "events-2", Dialed: 12*time.Second + apart, Opened: 12*time.Second + apart, Ended: 30 * time.Second, End: evidence.StreamLeft},
		},
		StreamTallies: []evidence.StreamTally{{Lane: "events", Clients: 1, Dialed: 3}},
	}
}

func TestClosesStreams(t *testing.T) {
	gone := streamed(evidence.StreamClosed, 2*time.Second)
	gone.Streams = gone.Streams[:2]
	late := streamed(evidence.StreamClosed, time.Second)
	late.Streams = late.Streams[2:]
	unsent := streamed(evidence.StreamClosed, time.Second)
	unsent.Streams[1].End = evidence.StreamUnsent
	for _, c := range []struct {
		name string
		r    *evidence.Record
		want Verdict
		says string
	}{
		{"closed", streamed(evidence.StreamClosed, 2*time.Second), Kept, "2 events, 1 closed with notice, none cut; the longest time without was 2s"},
		{"cut", streamed(evidence.StreamCut, 2*time.Second), Broken, "1 of 2 events were cut without notice"},
		{"late", streamed(evidence.StreamClosed, 9*time.Second), Broken, "without a connection for 9s"},
		{"never again", gone, Broken, "without a connection for 18s"},
		{"none before", late, Inconclusive, "no stream open"},
		{"the generator's lack", unsent, Inconclusive, "for want of means"},
		{"none at all", &evidence.Record{}, Inconclusive, "no stream"},
	} {
		if got := ClosesStreams(5 * time.Second).Judge(c.r); got.Verdict != c.want || !strings.Contains(got.Because, c.says) {
			t.Errorf("%s: %s: %s, want %s: %s", c.name, got.Verdict, got.Because, c.want, c.says)
		}
	}
}

func streamHistories() []ruled {
	ended := func(end evidence.StreamEnd) func() history {
		return func() history {
			h, s := faulted().mark(30, evidence.MarkLoadEnd), streamed(end, 2*time.Second)
			h.Streams, h.StreamTallies = s.Streams, s.StreamTallies
			h.StreamTallies[0].Ends = map[evidence.StreamEnd]int{end: 1, evidence.StreamRefused: 1, evidence.StreamLeft: 1}
			return h
		}
	}
	return []ruled{
		{"a stream is closed with notice", ClosesStreams(5 * time.Second), ended(evidence.StreamClosed), Kept},
		{"a stream is cut", ClosesStreams(5 * time.Second), ended(evidence.StreamCut), Broken},
	}
}
