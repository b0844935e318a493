package drain

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
)

// Connections of our own come in bursts, one for each worker, since they are
// dealt out in turn; the pauses between bursts are uneven, lest they fall in step
// with the app's traffic and miss the same worker every time. The daemon that
// deals them out is the bottleneck of a busy app: a new burst waits until the
// last one has arrived, lest an overloaded one be kept overloaded by it.
const (
	burst  = 16 // at most, and at most so many wait at a time
	pause  = 200 * time.Millisecond
	lost   = 200 * time.Millisecond // the kernel shows a connection by then, or it has ended
	astray = 2 * time.Second        // one that is with a process we do not know of
	stale  = 10 * time.Second
)

// search looks for workers by connections of our own to the app's port: nothing
// is sent on them, so that no request is at stake, and the kernel tells in which
// process each one ended up.
type search struct {
	kernel Kernel
	addr   string
	port   int
	burst  int
	others []int         // where a connection may end up besides
	last   time.Duration // when the last burst began
	after  time.Duration // no burst before then
	conns  map[net.Conn]time.Duration
}

// meet opens connections to the URL until each of the processes has taken one
// and met has returned true for it. The connection is met's to close. It gives
// up when ctx is done; the error then says what was last seen.
func (d Drainer) meet(ctx context.Context, target string, pids []int, met func(pid int, conn net.Conn) bool) error {
	addr, port, err := parseAddress(target)
	if err != nil {
		return err
	}
	list, err := d.PM2.List(ctx)
	if err != nil {
		return err
	}
	s := &search{kernel: d.Kernel, addr: addr, port: port, burst: min(len(list)+1, burst), conns: map[net.Conn]time.Duration{}}
	defer s.hangUp()
	wanted := map[int]bool{}
	for _, pid := range pids {
		wanted[pid] = true
	}
	for _, p := range list {
		if !wanted[p.PID] {
			s.others = append(s.others, p.PID)
		}
	}
	t := time.NewTicker(tick)
	defer t.Stop()
	var last error
	for len(wanted) > 0 {
		found, err := s.look(ctx, wanted)
		for pid, conn := range found {
			if met(pid, conn) {
				delete(wanted, pid)
			}
		}
		last = cmp.Or(err, last)
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("processes %v: %w", slices.Sorted(maps.Keys(wanted)), ctx.Err()), last)
		case <-t.C:
		}
	}
	return nil
}

// look opens a burst of connections when it is time for one, and returns those
// that have reached the wanted processes. Those that reached others are closed.
func (s *search) look(ctx context.Context, wanted map[int]bool) (map[int]net.Conn, error) {
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	if len(s.conns) == 0 {
		return nil, nil
	}
	socks, err := s.kernel.Established(s.port, slices.AppendSeq(slices.Clone(s.others), maps.Keys(wanted))...)
	if err != nil {
		return nil, err
	}
	owners := map[netip.AddrPort]int{}
	for _, sock := range socks {
		owners[sock.Remote] = sock.PID
	}
	found := map[int]net.Conn{}
	for conn, opened := range s.conns {
		pid, there := owners[getLocal(conn)]
		age := s.kernel.Now() - opened
		switch {
		case wanted[pid] && found[pid] == nil:
			found[pid] = conn
			delete(s.conns, conn)
		case pid != 0, !there && age > lost, age > stale:
			_ = conn.Close() // nothing was sent on it
			delete(s.conns, conn)
		}
	}
	return found, nil
}

// open begins a burst if it is time for one.
func (s *search) open(ctx context.Context) error {
	now := s.kernel.Now()
	under := len(s.conns) > 0 && now-s.last < astray
	if now < s.after || under || len(s.conns) >= burst {
		return nil
	}
	s.last, s.after = now, now+pause/2+rand.N(pause)
	for range s.burst {
		conn, err := (&net.Dialer{Timeout: reach}).DialContext(ctx, "tcp", s.addr)
		if err != nil {
			return err
		}
		s.conns[conn] = now
	}
	return nil
}

func (s *search) hangUp() {
	for conn := range s.conns {
		_ = conn.Close() // nothing was sent on it
	}
}

// getLocal returns our end of a connection, the other end's remote address.
func getLocal(conn net.Conn) netip.AddrPort {
	a, ok := conn.LocalAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	p := a.AddrPort()
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}

// buildBeginning returns the beginning of a request that never ends, or by TLS of a
// record that never does. From Node 26 on a server that closes takes a connection on
// which nothing came for idle, and closes it.
func buildBeginning(target string) []byte {
	if isSecure(target) {
		return []byte{22, 3, 1} // a handshake, of TLS 1.0 as all of them begin
	}
	return []byte("GET ")
}

// isSecure reports whether a URL is asked over TLS.
func isSecure(target string) bool { return strings.HasPrefix(target, "https:") }

// openAnchor gets one connection of our own into the worker, on which the worker waits
// for the rest of a request. The caller closes it.
func (d Drainer) openAnchor(ctx context.Context, w Worker) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*reach)
	defer cancel()
	var anchor net.Conn
	err := d.meet(ctx, w.URL, []int{w.PID}, func(_ int, conn net.Conn) bool {
		anchor = conn
		return true
	})
	if err == nil {
		err = d.drop(ctx, w, anchor)
	}
	if err != nil {
		if anchor != nil {
			_ = anchor.Close() // it holds nothing
		}
		return nil, fmt.Errorf("cannot get a connection into the worker: %w", err)
	}
	return anchor, nil
}

// drop has the worker read the beginning of a request.
func (d Drainer) drop(ctx context.Context, w Worker, anchor net.Conn) error {
	if _, err := anchor.Write(buildBeginning(w.URL)); err != nil {
		return err
	}
	return poll(ctx, soon, func() (bool, error) {
		seen, err := d.Kernel.Exchanges(w.Port, w.PID)
		return slices.ContainsFunc(seen, func(e host.Exchange) bool {
			return e.Remote == getLocal(anchor) && e.Received > 0 && e.RecvQ == 0
		}), err
	})
}

// serve waits until each of the processes has answered a GET of the URL on a
// connection that the kernel shows to be its own. Anything below 500 is an answer. Of
// an app without a URL it is not known whether it serves: to live must do.
func (d Drainer) serve(ctx context.Context, target string, pids []int) error {
	if target == "" {
		return nil
	}
	err := d.meet(ctx, target, pids, func(_ int, conn net.Conn) bool {
		defer conn.Close()
		return isAnswering(ctx, conn, target)
	})
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	return nil
}

// isAnswering sends one request, reads the head of the response, and reports whether it
// came.
func isAnswering(ctx context.Context, conn net.Conn, target string) bool {
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return false
	}
	req.Close = true
	if isSecure(target) {
		// This host's own app is asked whether it answers, and is told nothing.
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true, ServerName: req.URL.Hostname()})
	}
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

// parseAddress returns what to dial for an http or https URL.
func parseAddress(raw string) (addr string, port int, err error) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return "", 0, fmt.Errorf("cannot use %q: an http or https URL with a host is needed", raw)
	}
	usual := "80"
	if u.Scheme == "https" {
		usual = "443"
	}
	addr = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), usual))
	port, err = strconv.Atoi(cmp.Or(u.Port(), usual))
	return addr, port, err
}
