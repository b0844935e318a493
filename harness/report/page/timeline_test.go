package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// draw writes a row as text: state[from-to pid] per stretch, a level per line.
func draw(rows []report.WorkerRow) string {
	var b strings.Builder
	for _, r := range rows {
		for i, level := range r.Levels {
			fmt.Fprintf(&b, "%d.%d", r.Id, i)
			for _, s := range level {
				fmt.Fprintf(&b, " %s[%g-%g", s.State, s.From.Seconds(), s.To.Seconds())
				if s.Pid > 0 {
					fmt.Fprintf(&b, " %d", s.Pid)
				}
				b.WriteString("]")
			}
			b.WriteString("\n")
		}
	}
	return strings.TrimSpace(b.String())
}

func TestRows(t *testing.T) {
	sec := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	snap := func(at float64, workers ...evidence.Worker) evidence.Snapshot {
		return evidence.Snapshot{At: sec(at), Workers: workers}
	}
	on := func(pid int, status, state string) evidence.Worker {
		return evidence.Worker{ID: 0, Name: "app", PID: pid, Alive: true, Status: status, State: state}
	}
	off := func(status string) evidence.Worker { return evidence.Worker{ID: 0, Name: "app", Status: status} }
	answers := func(pid int, from, to float64) (out []evidence.Request) {
		for t := from; t <= to+1e-9; t += 0.5 {
			out = append(out, evidence.Request{Lane: evidence.LaneShort, Class: evidence.Answered, PID: pid, Due: sec(t), Done: sec(t)})
		}
		return out
	}
	for _, c := range []struct {
		name string
		rec  evidence.Record
		want string
	}{
		{"never seen", evidence.Record{}, ""},
		{"serves before, under and after the load", evidence.Record{
			Snapshots: []evidence.Snapshot{snap(1, on(10, "online", "S"))},
			Requests:  answers(10, 4, 8),
		}, "0.0 up[1-4 10] serving[4-9 10] up[9-20 10]"},
		{"boots until its first answer", evidence.Record{
			Snapshots: []evidence.Snapshot{snap(5, on(10, "launching", "S")), snap(6, on(10, "online", "S"))},
			Requests:  append(answers(9, 1, 20), answers(10, 8, 20)...),
		}, "0.0 booting[5-8 10] serving[8-20 10]"},
		{"falls silent", evidence.Record{
			Snapshots: []evidence.Snapshot{snap(1, on(10, "online", "R"))},
			Requests:  append(answers(9, 1, 20), append(answers(10, 1, 5), answers(10, 9, 20)...)...),
		}, "0.0 serving[1-5 10] silent[5-9 10] serving[9-20 10]"},
		{"is stopped by a signal", evidence.Record{
			Snapshots: []evidence.Snapshot{snap(1, on(10, "online", "S")), snap(5, on(10, "online", "T"))},
			Requests:  append(answers(9, 1, 20), answers(10, 1, 5)...),
		}, "0.0 serving[1-5 10] frozen[5-20 10]"},
		{"dies, waits, and is given up", evidence.Record{
			Snapshots: []evidence.Snapshot{snap(1, on(10, "online", "S")), snap(6, off("waiting restart")), snap(9, off("errored"))},
			Exits:     []evidence.Exit{{At: sec(5), PID: 10, ID: 0}},
			Requests:  append(answers(9, 1, 20), answers(10, 1, 5)...),
		}, "0.0 serving[1-5 10] waiting[5-9] errored[9-20]"},
		{"is deleted: PM2 lists it no more", evidence.Record{
			Snapshots: []evidence.Snapshot{snap(1, on(10, "online", "S")), snap(6), snap(8)},
			Exits:     []evidence.Exit{{At: sec(5), PID: 10, ID: 0}},
		}, "0.0 up[1-5 10] gone[5-6]"},
		{"is reloaded: old and new overlap", evidence.Record{
			Snapshots: []evidence.Snapshot{snap(1, on(10, "online", "S")),
				snap(5, on(11, "online", "S"), evidence.Worker{ID: -1, Name: "app", PID: 10, Alive: true, Status: "stopping"})},
			Exits:  []evidence.Exit{{At: sec(7), PID: 10, ID: -1}},
			Events: []evidence.Event{{At: sec(4), ID: 0, Event: "online"}},
		}, "0.0 up[1-5 10] leaving[5-7 10]\n0.1 up[4-20 11]"},
		{"lives and dies between two snapshots", evidence.Record{
			Snapshots: []evidence.Snapshot{snap(1, off("waiting restart")), snap(9, off("waiting restart"))},
			Exits:     []evidence.Exit{{At: sec(5), PID: 12, ID: 0}},
			Events:    []evidence.Event{{At: sec(4), ID: 0, Event: "online"}},
		}, "0.0 waiting[1-4] up[4-5 12] waiting[5-20]"},
		{"another app is not shown", evidence.Record{
			Header:    evidence.Header{App: "app"},
			Snapshots: []evidence.Snapshot{snap(1, evidence.Worker{ID: 3, Name: "other", PID: 30, Alive: true})},
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := draw(report.WorkerRows(&c.rec, sec(20))); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTimelineOpens(t *testing.T) {
	for _, c := range []struct {
		name  string
		drill report.Drill
		focus int64
		open  [2]int64
	}{
		{"whole drill when nothing happened", reporttest.HealthySample(), -1, [2]int64{0, 28000}},
		{"at the first loss", reporttest.StalledSample(), 14167, [2]int64{12167, 26020}},
		{"to the end when nothing recovered", reporttest.ControlSample(), 17000, [2]int64{15000, 58000}},
	} {
		got := buildTimeline(report.DigestOfDrill(c.drill))
		if got.Focus != c.focus || got.Open != c.open {
			t.Errorf("%s: opens at %d, %v; want %d, %v", c.name, got.Focus, got.Open, c.focus, c.open)
		}
	}
	lossless := reporttest.EngineSample()
	lossless.Losses = nil
	if got := buildTimeline(report.DigestOfDrill(lossless)); got.Focus != 18000 || got.Open != [2]int64{16000, 39900} {
		t.Errorf("with no loss it opens at %d, %v, not at the injection", got.Focus, got.Open)
	}
}

// TestLanesAddUp: what the page shows per 100 ms adds up to the ledger.
func TestLanesAddUp(t *testing.T) {
	d := reporttest.ControlSample()
	for _, l := range buildTimeline(report.DigestOfDrill(d)).Lanes {
		sum, lost := 0, 0
		for _, n := range l.Ans {
			sum += n
		}
		for _, x := range l.Lost {
			lost += x[2]
		}
		if sum+lost != l.Owed || lost != l.Dropped {
			t.Errorf("lane %s: %d answered and %d lost of %d owed, %d dropped", l.Name, sum, lost, l.Owed, l.Dropped)
		}
	}
}

// TestEventsAreBounded: life-cycle events stay when a crash loop's log lines do not.
func TestEventsAreBounded(t *testing.T) {
	var in []evidence.Event
	for i := range 2 * maxEvents {
		in = append(in, evidence.Event{At: time.Duration(i), Topic: "log:err", Text: strings.Repeat("x", 3*maxText)})
	}
	in = append(in, evidence.Event{At: time.Hour, Topic: "process:event", Event: "exit"})
	rows, left := zero(0).selectEvents(in)
	if len(rows) != maxEvents || left != len(in)-maxEvents {
		t.Fatalf("%d kept, %d left out", len(rows), left)
	}
	if last := rows[len(rows)-1]; last[2] != "exit" {
		t.Errorf("the exit was left out: %v", last)
	}
	if n := len(rows[0][4].(string)); n > maxText+len("…") {
		t.Errorf("a log line of %d bytes", n)
	}
}
