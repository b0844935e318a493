package session

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
)

// TestEndsRun: of a drill that had begun, trouble is its own; what would end every drill
// ends the run.
func TestEndsRun(t *testing.T) {
	begun := report.Drill{Record: &evidence.Record{Header: evidence.Header{Scenario: "port-taken"}}}
	for _, c := range []struct {
		name string
		d    report.Drill
		err  error
		want bool
	}{
		{"an injection that failed", begun, errors.New("cannot give the port away: pm2 start app: exit code 1"), false},
		{"no cluster came up", report.Drill{}, errors.New("cannot start the cluster"), true},
		{"an interrupt", begun, fmt.Errorf("cannot wait: %w", context.Canceled), true},
		{"no engine to run", begun, drill.EngineError{}, true},
	} {
		if got := endsRun(c.d, c.err); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
