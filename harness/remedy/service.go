package remedy

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/pm2drill/pm2drill/harness/remedy/status"
)

// service tells the service manager how the engine is (sd_notify(3)). Without one, nobody is
// told.
type service struct {
	notify func(state string) // daemon.SdNotify...
	every  time.Duration      // how often it wants to hear that the engine is at work; 0 for never
}

// findService finds the service manager by the environment.
func findService(stderr io.Writer) service {
	said := false
	s := service{notify: func(state string) {
		if _, err := daemon.SdNotify(false, state); err != nil && !said {
			said = true
			fmt.Fprintf(stderr, "pm2drill engine: cannot tell the service manager: %v\n", err)
		}
	}}
	if limit, err := daemon.SdWatchdogEnabled(false); err == nil && limit > 0 {
		s.every = limit / 3
	}
	return s
}

// watch tells the service manager that the engine is at work, each time that ticks says, as
// long as every app is looked at (status.Board.Stale), and that it ends, when ctx does. An
// engine that has stopped looking is started anew by its service manager.
func (s service) watch(ctx context.Context, board *status.Board, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			s.notify(daemon.SdNotifyStopping)
			return
		case now := <-ticks:
			if len(board.Stale(now)) == 0 {
				s.notify(daemon.SdNotifyWatchdog)
			}
		}
	}
}

// keepAlive tells the service manager that an engine which stands by is ready, and then that it is at
// work, until ctx ends.
func (s service) keepAlive(ctx context.Context) {
	s.notify(daemon.SdNotifyReady)
	if s.every == 0 {
		return
	}
	go func() {
		ticker := time.NewTicker(s.every)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				s.notify(daemon.SdNotifyWatchdog)
			}
		}
	}()
}

// attendService has the service manager be told from the time that the engine is ready.
func (x *Command) attendService(ctx context.Context, cfg *Config, stderr io.Writer) {
	s := findService(stderr)
	board := cfg.Board
	cfg.Ready = func() {
		s.notify(daemon.SdNotifyReady)
		var ticks <-chan time.Time
		if s.every > 0 {
			ticker := time.NewTicker(s.every)
			context.AfterFunc(ctx, ticker.Stop)
			ticks = ticker.C
		}
		go s.watch(ctx, board, ticks)
	}
}
