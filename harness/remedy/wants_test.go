package remedy

import (
	"testing"
	"time"
)

func TestWantsBeyond(t *testing.T) {
	for _, c := range []struct {
		name   string
		w, was Wants
		want   bool
	}{
		{"nothing", Wants{}, Wants{}, false},
		{"the port", Wants{Port: true}, Wants{}, true},
		{"the port still", Wants{Port: true, Fast: true}, Wants{Port: true}, false},
		{"a server", Wants{Addresses: []string{"a:1", "b:2"}}, Wants{Addresses: []string{"a:1"}}, true},
		{"one server less", Wants{Addresses: []string{"a:1"}}, Wants{Addresses: []string{"a:1", "b:2"}}, false},
		{"answers", Wants{Answers: 8}, Wants{}, true},
		{"more answers", Wants{Answers: 8}, Wants{Answers: 4}, false},
	} {
		if got := c.w.beyond(c.was); got != c.want {
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
			at += Wants{Fast: true}.pause(n)
			if at%(period*time.Millisecond) < period*time.Millisecond*4/5 {
				busy++
			}
		}
		if busy < 26 || busy == 40 {
			t.Errorf("%d of 40 looks met a worker that computes in a rhythm of %d ms", busy, period)
		}
		if mean := at / 40; mean < fastLook*9/10 || mean > fastLook*11/10 {
			t.Errorf("a fast look comes every %s, not %s", mean, fastLook)
		}
	}
}
