package drain

import (
	"context"
	"syscall"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
)

// Kernel is what is asked of this host's kernel.
type Kernel interface {
	Now() time.Duration
	Alive(pid int) bool
	SignalMasks(pid int) (ignored, caught uint64, err error)
	Listeners(port int) ([]host.Socket, error)
	Established(port int, pids ...int) ([]host.Socket, error)
	Exchanges(port, pid int) ([]host.Exchange, error)
	Strangers(pid int) ([]string, error)
	OpenFiles(pid int) (used, most int)
	Exited(ctx context.Context, pid int) (<-chan struct{}, error)
	Signal(pid int, sig syscall.Signal) error
}

// kernel is the real one.
type kernel struct{}

func (kernel) Now() time.Duration                          { return host.Now() }
func (kernel) Alive(pid int) bool                          { return host.Alive(pid) }
func (kernel) SignalMasks(pid int) (uint64, uint64, error) { return host.SignalMasks(pid) }
func (kernel) Listeners(port int) ([]host.Socket, error)   { return host.Listeners(port) }
func (kernel) Signal(pid int, sig syscall.Signal) error    { return syscall.Kill(pid, sig) }
func (kernel) Strangers(pid int) ([]string, error)         { return host.Strangers(pid) }
func (kernel) OpenFiles(pid int) (used, most int)          { return host.OpenFiles(pid) }
func (kernel) Exchanges(port, pid int) ([]host.Exchange, error) {
	return host.Exchanges(port, pid)
}
func (kernel) Established(port int, pids ...int) ([]host.Socket, error) {
	return host.Established(port, pids...)
}
func (kernel) Exited(ctx context.Context, pid int) (<-chan struct{}, error) {
	return host.Exited(ctx, pid)
}
