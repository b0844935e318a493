package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// server is where a lane connects to. Its name is looked up once: a resolver's
// trouble in mid-run is not the server's.
type server struct {
	addrs []string
	last  atomic.Int32 // the address that took the last connection, tried first
}

// resolve looks the URL's host up. An error is a *net.DNSError underneath.
func resolve(ctx context.Context, u *url.URL) (*server, error) {
	port := uint64(80)
	if u.Port() != "" {
		port, _ = strconv.ParseUint(u.Port(), 10, 16) // validated with the plan
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return nil, fmt.Errorf("cannot find host %s: %w", u.Hostname(), err)
	}
	s := &server{}
	for _, ip := range ips {
		s.addrs = append(s.addrs, netip.AddrPortFrom(ip.Unmap(), uint16(port)).String())
	}
	return s, nil
}

// dial opens a connection. Of a name with several addresses (localhost is ::1
// and 127.0.0.1) each is tried; that is no retry of a request, none was sent.
func (s *server) dial(deadline time.Time) (*net.TCPConn, error) {
	// TCP's own keep-alive probes would say nothing within a request's timeout.
	d := net.Dialer{Deadline: deadline, KeepAlive: -1}
	first := int(s.last.Load())
	var err error
	for i := range s.addrs {
		at := (first + i) % len(s.addrs)
		var nc net.Conn
		if nc, err = d.Dial("tcp", s.addrs[at]); err == nil {
			s.last.Store(int32(at))
			tcp, ok := nc.(*net.TCPConn)
			if !ok {
				return nil, errors.Join(fmt.Errorf("cannot use a connection of type %T", nc), nc.Close())
			}
			return tcp, nil
		}
	}
	return nil, err
}

// script is the text of a lane's requests, around their ids.
type script struct{ before, after string }

func newScript(u *url.URL, l Lane) (script, error) {
	target, err := l.target(u)
	if err != nil {
		return script{}, err
	}
	connection := "close"
	if l.Kind == KeepAlive {
		connection = "keep-alive"
	}
	return script{
		before: "GET " + target + " HTTP/1.1\r\nHost: " + u.Host + "\r\nUser-Agent: pm2drill\r\nAccept: */*\r\nX-Request-Id: ",
		after:  "\r\nConnection: " + connection + "\r\n\r\n",
	}, nil
}

func (s script) request(buf []byte, id string) []byte {
	buf = append(buf[:0], s.before...)
	buf = append(buf, id...)
	return append(buf, s.after...)
}
