package drain

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"
)

// batch is how many connections are opened at once to get one in each worker:
// the primary deals them out in turn, so that this many reach as many workers.
const batch = 8

// settle is how long a connection may take from the primary's accept into a
// worker's file table before it is given up.
const settle = 200 * time.Millisecond

// contact is connections of our own to an app's port, by the worker that holds
// the other end. Nothing is sent on them, so that no request is at stake.
type contact struct {
	kernel Kernel
	addr   string
	conns  []net.Conn
}

// hangUp closes every connection that is still held.
func (c *contact) hangUp() {
	for _, conn := range c.conns {
		_ = conn.Close() // nothing was sent on it
	}
	c.conns = nil
}

// open dials a batch of connections and returns those that ended up in the
// given processes, by pid. They stay open until hangUp.
func (c *contact) open(ctx context.Context, pids []int) (map[int]net.Conn, error) {
	var dialer net.Dialer
	for range batch {
		conn, err := dialer.DialContext(ctx, "tcp", c.addr)
		if err != nil {
			return nil, err
		}
		c.conns = append(c.conns, conn)
	}
	ctx, cancel := context.WithTimeout(ctx, settle)
	defer cancel()
	var found map[int]net.Conn
	err := poll(ctx, func() (bool, error) {
		var err error
		found, err = c.owners(pids)
		return len(found) == len(pids), err
	})
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil // some are with other workers
	}
	return found, err
}

// owners asks the kernel which of the processes hold the other ends.
func (c *contact) owners(pids []int) (map[int]net.Conn, error) {
	mine := map[netip.AddrPort]net.Conn{}
	for _, conn := range c.conns {
		if a, ok := conn.LocalAddr().(*net.TCPAddr); ok {
			p := a.AddrPort()
			mine[netip.AddrPortFrom(p.Addr().Unmap(), p.Port())] = conn
		}
	}
	port := c.conns[0].RemoteAddr().(*net.TCPAddr).Port
	socks, err := c.kernel.Established(port, pids...)
	if err != nil {
		return nil, err
	}
	found := map[int]net.Conn{}
	for _, s := range socks {
		if conn := mine[s.Remote]; conn != nil && s.PID != 0 {
			found[s.PID] = conn
		}
	}
	return found, nil
}

// anchor holds one connection inside the worker. The caller closes it.
func (d Drainer) anchor(ctx context.Context, w Worker) (*contact, error) {
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	addr, err := address(w.URL)
	if err != nil {
		return nil, err
	}
	for {
		c := &contact{kernel: d.Kernel, addr: addr}
		found, err := c.open(ctx, []int{w.PID})
		if conn := found[w.PID]; conn != nil {
			c.conns = slices.DeleteFunc(c.conns, func(other net.Conn) bool { return other == conn })
			c.hangUp()
			c.conns = []net.Conn{conn}
			return c, nil
		}
		c.hangUp()
		if err != nil {
			return nil, fmt.Errorf("cannot get a connection into process %d: %w", w.PID, err)
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("cannot get a connection into process %d: none of ours reached it within %v", w.PID, reach)
		}
	}
}

// answering returns those of the processes that answer a GET of the URL, as
// asked on connections that the kernel shows to be theirs. Anything below 500 is
// an answer.
func answering(ctx context.Context, k Kernel, target string, pids []int) (map[int]bool, error) {
	addr, err := address(target)
	if err != nil {
		return nil, err
	}
	c := &contact{kernel: k, addr: addr}
	defer c.hangUp()
	found, err := c.open(ctx, pids)
	if err != nil {
		return nil, err
	}
	type verdict struct {
		pid int
		ok  bool
	}
	verdicts := make(chan verdict)
	for pid, conn := range found {
		go func() { verdicts <- verdict{pid, answers(ctx, conn, target)} }()
	}
	out := map[int]bool{}
	for range found {
		if v := <-verdicts; v.ok {
			out[v.pid] = true
		}
	}
	return out, nil
}

// answers sends one request and reads the head of the response.
func answers(ctx context.Context, conn net.Conn, target string) bool {
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return false
	}
	req.Close = true
	if err := req.Write(conn); err != nil {
		return false
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close() // the head was all that was wanted
	return resp.StatusCode < http.StatusInternalServerError
}

// address is host and port of an http URL.
func address(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" || u.Hostname() == "" {
		return "", fmt.Errorf("cannot use %q: an http URL with a host is needed", raw)
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}
