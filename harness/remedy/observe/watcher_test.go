package observe

import (
	"os"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// TestComplaintsAreTakenOnce: between two looks the same words of the same worker
// count once, whatever else is said.
func TestComplaintsAreTakenOnce(t *testing.T) {
	w := NewWatcher("", "app", "", 0, new(redact.Redactor))
	say := func(topic string, id int, text string) {
		w.receive(pm2.Event{Topic: topic, Name: "app", ID: id, Text: text})
	}
	for range 100 {
		say(pm2.TopicErr, 1, "connect ECONNREFUSED 127.0.0.1:5432")
		say(pm2.TopicErr, 2, "connect ECONNREFUSED 127.0.0.1:5432")
		say(pm2.TopicErr, 1, "connect ECONNREFUSED 127.0.0.1:6379")
		say(pm2.TopicException, 1, "connect ECONNREFUSED 127.0.0.1:5432")
	}
	w.receive(pm2.Event{Topic: pm2.TopicEvent, Name: "app", ID: 1, Event: "exit"})
	w.receive(pm2.Event{Topic: pm2.TopicEvent, Name: "app", ID: 1, Event: "exit"})
	var o Observation
	if w.collect(&o); len(o.Events) != 6 {
		t.Errorf("%d events, want 4 complaints and 2 exits: %+v", len(o.Events), o.Events)
	}
	say(pm2.TopicErr, 1, "connect ECONNREFUSED 127.0.0.1:5432")
	if w.collect(&o); len(o.Events) != 1 {
		t.Errorf("after the look it is heard again: %+v", o.Events)
	}
}

// TestAnEngineThatComesLate: a process that has run for long was not born silent, one
// that is young may still be at its start, and one that sends nothing never will.
func TestAnEngineThatComesLate(t *testing.T) {
	for _, c := range []struct {
		name string
		age  time.Duration
		beat uint64
		want int
	}{
		{"a minute old", time.Minute, 7, MinBeats},
		{"young", 5 * time.Second, 7, 0},
		{"without metrics", time.Minute, 0, 0},
	} {
		w := NewWatcher("", "app", "", 0, new(redact.Redactor))
		row := w.readWorker(100*time.Second, pm2.Process{ID: 1, PID: -1, StartedAt: time.Now().Add(-c.age), Beat: c.beat}, nil, true)
		if row.Beats != c.want || (row.Beats > 0) != (row.Beat == 100*time.Second) {
			t.Errorf("%s: %d heartbeats, the last at %s, want %d", c.name, row.Beats, row.Beat, c.want)
		}
	}
}

// TestAnEngineThatComesBeforeAStall: a worker that is young when the engine comes, and
// blocked before it has sent three heartbeats, is silent once no start would take so long.
// One whose start the engine has seen may have the metrics of the process before.
func TestAnEngineThatComesBeforeAStall(t *testing.T) {
	for _, c := range []struct {
		name      string
		age, then time.Duration // at the first look, and at the second one
		want      int
	}{
		{"it grows old in silence", 12 * time.Second, 31 * time.Second, MinBeats},
		{"it may still be at its start", 12 * time.Second, 20 * time.Second, 0},
		{"its start was seen", time.Second, 31 * time.Second, 0},
	} {
		w := NewWatcher("", "app", "", 0, new(redact.Redactor))
		look := func(at, age time.Duration) Worker {
			return w.readWorker(at, pm2.Process{ID: 1, PID: -1, StartedAt: time.Now().Add(-age), Beat: 7}, nil, true)
		}
		look(100*time.Second, c.age)
		row := look(100*time.Second+c.then-c.age, c.then)
		if row.Beats != c.want || (c.want > 0 && row.Beat != 100*time.Second) {
			t.Errorf("%s: %d heartbeats, the last at %s, want %d", c.name, row.Beats, row.Beat, c.want)
		}
	}
}

// TestUptimeWhenTheClockIsSet: how long a process has run is the kernel's word, whatever PM2's wall clock
// said at its start.
func TestUptimeWhenTheClockIsSet(t *testing.T) {
	w := NewWatcher(t.TempDir(), "app", "", 0, new(redact.Redactor))
	st, err := host.Stat(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for _, jump := range []time.Duration{-24 * time.Hour, 0, 24 * time.Hour} {
		row := pm2.Process{ID: 1, PID: os.Getpid(), StartedAt: time.Now().Add(jump)}
		least := st.Age()
		if r := w.readWorker(time.Second, row, []int{os.Getpid()}, true); r.Uptime < least || r.Uptime > st.Age() {
			t.Errorf("set by %s: it has run for %s, and the kernel says %s", jump, r.Uptime, least)
		}
	}
}
