package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// LargeEnvironment restarts the app with variables of that size besides, as a pipeline does
// that exports its own. PM2 hands a cluster worker its whole environment as one variable
// (lib/God/ClusterMode.js:57), and Linux allows 128 KiB for one (MAX_ARG_STRLEN, execve(2)).
type LargeEnvironment struct {
	KiB int
}

// oneVariable is the most that Linux allows for one variable, KiB.
const oneVariable = 128

// Kind implements Fault.
func (LargeEnvironment) Kind() string { return evidence.KindFault }

// Inject types the restart. Where PM2 cannot start a worker it exits with an error, which is
// the operator's affair.
func (f LargeEnvironment) Inject(ctx context.Context, at Site) error {
	half := fmt.Sprintf("$(head -c %d /dev/zero | tr '\\0' x)", f.KiB<<10/2)
	line := fmt.Sprintf("CI_CHANGED_FILES=%s CI_RELEASE_NOTES=%s pm2 restart %s --update-env", half, half, at.App)
	if _, err := at.exec(ctx, "sh", "-c", line); err != nil {
		return fmt.Errorf("cannot restart the app with more variables: %w", err)
	}
	return nil
}

// Bitten says yes once a worker has had no process for a while; or, of an environment that
// fits, once all workers that served have gone.
func (f LargeEnvironment) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	if gone := countExited(r, t); f.KiB < oneVariable {
		return Bite{Note: fmt.Sprintf("%d workers have gone", gone)}, gone >= r.Header.Workers
	}
	id := missing(r)
	return Bite{Note: fmt.Sprintf("worker %d has had no process for %s", id, missedFor)}, id >= 0
}

// Lift does nothing: PM2 keeps the variables.
func (LargeEnvironment) Lift(context.Context, Site) error { return nil }
