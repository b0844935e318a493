package drain

import (
	"context"
	"errors"
	"fmt"
)

// Probe reads a worker's facts and changes nothing; it opens the inspector for a
// moment. The error wraps ErrInspector when that cannot be done.
func (d Drainer) Probe(ctx context.Context, pid int) (Facts, error) {
	d = d.setDefaults()
	in, err := d.attach(ctx, pid)
	if err != nil {
		return Facts{}, fmt.Errorf("cannot probe process %d: %w", pid, err)
	}
	f, err := in.readFacts(ctx)
	if err = errors.Join(err, d.leaveInspector(ctx, pid, in)); err != nil {
		return f, fmt.Errorf("cannot probe process %d: %w: %w", pid, ErrInspector, err)
	}
	return f, nil
}
