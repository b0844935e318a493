package pm2

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ErrUnknownID: PM2 has no process of that id.
var ErrUnknownID = errors.New("PM2 has no process of that id")

// List returns PM2's list of processes, in no promised order. A daemon without
// apps gives an empty list and no error.
func (c *Client) List(ctx context.Context) ([]Process, error) {
	var list []Process
	if err := c.call(ctx, getMonitorData, struct{}{}, &list); err != nil {
		return nil, err
	}
	return list, nil
}

// Describe returns one process. The error wraps ErrUnknownID if there is none.
func (c *Client) Describe(ctx context.Context, id int) (Process, error) {
	list, err := c.List(ctx)
	if err != nil {
		return Process{}, err
	}
	for _, p := range list {
		if p.ID == id {
			return p, nil
		}
	}
	return Process{}, fmt.Errorf("cannot describe process %d: %w", id, ErrUnknownID)
}

// Version returns the daemon's version, which may differ from that of the pm2
// command on the same host.
func (c *Client) Version(ctx context.Context) (string, error) {
	var v string
	err := c.call(ctx, getVersion, struct{}{}, &v)
	return v, err
}

// Ping asks for a sign of life.
func (c *Client) Ping(ctx context.Context) error { return c.call(ctx, ping, struct{}{}, nil) }

// Start starts a stopped or given-up process. PM2 refuses while a pid is on
// record for it, also a dead one's in backoff (ActionMethods.js:268): Stop first.
func (c *Client) Start(ctx context.Context, id int) error { return c.call(ctx, startID, id, nil) }

// Stop ends a process and keeps it down: SIGINT, and SIGKILL after its
// kill_timeout. It returns when the process is gone.
func (c *Client) Stop(ctx context.Context, id int) error { return c.call(ctx, stopID, id, nil) }

// Delete stops a process and takes it off the list.
func (c *Client) Delete(ctx context.Context, id int) error { return c.call(ctx, deleteID, id, nil) }

// Duplicate starts one more worker like this one.
func (c *Client) Duplicate(ctx context.Context, id int) error {
	return c.call(ctx, duplicateID, id, nil)
}

// Reset sets the restart counters to zero. It revives nothing, and it destroys
// evidence.
func (c *Client) Reset(ctx context.Context, id int) error { return c.call(ctx, resetID, id, nil) }

// Config is what Restart and Reload change of a process's configuration on the
// way; the change lasts until the app is started from its file again. A zero
// field is left as it is.
type Config struct {
	KillTimeout   time.Duration
	ListenTimeout time.Duration
	NodeArgs      []string
}

// change is the argument of restartProcessId and reloadProcessId: a
// configuration travels as env.current_conf (Utility.js, extendExtraConfig).
type change struct {
	ID  int `json:"id"`
	Env env `json:"env"`
}

type env struct {
	Conf *conf `json:"current_conf,omitempty"`
}

type conf struct {
	KillTimeout   int64    `json:"kill_timeout,omitempty"`
	ListenTimeout int64    `json:"listen_timeout,omitempty"`
	NodeArgs      []string `json:"node_args,omitempty"`
}

func (cfg Config) change(id int) change {
	ch := change{ID: id}
	if cfg.KillTimeout != 0 || cfg.ListenTimeout != 0 || len(cfg.NodeArgs) != 0 {
		ch.Env.Conf = &conf{cfg.KillTimeout.Milliseconds(), cfg.ListenTimeout.Milliseconds(), cfg.NodeArgs}
	}
	return ch
}

// Restart ends a process and starts another one in its place. It resets what
// PM2 counts, so it also revives one that PM2 gave up on. It returns when the
// new process is online, or ready where the app uses wait_ready; PM2 sets no
// limit to that, so give the context one.
func (c *Client) Restart(ctx context.Context, id int, cfg Config) error {
	return c.call(ctx, restartID, cfg.change(id), nil)
}

// Reload starts a new process beside the old one and ends the old one when the
// new one listens, or after listen_timeout whether it listens or not: a broken
// release takes the service down (Reload.js, hardReload). It returns when the
// old process is gone.
func (c *Client) Reload(ctx context.Context, id int, cfg Config) error {
	return c.call(ctx, reloadID, cfg.change(id), nil)
}

// Signal sends a signal, such as "SIGUSR2", to a process.
func (c *Client) Signal(ctx context.Context, id int, signal string) error {
	return c.call(ctx, sendSignalToID, struct {
		ID     int    `json:"process_id"`
		Signal string `json:"signal"`
	}{id, signal}, nil)
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

// Send delivers a message to a worker: process.on('message') sees an object
// with this topic and data.
func (c *Client) Send(ctx context.Context, id int, topic string, data any) error {
	return c.call(ctx, sendDataToID, packet{ID: id, Type: "process:msg", Topic: topic, Data: data}, nil)
}

// Leave asks a cluster worker to leave the rotation: it stops accepting and
// finishes what it has. PM2 does not know of it. Node takes a message whose cmd
// starts with NODE_ as its own, and this one as the primary's request to
// disconnect (lib/internal/cluster/child.js); undocumented, seen to work with
// Node 20 to 26 under PM2 5.4.3 to 7.0.4. Under PM2's default instrumentation
// (pmx) the worker exits by itself once it is empty, and PM2 respawns it.
func (c *Client) Leave(ctx context.Context, id int) error {
	return c.call(ctx, sendDataToID, packet{
		ID: id, Type: "pm2drill", Topic: "pm2drill", Data: struct{}{}, Cmd: "NODE_CLUSTER", Act: "disconnect",
	}, nil)
}

// DaemonPID reads the daemon's pid from pm2.pid. The file outlives a killed
// daemon: whether the process lives is for the kernel to say.
func DaemonPID(home string) (int, error) {
	b, err := os.ReadFile(filepath.Join(home, "pm2.pid"))
	if err != nil {
		return 0, fmt.Errorf("cannot read the daemon's pid: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("cannot read the daemon's pid: %w", err)
	}
	return pid, nil
}
