package drain

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// ErrStopped: somebody has stopped the worker while it was being replaced. It stays as it is.
var ErrStopped = errors.New("somebody has stopped it meanwhile")

// settleStop returns PM2's row of a worker that has been drained. If somebody else asked PM2 to end it
// meanwhile it waits for what that comes to, and a worker that is stopped then is ErrStopped.
func (r Roller) settleStop(ctx context.Context, w Worker, log *pm2.Bus) (pm2.Process, error) {
	p, err := r.PM2.Describe(ctx, w.ID)
	if err != nil || p.State() != pm2.Ending && p.State() != pm2.StoppedNow || !r.heardStop(w.ID, log) {
		return p, err
	}
	ctx, cancel := context.WithTimeout(ctx, w.KillTimeout+killTimeout+reach)
	defer cancel()
	err = poll(ctx, inquiry, func() (bool, error) {
		p, err = r.PM2.Describe(ctx, w.ID)
		return err == nil && p.State() != pm2.Ending, err
	})
	if err == nil && p.State() == pm2.StoppedNow {
		err = ErrStopped
	}
	return p, err
}

// heardStop reports whether PM2 has logged that it was told to end a worker. The log may come a
// little later than PM2's answer on another connection.
func (r Roller) heardStop(id int, log *pm2.Bus) bool {
	t := time.NewTimer(inquiry)
	defer t.Stop()
	for {
		select {
		case e, ok := <-log.Events():
			if !ok {
				return false
			}
			if strings.TrimSpace(e.Text) == fmt.Sprintf("Stopping app:%s id:%d", r.App, id) {
				return true
			}
		case <-t.C:
			return false
		}
	}
}
