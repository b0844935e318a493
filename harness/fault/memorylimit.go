package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// MemoryLimit gives every worker of the app a max_memory_restart, by a reload.
type MemoryLimit struct {
	Limit string // as PM2 takes it, such as 40M
}

// Kind implements Fault.
func (MemoryLimit) Kind() string { return evidence.KindFault }

// Inject reloads the app with the setting.
func (f MemoryLimit) Inject(ctx context.Context, at Site) error {
	if err := at.runPM2(ctx, "reload", at.App, "--max-memory-restart", f.Limit); err != nil {
		return fmt.Errorf("cannot give the app a max_memory_restart: %w", err)
	}
	return nil
}

// Bitten says yes once PM2 has restarted a worker for its memory.
func (MemoryLimit) Bitten(r *evidence.Record) (Bite, bool) { return overLimit(r) }

// overLimit looks for PM2's word that a worker uses more memory than it may (lib/Worker.js:94).
func overLimit(r *evidence.Record) (Bite, bool) {
	line, said := findSaid(r, "exceeds --max-memory-restart")
	return Bite{Note: fmt.Sprintf("PM2 said %q", line)}, said
}

// Lift does nothing: the setting stays.
func (MemoryLimit) Lift(context.Context, Site) error { return nil }

// OneOverLimit has one worker use more memory than its max_memory_restart allows.
type OneOverLimit struct {
	Path string // of the request that has it do so
}

// Kind implements Fault.
func (OneOverLimit) Kind() string { return evidence.KindFault }

// Inject sends the request.
func (f OneOverLimit) Inject(ctx context.Context, at Site) error {
	return PoisonRequests{Paths: []string{f.Path}}.Inject(ctx, at)
}

// Bitten says yes once PM2 has restarted a worker for its memory.
func (OneOverLimit) Bitten(r *evidence.Record) (Bite, bool) { return overLimit(r) }

// Lift does nothing: the request is over.
func (OneOverLimit) Lift(context.Context, Site) error { return nil }
