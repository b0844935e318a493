package observe

import (
	"fmt"
	"testing"
	"time"
)

// TestUnison lets workers speak for five seconds and counts the voices that joined another
// one's. What is said in the first second has nothing before it to differ from.
func TestUnison(t *testing.T) {
	type says func(c *unisonDetector, second int) []Event
	say := func(id int, line func(second int) string, after time.Duration) says {
		return func(c *unisonDetector, second int) []Event {
			at := time.Duration(second)*time.Second + after
			return c.hear(id, line(second), at, at%time.Minute)
		}
	}
	report := func(second int) string { return fmt.Sprintf("report for second %d sent\n", second) }
	poll := func(int) string { return "polled queue\n" }
	stamped := func(second int) string { return fmt.Sprintf("2026-11-30 12:00:%02d polled queue\n", second) }
	logged := func(second int) string {
		return fmt.Sprintf(`{"level":30,"time":%d,"msg":"polled"}`+"\n", 1764500000+second)
	}
	own := func(id int) func(int) string {
		return func(second int) string { return fmt.Sprintf("worker %d has used %d MB\n", id, 20+id) }
	}
	ms := time.Millisecond
	for _, c := range []struct {
		name string
		says []says
		want int
	}{
		{"every worker runs the job", []says{say(0, report, 2*ms), say(1, report, 4*ms), say(2, report, 30*ms)}, 8},
		{"every worker polls, and the timers are in step", []says{say(0, poll, 2*ms), say(1, poll, 4*ms)}, 0},
		{"every worker polls, and says when", []says{say(0, stamped, 2*ms), say(1, stamped, 4*ms)}, 0},
		{"every worker polls, by a logger of JSON", []says{say(0, logged, 2*ms), say(1, logged, 4*ms)}, 0},
		{"one does", []says{say(0, report, 2*ms)}, 0},
		{"each says something of its own", []says{say(0, own(0), 2*ms), say(1, own(1), 4*ms)}, 0},
		{"timers that keep the phase of the start", []says{say(0, report, 300*ms), say(1, report, 310*ms)}, 0},
		{"one says it twice", []says{say(0, report, 2*ms), say(0, report, 3*ms), say(1, report, 4*ms)}, 0},
		{"requests", []says{say(0, report, 2*ms), say(1, report, 100*ms), say(0, report, 420*ms), say(1, report, 830*ms)}, 0},
		{"they are far apart", []says{say(0, report, 2*ms), say(1, report, 280*ms)}, 0},
	} {
		ear, got := &unisonDetector{}, 0
		for second := range 5 {
			for _, s := range c.says {
				got += len(s(ear, second))
			}
		}
		if got != c.want {
			t.Errorf("%s: %d voices joined, want %d", c.name, got, c.want)
		}
	}
}

// TestUnisonAtFullMinutes: the same line at each full minute is a scheduler's, also where it
// tells nothing of the work.
func TestUnisonAtFullMinutes(t *testing.T) {
	for phase, want := range map[time.Duration]int{10 * time.Millisecond: 4, 7 * time.Second: 0} {
		ear, got := &unisonDetector{}, 0
		for minute := range 5 {
			for id := range 2 {
				at := time.Duration(minute)*time.Minute + phase + time.Duration(id)*5*time.Millisecond
				got += len(ear.hear(id, "old sessions removed\n", at, at%time.Minute))
			}
		}
		if got != want {
			t.Errorf("%s past the minute: %d voices joined, want %d", phase, got, want)
		}
	}
}
