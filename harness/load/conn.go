package load

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// conn is one connection. While it is idle a goroutine waits to read from it,
// because the only thing that can arrive then is its end: a connection the
// server has closed is not written to again, as no careful client would. A
// close that crosses our request on its way is a lost request.
type conn struct {
	net.Conn
	r      *bufio.Reader
	number int
	used   bool // has carried a request before

	idle  chan struct{} // closed when the watcher has stopped
	stale bool          // the watcher saw the connection end; read after idle
}

func (l *lane) dial(deadline time.Time) (*conn, error) {
	n := l.countConn()
	if l.spec.Kind == KeepAlive && l.pool.open.Load() >= maxConns {
		return nil, errNoConn
	}
	nc, err := (&net.Dialer{Deadline: deadline, KeepAlive: -1}).Dial("tcp", l.addr)
	if err != nil {
		return nil, err
	}
	if l.spec.Kind == KeepAlive {
		l.pool.open.Add(1)
	}
	return &conn{Conn: nc, r: bufio.NewReader(nc), number: n}, nil
}

var errNoConn = fmt.Errorf("all %d connections are busy", maxConns)

// send writes the request and reads the response.
func (l *lane) send(c *conn, r *evidence.Request, deadline time.Time) {
	reusable := false
	defer func() {
		if reusable {
			l.pool.addIdle(c)
		} else {
			l.drop(c)
		}
	}()
	if err := c.SetDeadline(deadline); err != nil {
		r.Class, r.Phase, r.Detail = evidence.Reset, "write", err.Error()
		return
	}
	r.Sent = readClock()
	if _, err := c.Write(l.request(r.ID)); err != nil {
		r.Class, r.Phase, r.Detail = classifyLoss(err, false), "write", err.Error()
		return
	}
	c.used = true
	if _, err := c.r.Peek(1); err != nil {
		r.Class, r.Phase, r.Detail = classifyLoss(err, false), "first-byte", err.Error()
		return
	}
	resp, err := c.readResponse(l.spec.getMethod())
	if err != nil {
		r.Class, r.Phase, r.Detail = classifyLoss(err, true), "header", err.Error()
		return
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		r.Class, r.Phase, r.Detail = classifyLoss(err, true), "body", err.Error()
		return
	}
	l.judge(r, resp)
	reusable = l.spec.Kind == KeepAlive && !resp.Close && c.r.Buffered() == 0
}

// readResponse reads a response's header, past informational ones.
func (c *conn) readResponse(method string) (*http.Response, error) {
	request := &http.Request{Method: method}
	for {
		resp, err := http.ReadResponse(c.r, request)
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

// judge books a complete response.
func (l *lane) judge(r *evidence.Request, resp *http.Response) {
	r.Status = resp.StatusCode
	r.PID, _ = strconv.Atoi(resp.Header.Get("X-Worker-Pid")) // 0 when it names none
	switch {
	case !l.spec.isRightStatus(resp.StatusCode):
		r.Class, r.Phase = evidence.WrongStatus, "header"
	case l.witness && r.PID == 0:
		r.Class, r.Phase, r.Detail = evidence.WrongStatus, "header", "the answer names no worker"
	default:
		r.Class = evidence.Answered
	}
}

func (l *lane) drop(c *conn) {
	_ = c.Close() // it is given up; there is nobody to tell
	if l.spec.Kind == KeepAlive {
		l.pool.open.Add(-1)
	}
}

// classifyDial returns the class of a failed dial. What the generator itself lacks
// (files, ports, places) is its shortfall; a dial that takes too long is a timeout;
// anything else means that nobody took the connection.
func classifyDial(err error) evidence.Class {
	switch {
	case errors.Is(err, errNoConn), errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE),
		errors.Is(err, unix.EADDRNOTAVAIL), errors.Is(err, unix.ENOBUFS):
		return evidence.Unsent
	case errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return evidence.TimedOut
	case errors.Is(err, unix.ECONNRESET):
		return evidence.Reset
	}
	return evidence.Refused
}

// classifyLoss returns the class of a loss on an open connection; begun says whether the
// response had begun.
func classifyLoss(err error, begun bool) evidence.Class {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return evidence.TimedOut
	case begun:
		return evidence.Truncated
	}
	return evidence.Reset
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// pool holds idle connections, the longest idle first out: that spreads the
// requests over all of them.
type pool struct {
	mu   sync.Mutex
	idle []*conn
	open atomic.Int64
}

// addIdle makes a connection idle and watches it.
func (p *pool) addIdle(c *conn) {
	c.idle, c.stale = make(chan struct{}), false
	_ = c.SetDeadline(time.Time{}) // an error shows on the next read
	go func() {
		defer close(c.idle)
		_, err := c.r.Peek(1)
		// Bytes nobody asked for make it as useless as an end does; the deadline
		// that take sets is what ends the watch of a healthy one.
		c.stale = !errors.Is(err, os.ErrDeadlineExceeded)
	}()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, c)
}

// take returns an idle connection that is still open, nil if there is none.
func (p *pool) take() *conn {
	for {
		p.mu.Lock()
		if len(p.idle) == 0 {
			p.mu.Unlock()
			return nil
		}
		c := p.idle[0]
		p.idle = p.idle[1:]
		p.mu.Unlock()
		_ = c.SetReadDeadline(time.Unix(1, 0)) // ends the watcher; an error would end it too
		<-c.idle
		if !c.stale && !c.hasEnded() {
			return c
		}
		_ = c.Close() // the server has closed it already
		p.open.Add(-1)
	}
}

// hasEnded asks the kernel whether the connection's end, or bytes that nobody asked for,
// have arrived without the watcher having been woken yet.
func (c *conn) hasEnded() bool {
	raw, err := c.Conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return true
	}
	var peekErr error
	err = raw.Control(func(fd uintptr) {
		_, _, peekErr = unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
	})
	return err != nil || !errors.Is(peekErr, unix.EAGAIN)
}

func (p *pool) close() {
	for c := p.take(); c != nil; c = p.take() {
		_ = c.Close() // the lane is over
	}
}
