package pm2

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/host"
)

// Errors of what is said to a worker's process itself.
var (
	// ErrNotRunning: there is no live process to signal or to send to.
	ErrNotRunning = errors.New("the process does not run")
	// ErrLeft: the worker has closed the channel to PM2, most likely because it
	// was told to leave.
	ErrLeft = errors.New("the worker has left and cannot be spoken to")
)

// Signal sends a signal, such as "SIGUSR2", to a process. It goes from here, by
// pidfd, not through the daemon: PM2's sendSignalToProcessId does not look
// whether the process runs, and for one that is stopped it signals pid 0, which
// is the daemon's own process group (ActionMethods.js; seen on 7.0.4: SIGKILL to
// a stopped worker killed the daemon and every app in cluster mode). So the
// caller needs the right to signal the process. The error wraps ErrNotRunning
// when there is none.
func (c *Client) Signal(ctx context.Context, id int, signal string) error {
	number := unix.SignalNum(signal)
	if number == 0 {
		return fmt.Errorf("cannot signal process %d: there is no signal %q", id, signal)
	}
	p, err := c.findRunning(ctx, id)
	if err != nil {
		return fmt.Errorf("cannot signal process %d: %w", id, err)
	}
	h, err := c.Worker(p.PID)
	if err != nil {
		return fmt.Errorf("cannot signal process %d (pid %d): %w", id, p.PID, markNotRunning(err))
	}
	defer h.Close()
	// If PM2 still has the pid, then the handle is of the process that PM2 means.
	again, err := c.findRunning(ctx, id)
	if err == nil && again.PID != p.PID {
		err = fmt.Errorf("%w any more, it has been replaced", ErrNotRunning)
	}
	if err == nil {
		err = markNotRunning(h.Signal(number))
	}
	if err != nil {
		return fmt.Errorf("cannot signal process %d (pid %d): %w", id, p.PID, err)
	}
	return nil
}

func markNotRunning(err error) error {
	if errors.Is(err, host.ErrNoProcess) {
		return fmt.Errorf("%w: %w", ErrNotRunning, err)
	}
	return err
}

// findRunning returns a process that PM2 holds to be alive.
func (c *Client) findRunning(ctx context.Context, id int) (Process, error) {
	if c.daemon == 0 {
		return Process{}, errOtherNamespace
	}
	p, err := c.Describe(ctx, id)
	if err != nil {
		return Process{}, err
	}
	s := p.State()
	if p.PID <= 0 || s != Running && s != Booting && s != Ending {
		return Process{}, fmt.Errorf("%w: PM2 says %s (pid %d)", ErrNotRunning, p.Status, p.PID)
	}
	return p, nil
}

// packet is the argument of sendDataToProcessId. PM2 passes the whole of it to
// process.send, so cmd and act reach Node itself.
type packet struct {
	ID    int    `json:"id"`
	Type  string `json:"type"`
	Topic string `json:"topic"`
	Data  any    `json:"data"`
	Cmd   string `json:"cmd,omitempty"`
	Act   string `json:"act,omitempty"`
}

// Send delivers a message to a worker: process.on('message') sees an object with
// this topic, which must not be empty, and data, which must have a JSON form. The
// error wraps ErrNotRunning or ErrLeft when nobody would receive it.
//
// It looks first, because PM2 does not: a message to a worker whose channel is
// closed ends that worker (SIGTERM), and the next one ends the daemon with every
// app (ERR_IPC_CHANNEL_CLOSED; seen on 7.0.4, ActionMethods.js:704).
func (c *Client) Send(ctx context.Context, id int, topic string, data any) error {
	if topic == "" {
		return fmt.Errorf("cannot send to process %d: the topic is empty", id)
	}
	if _, err := c.findListening(ctx, id); err != nil {
		return fmt.Errorf("cannot send to process %d: %w", id, err)
	}
	_, err := c.call(ctx, sendDataToID, packet{ID: id, Type: "process:msg", Topic: topic, Data: data}, nil)
	return markUnknownID(err)
}

// Leave asks a cluster worker to leave the rotation: it stops accepting and
// finishes what it has. PM2 does not know of it. Node takes a message whose cmd
// starts with NODE_ as its own, and this one as the primary's request to
// disconnect (lib/internal/cluster/child.js); undocumented, seen to work with
// Node 20 to 26 under PM2 5.4.3 to 7.0.4. Under PM2's default instrumentation
// (pmx) the worker exits by itself once it is empty, and PM2 respawns it.
//
// A worker that has left takes no messages: see Send for why, and for the errors
// of a second Leave.
func (c *Client) Leave(ctx context.Context, id int) error {
	p, err := c.findListening(ctx, id)
	if err == nil && p.Mode != "cluster" {
		err = errors.New("it runs in fork mode and is in no rotation")
	}
	if err != nil {
		return fmt.Errorf("cannot have process %d leave: %w", id, err)
	}
	c.mu.Lock()
	c.left[id] = p.PID
	c.mu.Unlock()
	_, err = c.call(ctx, sendDataToID, packet{
		ID: id, Type: "pm2drill", Topic: "pm2drill", Data: struct{}{}, Cmd: "NODE_CLUSTER", Act: "disconnect",
	}, nil)
	return markUnknownID(err)
}

// findListening returns a process that can receive messages.
func (c *Client) findListening(ctx context.Context, id int) (Process, error) {
	p, err := c.findRunning(ctx, id)
	if err != nil {
		return p, err
	}
	c.mu.Lock()
	left := c.left[id] == p.PID
	c.mu.Unlock()
	if left {
		return p, ErrLeft
	}
	open, err := isChannelOpen(p.PID)
	if err == nil && !open {
		err = ErrLeft
	}
	return p, err
}

// isChannelOpen reports whether a Node process holds the channel over which its parent
// talks to it. It is descriptor 3 of whatever PM2 spawns (child_process appends "ipc" to
// three standard streams; ForkMode.js asks for the same), a Unix socket without a name.
// Once the process has disconnected, 3 is closed or something else.
func isChannelOpen(pid int) (bool, error) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	link, err := os.Readlink(filepath.Join(dir, "fd", "3"))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot see the channel of pid %d: %w", pid, err)
	}
	inode, ok := strings.CutPrefix(link, "socket:[")
	if !ok {
		return false, nil
	}
	table, err := os.ReadFile(filepath.Join(dir, "net", "unix"))
	if err != nil {
		return false, fmt.Errorf("cannot see the channel of pid %d: %w", pid, err)
	}
	for line := range bytes.Lines(table) {
		// Num RefCount Protocol Flags Type St Inode [Path]
		f := bytes.Fields(line)
		if len(f) == 7 && string(f[6]) == strings.TrimSuffix(inode, "]") {
			return true, nil
		}
	}
	return false, nil
}
