package remedy

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// TestComplaintsAreTakenOnce: between two looks the same words of the same worker
// count once, whatever else is said.
func TestComplaintsAreTakenOnce(t *testing.T) {
	w := newWatch("", "app", "", 0)
	say := func(topic string, id int, text string) {
		w.take(pm2.Event{Topic: topic, Name: "app", ID: id, Text: text})
	}
	for range 100 {
		say(pm2.TopicErr, 1, "connect ECONNREFUSED 127.0.0.1:5432")
		say(pm2.TopicErr, 2, "connect ECONNREFUSED 127.0.0.1:5432")
		say(pm2.TopicErr, 1, "connect ECONNREFUSED 127.0.0.1:6379")
		say(pm2.TopicException, 1, "connect ECONNREFUSED 127.0.0.1:5432")
	}
	w.take(pm2.Event{Topic: pm2.TopicEvent, Name: "app", ID: 1, Event: "exit"})
	w.take(pm2.Event{Topic: pm2.TopicEvent, Name: "app", ID: 1, Event: "exit"})
	var o Observation
	if w.collect(&o); len(o.Events) != 6 {
		t.Errorf("%d events, want 4 complaints and 2 exits: %+v", len(o.Events), o.Events)
	}
	say(pm2.TopicErr, 1, "connect ECONNREFUSED 127.0.0.1:5432")
	if w.collect(&o); len(o.Events) != 1 {
		t.Errorf("after the look it is heard again: %+v", o.Events)
	}
}
