package drain

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
)

//go:embed buried.js
var buriedJS string

// Bury makes PM2's daemon forget the workers that are dead and that Node's cluster
// module keeps as if they were not. While it keeps one, the daemon listens on for
// it: connections are accepted, and nobody ever has them. Each costs the daemon a
// file descriptor, and with none left it cannot be reached any more.
//
// It returns how many there were. Errors wrap ErrInspector.
func (d Drainer) Bury(ctx context.Context, daemon int) (int, error) {
	d = d.setDefaults()
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	in, err := d.connect(ctx, daemon)
	if err != nil {
		return 0, fmt.Errorf("cannot bury dead workers: %w: %w", ErrInspector, err)
	}
	var n int
	if err := errors.Join(in.evaluate(ctx, buriedJS, &n), in.closeOpened()); err != nil {
		return 0, fmt.Errorf("cannot bury dead workers: %w: %w", ErrInspector, err)
	}
	return n, nil
}
