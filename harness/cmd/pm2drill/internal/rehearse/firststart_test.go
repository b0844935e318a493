package rehearse

import (
	"context"
	"errors"
	"testing"
)

// TestBlameApp: a start that somebody has interrupted is no fault of the app. The report of one
// said "Broken: cannot start the app: context canceled".
func TestBlameApp(t *testing.T) {
	if failure, err := blameApp(context.Background(), "cannot start the app"); failure != "cannot start the app" || err != nil {
		t.Errorf("of a start that has failed: %q, %v", failure, err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	stop := errors.New("interrupted")
	cancel(stop)
	if failure, err := blameApp(ctx, "cannot start the app: context canceled"); failure != "" || !errors.Is(err, stop) {
		t.Errorf("of one that was interrupted: %q, %v", failure, err)
	}
}
