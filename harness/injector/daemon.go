package injector

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// Daemon is a signal to PM2's daemon.
type Daemon struct {
	Init int           `json:"init"` // as Signal has it
	Home string        `json:"home"` // as Signal has it
	Name unix.Signal   `json:"name"`
	Then unix.Signal   `json:"then,omitempty"` // another signal, some time later; 0 for none
	For  time.Duration `json:"for,omitempty"`  // how much later
	// First stops the first worker of this app (SIGSTOP) right before; "" for none.
	First string `json:"first,omitempty"`
}

// do sends the signals.
func (d Daemon) do(ctx context.Context, begun func()) error {
	space, err := host.Inside(d.Init)
	if err != nil {
		return err
	}
	client, err := pm2.Dial(ctx, space.Path(d.Home))
	if err != nil {
		return err
	}
	defer client.Close()
	if d.First != "" {
		worker := Signal{Init: d.Init, Home: d.Home, App: d.First, Name: unix.SIGSTOP}
		if err := worker.do(ctx, func() {}); err != nil {
			return fmt.Errorf("cannot stop a worker first: %w", err)
		}
	}
	return sendTwo(ctx, client.DaemonPID(), Signal{Name: d.Name, Then: d.Then, For: d.For}, begun)
}
