package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// BadDeploy puts broken code on the disk and asks for a rolling restart, as a
// deployment does: of the engine under test, or of PM2 where there is none.
type BadDeploy struct {
	Flag string // the release: its broken release
	Says string // what its workers say when they die of it
	// Back has the request carry the command that takes the release back.
	Back bool
}

// Kind implements Fault: whoever rolls is to blame for what a roll loses.
func (BadDeploy) Kind() string { return evidence.KindRequest }

// Asks names the capability that an engine needs for it.
func (BadDeploy) Asks() string { return engine.CanRoll }

// Inject switches the release and asks for the roll.
func (f BadDeploy) Inject(ctx context.Context, at Site) error {
	if err := at.release(ctx, f.Flag); err != nil {
		return fmt.Errorf("cannot deploy the bad release: %w", err)
	}
	roll := RollingRestart{}
	if f.Back {
		roll.Rollback = at.buildRollback(f.Flag)
	}
	return roll.Inject(ctx, at)
}

// Bitten says yes once a worker has died saying the words, or the request has been
// ignored.
func (f BadDeploy) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	if bite, ok := isIgnored(r); ok {
		return bite, true
	}
	text, died := findDyingWords(r, t, f.Says)
	return Bite{Note: fmt.Sprintf("a worker of the new release said %q", text)}, died
}

// Lift puts the good release back on disk. The app is left as it is.
func (f BadDeploy) Lift(ctx context.Context, at Site) error {
	return BadRelease{Flag: f.Flag}.Lift(ctx, at)
}
