package drain_test

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// TestResult: what the deadline cut off is said, and in what it was counted.
func TestResult(t *testing.T) {
	for _, c := range []struct {
		result drain.Result
		want   string
	}{
		{drain.Result{Took: 5 * time.Second}, "not at all: its process ended before"},
		{drain.Result{Means: drain.Inspector, Took: 1200 * time.Millisecond}, "by inspector in 1.2s"},
		{drain.Result{Means: drain.Inspector, Took: 30 * time.Second, InFlight: 2}, "by inspector in 30s, the drain's deadline passed with requests unanswered: 2"},
		{drain.Result{Means: drain.Leave, Took: 30 * time.Second, InFlight: 3}, "by leave in 30s, the drain's deadline passed with connections still open: 3"},
	} {
		if got := c.result.String(); got != c.want {
			t.Errorf("it says %q, want %q", got, c.want)
		}
	}
}
