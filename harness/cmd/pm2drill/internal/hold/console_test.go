package hold

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/live"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestConclude: what was shown as a line is not printed twice, and what was announced and not
// shown is not lost.
func TestConclude(t *testing.T) {
	var out bytes.Buffer
	k := NewConsole(cli.Call{Stdout: &out})
	k.Announce("same symptom: yes")
	k.Conclude("same symptom: yes")
	if out.String() != "same symptom: yes\n" {
		t.Errorf("what nobody has seen is lost: %q", out.String())
	}
	out.Reset()
	k.shown = "same symptom: yes"
	k.Conclude("same symptom: yes")
	k.Conclude("same symptom: no")
	if out.String() != "same symptom: no\n" {
		t.Errorf("it prints %q", out.String())
	}
}

// newRecord returns a cluster of three workers at 20 s: one serves, one computes and answers
// nothing since 10 s, one was given up.
func newRecord() *evidence.Record {
	r := &evidence.Record{Header: evidence.Header{Workers: 3, Lanes: []evidence.LaneSpec{{Lane: evidence.LaneShort, Rate: 10}}}}
	for i := range 200 {
		at := time.Duration(i) * time.Second / 10
		q := evidence.Request{Lane: evidence.LaneShort, Due: at, Done: at + 20*time.Millisecond, Class: evidence.Answered, PID: 101}
		switch {
		case i >= 190:
			q.Class, q.PID = evidence.Refused, 0
		case i < 100 && i%2 == 0:
			q.PID = 202 // below worker 1, which is a launcher
		}
		r.Requests = append(r.Requests, q)
	}
	for i := range 80 {
		at := time.Duration(i) * time.Second / 4
		ticks := 1000
		if i > 40 {
			ticks += (i - 40) * 25
		}
		r.Snapshots = append(r.Snapshots, evidence.Snapshot{At: at, Daemon: 50, Workers: []evidence.Worker{
			{ID: 0, PID: 101, Alive: true, Status: "online", State: "S", RSS: 60 << 20, CPU: i},
			{ID: 1, PID: 102, Alive: true, Status: "online", State: "R", Under: []int{202}, CPU: ticks},
			{ID: 2, Status: "errored", Restarts: 16},
		}})
	}
	r.Events = []evidence.Event{{At: 14 * time.Second, Topic: "log:err", ID: 2, Text: "Error: no database\n    at x\n"}, {At: 15 * time.Second, Topic: "process:event", Event: "exit", ID: 2}}
	r.Claims = []evidence.Claim{{At: 16 * time.Second, Type: "detected", Cause: "dependency_down"}}
	return r
}

// TestBuildPicture: words, figures and histories are those of the record.
func TestBuildPicture(t *testing.T) {
	p := buildPicture(newRecord(), 20*time.Second, "no engine")
	if len(p.Workers) != 3 || p.Down != "" {
		t.Fatalf("it has %d workers: %s", len(p.Workers), p.Down)
	}
	serves, stalled, errored := p.Workers[0], p.Workers[1], p.Workers[2]
	// Of the last three seconds one had no answers, and two had ten each.
	if serves.Word != "serving" || serves.Rate != "6.7/s" || serves.RSS != 60<<20 || serves.CPU != 4 {
		t.Errorf("worker 0: %+v", serves)
	}
	if stalled.Word != "stalled" || stalled.Rate != "0.0/s" || stalled.CPU != 100 || stalled.Health != live.Bad {
		t.Errorf("worker 1: %+v", stalled)
	}
	if n := len(stalled.Rates); stalled.Rates[n-11] != 5 || stalled.Rates[n-10] != 0 || n != history {
		t.Errorf("the answers of a launcher's app: %v", stalled.Rates)
	}
	if errored.Word != "errored" || errored.Restarts != 16 || errored.CPU != live.Unknown || !slices.Equal(errored.Stderr, []string{"Error: no database", "    at x"}) {
		t.Errorf("worker 2: %+v", errored)
	}
	if l := p.Load[0]; l.All != 200 || l.Lost != 10 || l.Dropped < 3.3 || l.Dropped > 3.4 || l.Slowest != 20*time.Millisecond {
		t.Errorf("the load: %+v", l)
	}
	if text := strings.Join(p.News, "\n"); text != "   14.0 s  worker 2 Error: no database\n   15.0 s  worker 2 exit\n   16.0 s  engine detected dependency_down" {
		t.Errorf("the events:\n%s", text)
	}
	if p.Brief != "   20.0 s  0 of 3 workers serve, 10 dropped, no engine" {
		t.Errorf("in one line: %q", p.Brief)
	}
}

// TestBuildPictureWithoutDaemon: what PM2 cannot say is said.
func TestBuildPictureWithoutDaemon(t *testing.T) {
	r := newRecord()
	if p := buildPicture(&evidence.Record{}, time.Second, ""); p.Down != "PM2 has not been seen yet" {
		t.Errorf("before the first look: %q", p.Down)
	}
	r.Snapshots[79].Daemon = 0
	if p := buildPicture(r, 20*time.Second, ""); p.Down != "PM2's daemon does not answer" || len(p.Workers) != 3 {
		t.Errorf("without a daemon: %q, %d workers", p.Down, len(p.Workers))
	}
}

// TestLookAnnounces: the notes and the last announcement are shown, and the announcement
// counts as shown from then on.
func TestLookAnnounces(t *testing.T) {
	k := NewConsole(cli.Call{Stdout: new(bytes.Buffer)})
	k.Note("broken: drops: 3")
	k.Announce("first")
	k.Announce("second")
	if got := k.listNotes(); !slices.Equal(got, []string{"broken: drops: 3", "second"}) || k.shown != "second" {
		t.Errorf("it shows %q, and %q counts as shown", got, k.shown)
	}
}
