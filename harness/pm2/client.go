package pm2

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Errors of calls about a process. What PM2 itself refuses otherwise comes as a
// RefusedError.
var (
	// ErrUnknownID: PM2 has no process of that id.
	ErrUnknownID = errors.New("PM2 has no process of that id")
	// ErrReloading: this client's last reload of the process goes on, even if
	// nobody waits for it any more.
	ErrReloading = errors.New("a reload of the process is under way")
)

// List returns PM2's list of processes, in no promised order. A daemon without
// apps gives an empty list and no error. Asking also reads the CPU meters of all
// workers, which measure since anybody last asked: ask about once a second.
func (c *Client) List(ctx context.Context) ([]Process, error) {
	list, err := c.list(ctx)
	all := parseProcesses(list)
	if len(all) > maxRows {
		return nil, fmt.Errorf("cannot read PM2's list: it has more than %d processes", maxRows)
	}
	renameForeign(all, c.app, c.space)
	return all, err
}

// Rows returns PM2's list as it came, as `pm2 jlist` prints it: with every setting
// and variable of each process, secrets among them.
func (c *Client) Rows(ctx context.Context) ([]byte, error) {
	list, err := c.list(ctx)
	return []byte(list.Raw), err
}

func (c *Client) list(ctx context.Context) (gjson.Result, error) {
	list, err := c.call(ctx, getMonitorData, struct{}{}, nil)
	if err == nil && !list.IsArray() {
		return gjson.Result{}, fmt.Errorf("cannot read PM2's list: it is %.40q", list.Raw)
	}
	return list, err
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
	version, err := c.call(ctx, getVersion, struct{}{}, nil)
	return copyText(version), err
}

// Ping asks for a sign of life.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.call(ctx, ping, struct{}{}, nil)
	return err
}

// Start starts a stopped or given-up process and returns when it is online, or
// ready where the app uses wait_ready. PM2 refuses while a pid is on record for
// it, also a dead one's in backoff (ActionMethods.js:268): Stop first.
func (c *Client) Start(ctx context.Context, id int) error { return c.callOnID(ctx, startID, id) }

// Stop ends a process and keeps it down: SIGINT, and SIGKILL after its
// kill_timeout. It returns when the process is gone. One that is down already is
// no error. Of a process in backoff PM2 signals the dead one's pid, whoever has
// it by then.
func (c *Client) Stop(ctx context.Context, id int) error { return c.callOnID(ctx, stopID, id) }

// Delete stops a process and takes it off the list.
func (c *Client) Delete(ctx context.Context, id int) error { return c.callOnID(ctx, deleteID, id) }

// Duplicate starts one more worker like this one, with the lowest instance
// number that is free, and returns when it is online or ready.
func (c *Client) Duplicate(ctx context.Context, id int) error {
	return c.callOnID(ctx, duplicateID, id)
}

// Reset sets the restart counters to zero. It revives nothing, it destroys
// evidence, and in an endless crash loop it makes PM2 count again and give up.
func (c *Client) Reset(ctx context.Context, id int) error { return c.callOnID(ctx, resetID, id) }

func (c *Client) callOnID(ctx context.Context, m method, id int) error {
	_, err := c.call(ctx, m, id, nil)
	return markUnknownID(err)
}

// Config is what Restart and Reload change of a process's configuration on the
// way, for the old process's end as well as for the new one; the change lasts
// until the app is started from its file again. A zero field is left as it is.
type Config struct {
	KillTimeout   time.Duration // rounded down to milliseconds
	ListenTimeout time.Duration // rounded down to milliseconds
	NodeArgs      []string      // replace those configured
	// Env is added to what the app's file and earlier restarts have set. It also
	// replaces what PM2 itself sets, as NODE_APP_INSTANCE (God.js, executeApp
	// lays the process's env over its row). A whole number travels as one: PM2 compares
	// instance numbers by their type (God.js, injectVariables), and gives the number 0 a
	// second time where a worker has the text "0". The process gets text either way.
	Env map[string]string
}

// change is the argument of restartProcessId and reloadProcessId: a
// configuration travels as env.current_conf (Utility.js, extendExtraConfig).
type change struct {
	ID  int            `json:"id"`
	Env map[string]any `json:"env"`
}

const confKey = "current_conf"

type conf struct {
	KillTimeout   int64    `json:"kill_timeout,omitempty"`
	ListenTimeout int64    `json:"listen_timeout,omitempty"`
	NodeArgs      []string `json:"node_args,omitempty"`
}

func (cfg Config) buildChange(id int) (change, error) {
	ch := change{ID: id, Env: map[string]any{}}
	for name, value := range cfg.Env {
		if name == confKey {
			return ch, fmt.Errorf("cannot configure process %d: PM2 keeps %s for itself", id, name)
		}
		ch.Env[name] = value
		if n, err := strconv.Atoi(value); err == nil && strconv.Itoa(n) == value {
			ch.Env[name] = n
		}
	}
	for _, d := range []time.Duration{cfg.KillTimeout, cfg.ListenTimeout} {
		if d != 0 && d < time.Millisecond {
			return ch, fmt.Errorf("cannot configure process %d: a timeout of %s is less than 1 ms", id, d)
		}
	}
	if cfg.KillTimeout != 0 || cfg.ListenTimeout != 0 || len(cfg.NodeArgs) != 0 {
		ch.Env[confKey] = conf{cfg.KillTimeout.Milliseconds(), cfg.ListenTimeout.Milliseconds(), cfg.NodeArgs}
	}
	return ch, nil
}

// Restart ends a process and starts another one in its place. It resets what
// PM2 counts, so it also revives one that PM2 gave up on; one in backoff it
// refuses like Start. It returns when the new process is online, or ready where
// the app uses wait_ready; PM2 sets no limit to that, so give the context one.
func (c *Client) Restart(ctx context.Context, id int, cfg Config) error {
	ch, err := cfg.buildChange(id)
	if err != nil {
		return err
	}
	_, err = c.call(ctx, restartID, ch, nil)
	return markUnknownID(err)
}

// Reload starts a new process beside the old one and ends the old one when the
// new one listens, or after listen_timeout whether it listens or not: a broken
// release takes the service down (Reload.js, hardReload). It returns when the
// old process is gone. A process that is not online, or in fork mode, is
// restarted.
//
// Two reloads of one process that overlap leave a worker that PM2 has forgotten
// (5.4.3, 6.0.14; 7.0.4 refuses the second). The error wraps ErrReloading while
// an earlier one through this client goes on; others' reloads it cannot see.
func (c *Client) Reload(ctx context.Context, id int, cfg Config) error {
	ch, err := cfg.buildChange(id)
	if err != nil {
		return err
	}
	c.mu.Lock()
	busy := c.reloading[id]
	c.reloading[id] = true
	c.mu.Unlock()
	if busy {
		return fmt.Errorf("cannot reload process %d: %w", id, ErrReloading)
	}
	_, err = c.call(ctx, reloadID, ch, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.reloading, id)
	})
	return markUnknownID(err)
}

// markUnknownID marks the refusals that mean ErrUnknownID. Each method words it in its
// own way: "3 id unknown", "3 : id unknown", "God db process id unknown", "PM2 ID
// unknown", "Process with ID <3> unknown." (ActionMethods.js, Reload.js).
func markUnknownID(err error) error {
	var refused *RefusedError
	if errors.As(err, &refused) && strings.HasSuffix(strings.TrimRight(refused.Reason, "."), "unknown") {
		return fmt.Errorf("%w (%w)", ErrUnknownID, err)
	}
	return err
}
