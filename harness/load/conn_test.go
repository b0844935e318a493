package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestClosedWhileIdleIsNoLoss: a server may end connections after any number of
// answers, announced or not, and loses nothing by it.
func TestClosedWhileIdleIsNoLoss(t *testing.T) {
	for name, last := range map[string]string{"silently": ok, "announced": goodbye} {
		for _, n := range []int{1, 2, 7} {
			t.Run(fmt.Sprintf("%s after %d", name, n), func(t *testing.T) {
				var served atomic.Int64
				tally, rows := run(t, plan(serve(t, lastTogether(n, last, &served)), KeepAlive, 200, 500*time.Millisecond))
				if !all(tally, evidence.Answered) || int64(tally.Owed) != served.Load() {
					t.Errorf("%+v, the server answered %d", tally, served.Load())
				}
				perConn := map[int]int{}
				for _, q := range rows {
					perConn[q.Conn]++
					if perConn[q.Conn] > n {
						t.Errorf("connection %d carried more than %d requests", q.Conn, n)
					}
				}
			})
		}
	}
}

// TestAnnouncedIdleTimeIsKept: a server that says how long it keeps an idle
// connection is not asked on it at the last moment.
func TestAnnouncedIdleTimeIsKept(t *testing.T) {
	t.Parallel()
	text := strings.Replace(ok, "\r\n\r\n", "\r\nKeep-Alive: timeout=1\r\n\r\n", 1)
	p := plan(serve(t, talk(text)), KeepAlive, 1, 3*time.Second)
	p.Lanes[0].Conns = 0
	tally, rows := run(t, p)
	for _, q := range rows {
		if q.Reused {
			t.Errorf("%+v: an idle second is too long", q)
		}
	}
	if !all(tally, evidence.Answered) {
		t.Errorf("%+v", tally)
	}
}

// TestBytesNobodyAskedFor: what comes after an answer spoils the connection and
// is never taken for the next answer.
func TestBytesNobodyAskedFor(t *testing.T) {
	tally, rows := run(t, plan(serve(t, talk(ok+"HTTP/1.1 408 Request Timeout\r\n\r\n")), KeepAlive, 50, 400*time.Millisecond))
	if !all(tally, evidence.Answered) {
		t.Errorf("%+v", tally)
	}
	for _, q := range rows {
		if q.Reused {
			t.Errorf("%s went out on a spoilt connection", q.ID)
		}
	}
}

// TestPool: a keep-alive lane opens as many connections as it was told, then
// goes round them.
func TestPool(t *testing.T) {
	_, rows := run(t, plan(serve(t, talk(ok)), KeepAlive, 20, time.Second))
	carried := map[int]int{}
	for _, q := range rows {
		carried[q.Conn]++
	}
	// A slow machine may have needed more than the four at times.
	if len(carried) < 4 || carried[1] < 2 {
		t.Errorf("connections carried %v of 20 requests, want four to take turns", carried)
	}
}

// TestBehind: a request that would start far too late is the generator's fault.
func TestBehind(t *testing.T) {
	u, err := url.Parse(serve(t, talk(ok)))
	if err != nil {
		t.Fatal(err)
	}
	s, err := resolve(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLane(Lane{Name: "x", Kind: Short, Rate: 1, Timeout: patience}, u, s, false)
	if err != nil {
		t.Fatal(err)
	}
	l.owe(0, now()-maxLate-time.Millisecond)
	l.owed.Wait()
	if tally := l.ledger.tally(); !all(tally, evidence.Unsent) || tally.MaxLag <= maxLate {
		t.Errorf("%+v", tally)
	}
}

// TestFull: a lane with no place left says so and does not wait for one.
func TestFull(t *testing.T) {
	l := &lane{spec: Lane{Name: "x", Kind: KeepAlive, Timeout: patience}, ledger: newLedger("x"), pool: pool{open: maxOpen}}
	l.owe(0, now())
	if tally := l.ledger.tally(); !all(tally, evidence.Unsent) {
		t.Errorf("%+v", tally)
	}
}

// TestSeveralAddresses: a name may stand for addresses of which one listens.
func TestSeveralAddresses(t *testing.T) {
	closed := strings.TrimPrefix(free(t), "http://")
	s := &server{addrs: []string{closed, strings.TrimPrefix(serve(t, talk(ok)), "http://")}}
	for range 2 {
		c, err := s.dial(time.Now().Add(patience))
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	if s.last.Load() != 1 {
		t.Error("does not remember which address took the connection")
	}
	_, err := (&server{addrs: []string{closed, closed}}).dial(time.Now().Add(patience))
	if dialLoss(err) != evidence.Refused {
		t.Errorf("%v is no refusal", err)
	}
}

func TestDialLoss(t *testing.T) {
	for err, want := range map[error]evidence.Class{
		unix.ECONNREFUSED:         evidence.Refused,
		unix.EHOSTUNREACH:         evidence.Refused,
		unix.ENETUNREACH:          evidence.Refused,
		unix.EACCES:               evidence.Refused,
		unix.ECONNRESET:           evidence.Reset,
		unix.ETIMEDOUT:            evidence.TimedOut,
		os.ErrDeadlineExceeded:    evidence.TimedOut,
		unix.EMFILE:               evidence.Unsent,
		unix.ENFILE:               evidence.Unsent,
		unix.EADDRNOTAVAIL:        evidence.Unsent,
		unix.EAGAIN:               evidence.Unsent,
		unix.ENOBUFS:              evidence.Unsent,
		errors.New("no such net"): evidence.Refused,
	} {
		if got := dialLoss(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", err)}); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

func TestDetail(t *testing.T) {
	for want, err := range map[string]error{
		"ECONNRESET": &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)},
		"EOF":        fmt.Errorf("reading: %w", io.ErrUnexpectedEOF),
		"":           os.ErrDeadlineExceeded,
		"odd":        errors.New("odd"),
	} {
		if got := detail(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
	if got := detail(errors.New(strings.Repeat("x", 1000))); len(got) != maxDetail {
		t.Errorf("%d bytes of detail", len(got))
	}
}

func TestExpiry(t *testing.T) {
	const at = 100 * time.Second
	for header, want := range map[string]time.Duration{
		"":                      0,
		"timeout=5":             104 * time.Second,
		"max=100, Timeout = 20": 0, // no blank may stand before the sign
		"max=100, Timeout=20":   119 * time.Second,
		"timeout=1":             at + 500*time.Millisecond,
		"timeout=0":             at,
		"timeout=-1":            0,
		"timeout=soon":          0,
	} {
		if got := expiry(header, at); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// TestRequestText: what goes over the wire is a request that a server accepts.
func TestRequestText(t *testing.T) {
	u, err := url.Parse("http://h:81/a b?q=1 2")
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[Kind]string{Short: "close", Long: "close", KeepAlive: "keep-alive"} {
		s, err := newScript(u, Lane{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(s.request(nil, "short-17"))))
		if err != nil {
			t.Fatal(err)
		}
		if r.Host != "h:81" || r.RequestURI != "/a%20b?q=1%202" || r.Header.Get("X-Request-Id") != "short-17" ||
			r.Header.Get("Connection") != want {
			t.Errorf("%s: %+v", kind, r)
		}
	}
}
