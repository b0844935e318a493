package remedy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/host"
)

// takeTurn locks PM2_HOME: whoever has the lock looks after the apps of that PM2. It is errTaken
// where another engine has it. The kernel releases it when the process ends, however that is.
func takeTurn(folder *host.Folder) (*os.File, error) {
	f, err := folder.Open(lockFile, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = errTaken
	}
	if err != nil {
		_ = f.Close() // it holds nothing
		return nil, err
	}
	return f, nil
}

// turnEvery is how often an engine that stands by looks whether the other one has ended.
const turnEvery = 500 * time.Millisecond

// awaitTurn waits until no other engine looks after the apps of PM2_HOME, looking each time that
// ticks says, and returns the lock. waits is called once, if there is something to wait for. The error is
// that of ctx when it ends before.
func awaitTurn(ctx context.Context, home string, ticks <-chan time.Time, waits func()) (*os.File, error) {
	folder, err := host.OpenFolder(home)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	for told := false; ; {
		turn, err := takeTurn(folder)
		if !errors.Is(err, errTaken) {
			return turn, err
		}
		if !told {
			told = true
			waits()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ticks:
		}
	}
}

// standBy has the engine wait for its turn, and returns the configuration as it is then. Where PM2
// has gone with the other engine, it waits for that too.
func (x *Command) standBy(ctx context.Context, cfg Config, args []string, stdout, stderr io.Writer) (Config, error) {
	ticker := time.NewTicker(turnEvery)
	defer ticker.Stop()
	s, waited := findService(stderr), false
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	turn, err := awaitTurn(ctx, cfg.Home, ticker.C, func() {
		waited = true
		fmt.Fprintf(stderr, "pm2drill engine: another engine looks after apps of %s: this one stands by, and takes over when that one ends\n", cfg.Home)
		s.keepAlive(waiting)
	})
	if err != nil {
		return Config{}, fmt.Errorf("cannot wait for the other engine of %s to end: %w", cfg.Home, err)
	}
	if waited {
		fmt.Fprintf(stderr, "pm2drill engine: the other engine of %s has ended: this one takes over\n", cfg.Home)
		home, board := cfg.Home, cfg.Board
		if cfg, err = x.configure(ctx, args, stderr); isAbsent(err) {
			_ = turn.Close() // it is taken while the engine waits
			if cfg, err = x.prepare(ctx, args, stdout, stderr); err != nil {
				return Config{}, err
			}
			return x.standBy(ctx, cfg, args, stdout, stderr)
		}
		cfg.Board = board
		if err == nil && cfg.Home != home {
			err = fmt.Errorf("the configuration has another home by now, %s: start the engine again", cfg.Home)
		}
		if err != nil {
			_ = turn.Close() // the next one may take it
			return Config{}, err
		}
	}
	cfg.turn = turn
	return cfg, nil
}
