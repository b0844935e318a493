package observe

import (
	"testing"
	"time"
)

func TestWantsBeyond(t *testing.T) {
	for _, c := range []struct {
		name   string
		w, was Focus
		want   bool
	}{
		{"nothing", Focus{}, Focus{}, false},
		{"the port", Focus{Port: true}, Focus{}, true},
		{"the port still", Focus{Port: true, Fast: true}, Focus{Port: true}, false},
		{"a server", Focus{Addresses: []string{"a:1", "b:2"}}, Focus{Addresses: []string{"a:1"}}, true},
		{"one server less", Focus{Addresses: []string{"a:1"}}, Focus{Addresses: []string{"a:1", "b:2"}}, false},
		{"answers", Focus{Answers: 8}, Focus{}, true},
		{"more answers", Focus{Answers: 8}, Focus{Answers: 4}, false},
	} {
		if got := c.w.Exceeds(c.was); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestPause holds fast looks to uneven times: whatever the rhythm of a worker that
// computes four fifths of the time, looks must find it computing about as often.
func TestPause(t *testing.T) {
	for _, period := range []time.Duration{100, 150, 200, 225, 250, 300, 500} {
		at, busy := time.Duration(0), 0
		for n := range 40 {
			at += Focus{Fast: true}.PauseBefore(n)
			if at%(period*time.Millisecond) < period*time.Millisecond*4/5 {
				busy++
			}
		}
		if busy < 26 || busy == 40 {
			t.Errorf("%d of 40 looks met a worker that computes in a rhythm of %d ms", busy, period)
		}
		if mean := at / 40; mean < FastLook*9/10 || mean > FastLook*11/10 {
			t.Errorf("a fast look comes every %s, not %s", mean, FastLook)
		}
	}
}
