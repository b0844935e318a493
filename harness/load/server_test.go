package load

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

const (
	ok      = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	goodbye = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
)

// patience is a timeout that only a stuck test runs into: machines that test are
// slow at times.
const patience = 30 * time.Second

// serve runs handle for each connection of a listener on loopback, and closes
// the connection after it.
func serve(t *testing.T, handle func(*net.TCPConn)) (url string) {
	t.Helper()
	ln, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.AcceptTCP()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				handle(c)
			}()
		}
	}()
	return "http://" + ln.Addr().String()
}

// serveHTTP runs a net/http server.
func serveHTTP(t *testing.T, h http.HandlerFunc) (url string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h}
	t.Cleanup(func() { srv.Close() })
	go srv.Serve(ln)
	return "http://" + ln.Addr().String()
}

// once answers the first request of a connection with text and closes it.
func once(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			io.WriteString(c, text)
		}
	}
}

// talk answers every request of a connection with text.
func talk(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		for r := bufio.NewReader(c); ; {
			if _, err := http.ReadRequest(r); err != nil {
				return
			}
			io.WriteString(c, text)
		}
	}
}

// hang says text and then nothing until the client goes away.
func hang(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		io.WriteString(c, text)
		io.Copy(io.Discard, c)
	}
}

// answerThenClose answers the first request of a connection, reads the second
// whole and closes without a word.
func answerThenClose(received, unanswered *atomic.Int64) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		r := bufio.NewReader(c)
		for n := 0; ; n++ {
			if _, err := http.ReadRequest(r); err != nil {
				return
			}
			received.Add(1)
			if n > 0 {
				unanswered.Add(1)
				return
			}
			io.WriteString(c, ok)
		}
	}
}

// lastTogether answers n requests of a connection. The last answer and the
// connection's end leave in one packet, so that no request can cross the end.
func lastTogether(n int, last string, served *atomic.Int64) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		r := bufio.NewReader(c)
		for i := 1; i <= n; i++ {
			if _, err := http.ReadRequest(r); err != nil {
				return
			}
			served.Add(1)
			if i < n {
				io.WriteString(c, ok)
				continue
			}
			if err := cork(c); err != nil {
				panic(err)
			}
			io.WriteString(c, last)
		}
	}
}

func cork(c *net.TCPConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) { set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_CORK, 1) })
	return errors.Join(err, set)
}

// run runs a plan and holds its books to the conservation law.
func run(t *testing.T, p Plan) (evidence.Tally, []evidence.Request) {
	t.Helper()
	r := &evidence.Record{}
	tallies, err := Run(t.Context(), p, r.Add)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(tallies, r.Requests); err != nil {
		t.Fatal(err)
	}
	return tallies[0], r.Requests
}

func plan(url string, kind Kind, rate float64, d time.Duration) Plan {
	return Plan{URL: url, Duration: d, Lanes: []Lane{{Name: string(kind), Kind: kind, Rate: rate, Timeout: patience, Conns: 4}}}
}

// all reports whether every request owed ended in one class.
func all(t evidence.Tally, c evidence.Class) bool { return t.Owed > 0 && t.Counts[c] == t.Owed }

// lines splits what a command printed.
func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

// free is a loopback address that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return fmt.Sprint("http://", ln.Addr())
}
