package pm2

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/host"
)

// ErrImpostor: somebody listens on a socket of PM2_HOME who is not its daemon.
// What it says must not be believed, and nothing must be done upon it.
var ErrImpostor = errors.New("it is not the daemon of this PM2_HOME that listens")

// The daemon opens both sockets itself (Daemon.js:91, 120), so the kernel must
// name the same process for both.
var sibling = map[string]string{"rpc.sock": "pub.sock", "pub.sock": "rpc.sock"}

// identify makes sure of who listens at the other end of a connection, by what the
// kernel says of it (SO_PEERCRED, recorded when the socket was opened to listen):
//
//   - it runs as the owner of home, or as this process's own user;
//   - it is the same process on both sockets;
//   - it lives, still as that user;
//   - pm2.pid names no other daemon that lives.
//
// A process of the same user can pass for the daemon all the same: it could as
// well ask the daemon itself for whatever it likes. So what the daemon says of a
// pid is to be checked too, see Client.Worker.
func identify(ctx context.Context, home, socket string, conn net.Conn) (pid int, err error) {
	who, err := findPeer(conn)
	if err != nil {
		return 0, err
	}
	owner, err := findOwner(home)
	if err != nil {
		return 0, err
	}
	if uid := who.uid; uid != owner && uid != os.Geteuid() {
		return 0, fmt.Errorf("%w: %s is of user %d, %s of user %d", ErrImpostor, socket, uid, home, owner)
	}
	other, err := new(net.Dialer).DialContext(ctx, "unix", filepath.Join(home, sibling[socket]))
	if err == nil {
		twin, err := findPeer(other)
		_ = other.Close() // nothing was said on it
		if err != nil {
			return 0, err
		}
		if twin.pid != who.pid || twin.uid != who.uid {
			return 0, fmt.Errorf("%w: %s is of process %d (user %d), %s of process %d (user %d)",
				ErrImpostor, socket, who.pid, who.uid, sibling[socket], twin.pid, twin.uid)
		}
	}
	if who.pid == 0 {
		return 0, nil // in another pid namespace
	}
	return who.pid, checkAlone(home, who.pid, who.uid)
}

// checkAlone makes sure that a process runs as a user, and is the only daemon of home.
func checkAlone(home string, pid, uid int) error {
	now, err := host.UID(pid)
	if err != nil || !host.Alive(pid) {
		return fmt.Errorf("%w: process %d, which opened the socket, has ended", ErrImpostor, pid)
	}
	if now != uid {
		return fmt.Errorf("%w: process %d runs as user %d, and the socket is of user %d", ErrImpostor, pid, now, uid)
	}
	if named, err := DaemonPID(home); err == nil && named != pid && isDaemon(named) {
		return fmt.Errorf("%w: it is process %d, and pm2.pid says %d, which lives", ErrImpostor, pid, named)
	}
	return nil
}

// listener is the process that listens on a socket, and its user. The pid is 0 when the
// process is in another pid namespace.
type listener struct{ pid, uid int }

// findPeer returns the process that listens at the other end of conn.
func findPeer(conn net.Conn) (listener, error) {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return listener{}, errors.New("cannot see who listens: it is no Unix socket")
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return listener{}, fmt.Errorf("cannot see who listens: %w", err)
	}
	var who listener
	var credErr error
	err = raw.Control(func(fd uintptr) { who.pid, who.uid, credErr = host.Peer(int(fd)) })
	if err = errors.Join(err, credErr); err != nil {
		return listener{}, fmt.Errorf("cannot see who listens: %w", err)
	}
	return who, nil
}

// findOwner returns the user id that a directory belongs to.
func findOwner(home string) (int, error) {
	var st unix.Stat_t
	if err := unix.Stat(home, &st); err != nil {
		return 0, fmt.Errorf("cannot see whose %s is: %w", home, err)
	}
	return int(st.Uid), nil
}

// Worker opens the process that PM2 has named as a worker's, if it is one: it
// must descend from the daemon that this client talks to and run as its user
// (host.Handle.BelongsTo). The caller closes the handle. The error wraps
// host.ErrStranger where PM2's word is wrong.
func (c *Client) Worker(pid int) (*host.Handle, error) {
	if c.daemon == 0 {
		return nil, errOtherNamespace
	}
	h, err := host.Open(pid)
	if err != nil {
		return nil, err
	}
	if err := h.BelongsTo(c.daemon); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

var errOtherNamespace = errors.New("the daemon's processes cannot be seen from here (another pid namespace)")
