package observer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// journal takes what the app's processes say of their requests, over a socket of the
// cluster's files (fixtures/node-apps/lib/drilled.js):
//
//	worker --line--> its connection, in the kernel --> vouched for? --> served
//	                                                    no ----------> mark: forged
//	worker --asks-> .............................................. yes -> its release
//
// A line is safe once it is written: a connection's data outlives the process that wrote
// it. Who wrote it is the kernel's word (SO_PEERCRED), not the line's.
type journal struct {
	tell func(evidence.Line)
	fail func(error)
	// sender is the cluster's own pid of a process, and whether it is PM2's; an error is
	// one that cannot be known, as of a process that has gone.
	sender func(pid int) (inner int, ours bool, err error)

	releases map[string]Release
	mu       sync.Mutex
	conns    map[*conn]bool
	started  map[string]bool // id and worker: whoever has asked what to run
}

// serveJournal takes the journal until ctx ends, and reads it to its end when it is asked.
func (o *observer) serveJournal(ctx context.Context, asked <-chan struct{}) error {
	ln, err := listen(o.cfg.Space.Path(o.cfg.Journal))
	if err != nil {
		return err
	}
	j := &journal{tell: o.w.writeLine, conns: map[*conn]bool{}, started: map[string]bool{}, releases: o.cfg.Releases, fail: func(err error) { o.w.fail(err); o.stop() }}
	j.sender = func(pid int) (int, bool, error) { return o.findSender(ctx, pid) }
	context.AfterFunc(ctx, func() { ln.Close() })
	go j.accept(ln)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-asked:
				o.poke() // a last look at the rest, too
				j.readAll()
				o.w.writeLine(evidence.Line{Mark: &evidence.Mark{At: host.Now(), Name: evidence.MarkJournal}})
			}
		}
	}()
	return nil
}

// listen makes the socket, which any user may connect to and, in a folder of root's, none
// but root may take away.
func listen(path string) (*net.UnixListener, error) {
	var ln *net.UnixListener
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		ln, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	}
	if err == nil {
		err = os.Chmod(path, 0o666)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot take the app's journal: %w", err)
	}
	return ln, nil
}

// accept takes connections until the listener closes.
func (j *journal) accept(ln *net.UnixListener) {
	for {
		c, err := ln.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			j.fail(fmt.Errorf("cannot take the app's journal: %w", err))
			return
		}
		go j.read(c)
	}
}

// read reads one connection to its end.
func (j *journal) read(socket *net.UnixConn) {
	defer socket.Close()
	raw, err := socket.SyscallConn()
	if err != nil {
		return // it is closed
	}
	c := &conn{journal: j, raw: raw}
	c.mu.Lock() // what it says is told when it is known who says it
	j.mu.Lock()
	j.conns[c] = true
	j.mu.Unlock()
	defer func() {
		j.mu.Lock()
		delete(j.conns, c)
		j.mu.Unlock()
	}()
	c.known = c.identify()
	c.mu.Unlock()
	_ = raw.Read(func(fd uintptr) bool { return c.drain(int(fd)) })
}

// readAll tells of all that was written before.
func (j *journal) readAll() {
	j.mu.Lock()
	var conns []*conn
	for c := range j.conns {
		conns = append(conns, c)
	}
	j.mu.Unlock()
	for _, c := range conns {
		_ = c.raw.Control(func(fd uintptr) { c.drain(int(fd)) }) // one that is closed was read to its end
	}
}

// conn is one process's connection.
type conn struct {
	journal *journal
	raw     rawConn
	pid     int  // the cluster's own
	ours    bool // it is PM2's
	refused bool // and that was said

	mu    sync.Mutex
	known bool   // the two are
	rest  []byte // of a line that has no end yet
}

type rawConn interface {
	Control(f func(fd uintptr)) error
	Read(f func(fd uintptr) bool) error
}

// identify asks the kernel who has connected. It is false where nobody can know any more.
func (c *conn) identify() bool {
	var pid int
	var err error
	if e := c.raw.Control(func(fd uintptr) { pid, _, err = host.Peer(int(fd)) }); e != nil || err != nil {
		return false
	}
	c.pid, c.ours, err = c.journal.sender(pid)
	return err == nil
}

// longest bounds a line of the journal, in bytes.
const longest = 64 << 10

// drain tells of what is there to read, and reports whether there will be no more.
func (c *conn) drain(fd int) (ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return true
	}
	buf := make([]byte, 32<<10)
	for {
		n, err := unix.Read(fd, buf)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return false
		case err != nil || n == 0:
			return true
		}
		if err := c.take(fd, buf[:n]); err != nil {
			c.journal.fail(fmt.Errorf("cannot read the app's journal: of pid %d: %w", c.pid, err))
			return true
		}
	}
}

// take tells of the lines that text completes.
func (c *conn) take(fd int, text []byte) error {
	c.rest = append(c.rest, text...)
	for {
		line, rest, whole := bytes.Cut(c.rest, []byte("\n"))
		if !whole {
			break
		}
		c.rest = rest
		var s evidence.Served
		err := json.Unmarshal(line, &s)
		switch {
		case !c.ours || (err == nil && s.PID != c.pid):
			c.refuse(line)
		case err != nil:
			return fmt.Errorf("%.200q: %w", line, err)
		case s.Phase == asks:
			if err := c.journal.answerWorker(fd, s); err != nil {
				return err
			}
		default:
			c.journal.tell(evidence.Line{Served: &s})
		}
	}
	switch {
	case len(c.rest) <= longest:
		return nil
	case !c.ours: // whatever it is, it does not stop the observer
		c.refuse(c.rest)
		c.rest = nil
		return nil
	}
	return fmt.Errorf("a line of more than %d bytes", longest)
}

// refuse says once of a process that it has written what is not its to write.
func (c *conn) refuse(line []byte) {
	if c.refused {
		return
	}
	c.refused = true
	c.journal.tell(evidence.Line{Mark: &evidence.Mark{
		At: host.Now(), Name: evidence.MarkForged, PIDs: []int{c.pid}, Note: fmt.Sprintf("pid %d wrote in the app's journal what is not its to write: %.200s", c.pid, line),
	}})
}

// findSender returns a process's number in the cluster, and whether PM2's daemon is above
// it. The daemon is the process that listens on PM2's socket by the kernel's word.
func (o *observer) findSender(ctx context.Context, pid int) (inner int, ours bool, err error) {
	inner = o.cfg.Space.Inner(pid)
	ctx, cancel := context.WithTimeout(ctx, listWithin)
	defer cancel()
	client, err := pm2.Dial(ctx, o.cfg.Space.Path(o.cfg.Home))
	if err != nil {
		return inner, false, err
	}
	defer client.Close()
	daemon := client.DaemonPID()
	if daemon == 0 {
		return inner, false, errors.New("the kernel does not say who PM2's daemon is")
	}
	for range deepest + 1 {
		p, err := host.Stat(pid)
		if err != nil {
			return inner, false, err
		}
		if p.PPID == daemon {
			return inner, inner != 0, nil
		}
		pid = p.PPID
		if pid <= 1 {
			break
		}
	}
	return inner, false, nil
}
