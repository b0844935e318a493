package session

import (
	"context"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/report"
)

// TestAgainHasHosts: a second rehearsal (validate --verify) drills on the hosts of the first.
// Without them it ended with "no Docker host is left", before it had begun.
func TestAgainHasHosts(t *testing.T) {
	first := Session{
		hosts: []*host{{places: 2}}, Extra: []string{"--verify"}, Foreign: "app:1", Flags: Flags{Out: "reports/a", Seed: 7},
		Report: report.Report{Run: report.Run{Command: "validate"}, Dir: "reports/a"}, Hooks: Hooks{Conclude: func(*report.Report) error { return nil }},
	}
	at := time.Date(2026, 11, 30, 21, 0, 0, 0, time.UTC)
	again := first.Again("reports/a/verified", at)
	if _, err := newPool(again.hosts, 1).take(context.Background(), 1); err != nil {
		t.Errorf("it cannot drill: %v", err)
	}
	if again.Flags.Out != "reports/a/verified" || again.Flags.Seed != 7 || again.Foreign != "app:1" || !again.Quiet || again.Hooks.Conclude != nil ||
		!again.Started.Equal(at) || again.Report.Run.Command != "validate" || again.Report.Dir != "" || first.Flags.Out != "reports/a" {
		t.Errorf("it is %+v", again)
	}
}
