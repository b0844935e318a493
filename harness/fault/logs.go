package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// ClosedLogs takes from the app's user the right to write to the app's logs, as a script does
// that ran as another one, and restarts the app.
type ClosedLogs struct {
	Folder string // that the logs are in, absolute
}

// Kind implements Fault.
func (ClosedLogs) Kind() string { return evidence.KindFault }

// Inject takes the right away and types the restart.
func (f ClosedLogs) Inject(ctx context.Context, at Site) error {
	if err := typedAsUser(ctx, at, "chmod", "-R", "a-w", f.Folder); err != nil {
		return fmt.Errorf("cannot close the logs: %w", err)
	}
	return at.typePM2(ctx, "restart", at.App)
}

// typedAsUser runs a command in the cluster as the app's user.
func typedAsUser(ctx context.Context, at Site, command ...string) error {
	out, err := at.exec(ctx, command...)
	if err == nil {
		err = out.Failed()
	}
	return err
}

// Bitten says yes once a worker has died of a log that it may not open.
func (ClosedLogs) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	text, died := findDyingWords(r, t, "EACCES")
	return Bite{Note: fmt.Sprintf("a worker said %q", text)}, died
}

// Lift gives the right back. The app is left as it is.
func (f ClosedLogs) Lift(ctx context.Context, at Site) error {
	if err := typedAsUser(ctx, at, "chmod", "-R", "u+w", f.Folder); err != nil {
		return fmt.Errorf("cannot open the logs again: %w", err)
	}
	return nil
}

// RotatedLogs moves the app's logs away and has PM2 open new ones, as logrotate does.
type RotatedLogs struct {
	Folder string // that the logs are in, absolute
}

// Kind implements Fault.
func (RotatedLogs) Kind() string { return evidence.KindFault }

// Inject does so.
func (f RotatedLogs) Inject(ctx context.Context, at Site) error {
	if err := typedAsUser(ctx, at, "sh", "-c", `cd "$0" && for f in *; do mv "$f" "$f.1"; done`, f.Folder); err != nil {
		return fmt.Errorf("cannot rotate the logs: %w", err)
	}
	if err := at.runPM2(ctx, "reloadLogs"); err != nil {
		return fmt.Errorf("cannot have PM2 open new logs: %w", err)
	}
	return nil
}

// Bitten says yes once PM2 has said that it opens the logs anew.
func (RotatedLogs) Bitten(r *evidence.Record) (Bite, bool) {
	line, said := findSaid(r, "Reloading logs")
	return Bite{Note: fmt.Sprintf("PM2 said %q", line)}, said
}

// Lift does nothing: the new logs are there.
func (RotatedLogs) Lift(context.Context, Site) error { return nil }
