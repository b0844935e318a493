package act

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// releaseWithin is how long the kernel may show a socket that was closed.
const releaseWithin = 2 * time.Second

// release has the daemon forget dead workers, and returns when it does not listen
// any more.
func (h Executor) release(ctx context.Context, daemon int) error {
	if _, err := (drain.Drainer{Inspector: h.Inspector, Guard: h.Guard}).Bury(ctx, daemon); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, releaseWithin)
	defer cancel()
	t := time.NewTicker(releaseWithin / 20)
	defer t.Stop()
	for {
		socks, err := host.Listeners(h.Port, daemon)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(socks, func(s host.Socket) bool { return s.PID == daemon }) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cannot close port %d: PM2's daemon (pid %d) listens on it after %s", h.Port, daemon, releaseWithin)
		case <-t.C:
		}
	}
}
