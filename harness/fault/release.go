package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// BadRelease deploys broken code and restarts the app, as an operator would.
type BadRelease struct {
	Flag string // the release: its broken release
	Says string // what its workers say when they die of it
}

// Kind implements Fault.
func (BadRelease) Kind() string { return evidence.KindFault }

// Inject switches the release and restarts the app.
func (f BadRelease) Inject(ctx context.Context, at Site) error {
	err := at.release(ctx, f.Flag)
	if err == nil {
		err = at.runPM2(ctx, "restart", at.App)
	}
	if err != nil {
		return fmt.Errorf("cannot deploy the bad release: %w", err)
	}
	return nil
}

// Bitten says yes once PM2 has seen a worker end that said the words, while
// nobody but PM2 was on the app's port.
func (f BadRelease) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok || len(r.Snapshots) == 0 {
		return Bite{}, false
	}
	text, died := findDyingWords(r, t, f.Says)
	s := r.Snapshots[len(r.Snapshots)-1]
	for _, l := range s.Listeners {
		if l.PID != s.Daemon && !slices.Contains(s.Children, l.PID) {
			return Bite{Note: fmt.Sprintf("pid %d is a stranger on the port", l.PID)}, false
		}
	}
	return Bite{Note: fmt.Sprintf("a worker said %q and nobody else has the port", text)}, died
}

// Lift puts the good release back on disk. The app is left as it is.
func (f BadRelease) Lift(ctx context.Context, at Site) error {
	if err := at.takeBack(ctx, f.Flag); err != nil {
		return fmt.Errorf("cannot take the bad release back: %w", err)
	}
	return nil
}

// findDyingWords returns the first line since t that holds the words, and whether PM2 has
// seen a worker exit since t as well.
func findDyingWords(r *evidence.Record, t time.Duration, words string) (line string, died bool) {
	for _, e := range r.Events {
		if e.At < t {
			continue
		}
		if line == "" && strings.Contains(e.Text, words) {
			line = findLine(e.Text, words)
		}
		died = died || e.Event == "exit"
	}
	return line, died && line != ""
}

func findLine(s, words string) string {
	for line := range strings.Lines(s) {
		if strings.Contains(line, words) {
			return strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(s)
}
