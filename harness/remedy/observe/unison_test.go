package observe

import (
	"fmt"
	"testing"
	"time"
)

// TestChorus lets workers speak for five seconds and counts the voices that
// joined another one's.
func TestChorus(t *testing.T) {
	type says func(c *unisonDetector, second int) []Event
	say := func(id int, line func(second int) string, after time.Duration) says {
		return func(c *unisonDetector, second int) []Event {
			at := time.Duration(second)*time.Second + after
			return c.hear(id, line(second), at, after%time.Second)
		}
	}
	report := func(second int) string { return fmt.Sprintf("report for second %d sent\n", second) }
	own := func(id int) func(int) string {
		return func(second int) string { return fmt.Sprintf("worker %d has used %d MB\n", id, 20+id) }
	}
	ms := time.Millisecond
	for _, c := range []struct {
		name string
		says []says
		want int
	}{
		{"every worker runs the job", []says{say(0, report, 2*ms), say(1, report, 4*ms), say(2, report, 30*ms)}, 10},
		{"one does", []says{say(0, report, 2*ms)}, 0},
		{"each says something of its own", []says{say(0, own(0), 2*ms), say(1, own(1), 4*ms)}, 0},
		{"timers that keep the phase of the start", []says{say(0, report, 300*ms), say(1, report, 310*ms)}, 0},
		{"one says it twice", []says{say(0, report, 2*ms), say(0, report, 3*ms), say(1, report, 4*ms)}, 0},
		{"requests", []says{say(0, report, 2*ms), say(1, report, 100*ms), say(0, report, 420*ms), say(1, report, 830*ms)}, 1},
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
