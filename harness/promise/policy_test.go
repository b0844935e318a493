package promise

import (
	"strings"
	"testing"
	"time"
)

func TestCronDue(t *testing.T) {
	for _, c := range []struct {
		pattern        string
		minute, second int
		want           bool
	}{
		{"* * * * *", 7, 0, true},
		{"* * * * *", 7, 1, false},
		{"*/5 * * * *", 10, 0, true},
		{"*/5 * * * *", 11, 0, false},
		{"3,9 * * * *", 9, 0, true},
		{"10-20/5 * * * *", 15, 0, true},
		{"10-20/5 * * * *", 25, 0, false},
		{"*/10 * * * * *", 3, 20, true},
		{"*/10 * * * * *", 3, 21, false},
		{"30 2 * * * *", 2, 30, true},
		{"30 2 * * * *", 3, 30, false},
		{"nonsense", 0, 0, false},
		{"", 0, 0, false},
	} {
		at := time.Date(2026, 12, 1, 12, c.minute, c.second, 0, time.UTC)
		if got := isCronDue(c.pattern, at); got != c.want {
			t.Errorf("%q at %02d:%02d is due: %v, want %v", c.pattern, c.minute, c.second, got, c.want)
		}
	}
}

// FuzzPM2Log: whatever PM2's log holds, reading it neither fails nor takes another app's
// lines for the app's.
func FuzzPM2Log(f *testing.F) {
	for _, text := range []string{
		"Stopping app:app id:1", "App [app:1] exited with code [0] via signal [SIGTERM]\n", "App [app:_old_3] exited with code [99999999999999999999] via signal [X]",
		"Process with pid 9 still alive after 1600ms, sending SIGKILL to 1 remaining pids...", "Stopping app:other id:1", "[PM2][WORKER] Process 1 restarted because",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h := faulted().log(12, text)
		h.Header.App = "nobody's app"
		if l := readPM2Log(h.record()); len(l.orders) > 0 && !strings.Contains(text, "Stopping app:nobody's app") {
			t.Errorf("%q is taken for an order on the app", text)
		}
	})
}
