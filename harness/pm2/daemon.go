package pm2

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/host"
)

// ErrDaemonDead: there is no daemon. That is not the same as a daemon without
// apps, whose list is empty, nor as one that is slow, whose calls end with the
// context's error.
var ErrDaemonDead = errors.New("PM2's daemon does not run")

// ErrDaemonDeaf: the daemon's process lives, but nobody listens on its socket;
// somebody has removed the file, say. Its apps run on. A second daemon beside it
// would start them once more, so this is not ErrDaemonDead.
var ErrDaemonDeaf = errors.New("PM2's daemon runs, but cannot be reached")

// maxPID is the most bytes of pm2.pid that are read.
const maxPID = 64

// DaemonPID reads the daemon's pid from pm2.pid. The file outlives a killed
// daemon: whether the process lives is for the kernel to say. A Client knows
// better, see Client.DaemonPID.
func DaemonPID(home string) (int, error) {
	b, err := host.ReadFile(filepath.Join(home, "pm2.pid"), maxPID)
	if err != nil {
		return 0, fmt.Errorf("cannot read the daemon's pid: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || pid <= 0 {
		return 0, fmt.Errorf("cannot read the daemon's pid: pm2.pid says %.20q", b)
	}
	return pid, nil
}

// dial connects to one of the two sockets in home and returns the daemon's pid, 0
// if that is in another pid namespace. It tells a daemon that is dead from one
// that lives and cannot be reached, and from somebody else who listens in its
// place. It starts none.
func dial(ctx context.Context, home, socket string) (net.Conn, int, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", filepath.Join(home, socket))
	if err == nil {
		pid, err := identify(ctx, home, socket, conn)
		if err != nil {
			_ = conn.Close() // it is of no use; the reason is in err
			return nil, 0, fmt.Errorf("cannot talk to PM2's daemon: %w", err)
		}
		return conn, pid, nil
	}
	if !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ECONNREFUSED) {
		return nil, 0, fmt.Errorf("cannot reach PM2's daemon: %w", err)
	}
	pid, pidErr := DaemonPID(home)
	switch {
	case pidErr != nil:
		return nil, 0, fmt.Errorf("%w: %w, and there is no pm2.pid", ErrDaemonDead, err)
	case isDaemon(pid):
		return nil, 0, fmt.Errorf("%w: %w, but pid %d lives", ErrDaemonDeaf, err, pid)
	}
	return nil, 0, fmt.Errorf("%w: %w, and pid %d of pm2.pid is no daemon any more", ErrDaemonDead, err, pid)
}

// isDaemon reports whether a live process calls itself PM2's daemon. The name
// (Daemon.js:451 sets it as the process title) guards against a pid that the
// kernel has given to another process since; a daemon renamed by
// PM2_DAEMON_TITLE is not known. A zombie is a dead process that nobody has
// collected, as in a container without init.
func isDaemon(pid int) bool {
	title, err := host.Cmdline(pid)
	return err == nil && host.Alive(pid) && strings.Contains(title, "God Daemon")
}
