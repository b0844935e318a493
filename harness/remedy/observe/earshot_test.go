package observe

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// TestFloodOfErrors: of 10,000 different errors a second a bounded number is kept, other
// workers' and PM2's own events are heard beside it, and the last words before an end too.
func TestFloodOfErrors(t *testing.T) {
	w := NewWatcher("", "app", "", 0, new(redact.Redactor))
	for i := range 10_000 {
		w.receive(pm2.Event{Topic: pm2.TopicErr, Name: "app", ID: 1, Text: fmt.Sprintf("Error: request %d failed", i)})
	}
	w.receive(pm2.Event{Topic: pm2.TopicErr, Name: "app", ID: 2, Text: "Error: mine"})
	w.receive(pm2.Event{Topic: pm2.TopicErr, Name: "app", ID: 1, Text: "Error: the last"})
	w.receive(pm2.Event{Topic: pm2.TopicEvent, Name: "app", ID: 1, Event: "exit"})
	var o Observation
	w.collect(&o)
	n := len(o.Events)
	if n < earshotBurst || n > 2*earshotBurst {
		t.Fatalf("%d events are kept", n)
	}
	if o.Events[n-1].Kind != KindExit || o.Events[n-2].Text != "Error: the last" || o.Events[n-3].Text != "Error: mine" {
		t.Errorf("the last events are %+v", o.Events[n-3:])
	}
}

// TestEarshot: the rate is bounded over time, and what had to wait is heard at the next look.
func TestEarshot(t *testing.T) {
	var s earshot
	heard := 0
	for i := range 100_000 { // ten seconds
		if s.hear(Event{At: time.Duration(i) * 100 * time.Microsecond, ID: 1, Kind: KindError, Text: fmt.Sprint(i)}) {
			heard++
		}
	}
	if most := earshotBurst + 10*earshotRate; heard < most-1 || heard > most {
		t.Errorf("%d are heard, want %d", heard, most)
	}
	if spilt := s.look(); len(spilt) != 1 || spilt[0].Text != "99999" || len(s.look()) != 0 {
		t.Errorf("at the look: %+v", spilt)
	}
}

// TestLastWordsOfEachProcess: a worker that dies of the same error several times between two
// looks has said it each time.
func TestLastWordsOfEachProcess(t *testing.T) {
	w := NewWatcher("", "app", "", 0, new(redact.Redactor))
	for range 3 {
		for range 2 {
			w.receive(pm2.Event{Topic: pm2.TopicErr, Name: "app", ID: 3, Text: "Error: bind EADDRINUSE null:3000"})
		}
		w.receive(pm2.Event{Topic: pm2.TopicEvent, Name: "app", ID: 3, Event: "exit"})
		w.receive(pm2.Event{Topic: pm2.TopicEvent, Name: "app", ID: 3, Event: "online"})
	}
	var o Observation
	w.collect(&o)
	var kinds []string
	for _, e := range o.Events {
		kinds = append(kinds, e.Kind)
	}
	once := []string{KindError, KindExit, KindOnline}
	if want := slices.Repeat(once, 3); !slices.Equal(kinds, want) {
		t.Errorf("kept are %v, want %v", kinds, want)
	}
}
