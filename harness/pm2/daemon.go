package pm2

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrDaemonDead: there is no daemon. That is not the same as a daemon without
// apps, whose list is empty, nor as one that is slow, whose calls end with the
// context's error.
var ErrDaemonDead = errors.New("PM2's daemon does not run")

// ErrDaemonDeaf: the daemon's process lives, but nobody listens on its socket;
// somebody has removed the file, say. Its apps run on. A second daemon beside it
// would start them once more, so this is not ErrDaemonDead.
var ErrDaemonDeaf = errors.New("PM2's daemon runs, but cannot be reached")

// DaemonPID reads the daemon's pid from pm2.pid. The file outlives a killed
// daemon: whether the process lives is for the kernel to say. A Client knows
// better, see Client.DaemonPID.
func DaemonPID(home string) (int, error) {
	b, err := os.ReadFile(filepath.Join(home, "pm2.pid"))
	if err != nil {
		return 0, fmt.Errorf("cannot read the daemon's pid: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || pid <= 0 {
		return 0, fmt.Errorf("cannot read the daemon's pid: pm2.pid says %.20q", b)
	}
	return pid, nil
}

// dial connects to one of the two sockets in home. It tells a daemon that is
// dead from one that lives and cannot be reached, and starts none.
func dial(ctx context.Context, home, socket string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", filepath.Join(home, socket))
	if err == nil {
		return conn, nil
	}
	if !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ECONNREFUSED) {
		return nil, fmt.Errorf("cannot reach PM2's daemon: %w", err)
	}
	pid, pidErr := DaemonPID(home)
	switch {
	case pidErr != nil:
		return nil, fmt.Errorf("%w: %w, and there is no pm2.pid", ErrDaemonDead, err)
	case isDaemon(pid):
		return nil, fmt.Errorf("%w: %w, but pid %d lives", ErrDaemonDeaf, err, pid)
	}
	return nil, fmt.Errorf("%w: %w, and pid %d of pm2.pid is no daemon any more", ErrDaemonDead, err, pid)
}

// isDaemon reports whether a live process calls itself PM2's daemon. The name
// (Daemon.js sets it as the process title) guards against a pid that the kernel
// has given to another process since; a daemon renamed by PM2_DAEMON_TITLE is
// not known.
func isDaemon(pid int) bool {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return false
	}
	// The state follows the name, which ends with the last parenthesis. A zombie
	// is a dead process that nobody has collected, as in a container without init.
	_, rest, ok := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	if !ok || len(rest) == 0 || rest[0] == 'Z' || rest[0] == 'X' {
		return false
	}
	title, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	return err == nil && bytes.Contains(title, []byte("God Daemon"))
}

// peer is the pid of the process that listens at the other end of conn, or 0
// when the kernel does not say or the process is in another pid namespace.
func peer(conn net.Conn) int {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return 0
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0
	}
	pid := 0
	err = raw.Control(func(fd uintptr) {
		if cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(cred.Pid)
		}
	})
	if err != nil {
		return 0
	}
	return pid
}
