package load

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestEveryLossIsSeen is the reason this package exists: the same server, asked
// by a net/http client and by us. The client says that all is well.
func TestEveryLossIsSeen(t *testing.T) {
	var received, unanswered atomic.Int64
	url := serve(t, answerThenClose(&received, &unanswered))
	client := &http.Client{Transport: &http.Transport{}}
	failed := 0
	for range 200 {
		resp, err := client.Get(url)
		if err != nil {
			failed++
			continue
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	if failed != 0 || unanswered.Load() < 100 {
		t.Errorf("net/http reports %d failures of 200 while the server left %d of %d unanswered: it is expected to hide them",
			failed, unanswered.Load(), received.Load())
	}
	t.Logf("net/http: 200 sent, %d errors reported; the server received %d and left %d unanswered",
		failed, received.Load(), unanswered.Load())

	received.Store(0)
	unanswered.Store(0)
	tally, rows := run(t, plan(url, KeepAlive, 200, time.Second))
	lost, answered := int64(tally.Counts[evidence.Reset]), int64(tally.Counts[evidence.Answered])
	if lost < 50 || lost != unanswered.Load() || answered+lost != received.Load() {
		t.Errorf("reported %v of %d owed; the server received %d and left %d unanswered",
			tally.Counts, tally.Owed, received.Load(), unanswered.Load())
	}
	for _, q := range rows {
		if q.Class == evidence.Reset && (!q.Reused || q.Phase != phaseFirstByte || q.Detail != "EOF") {
			t.Errorf("lost %+v, want a reused connection's EOF before the first byte", q)
		}
	}
	t.Logf("pm2drill: %d owed, %d reported lost; the server received %d and left %d unanswered",
		tally.Owed, lost, received.Load(), unanswered.Load())
}

// TestClasses gives each class a server that causes it for every request.
func TestClasses(t *testing.T) {
	for name, c := range map[string]struct {
		handle func(*net.TCPConn)
		want   evidence.Class
		phase  string
		detail string
	}{
		"answer":                   {talk(ok), evidence.Answered, "", ""},
		"answer of nothing":        {talk("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), evidence.Answered, "", ""},
		"answer without a body":    {talk("HTTP/1.1 204 No Content\r\n\r\n"), evidence.Answered, "", ""},
		"answer of HTTP/1.0":       {once("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), evidence.Answered, "", ""},
		"answer to the end":        {once("HTTP/1.1 200 OK\r\n\r\nall of it"), evidence.Answered, "", ""},
		"answer in chunks":         {talk("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), evidence.Answered, "", ""},
		"answer after a 103":       {talk("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok), evidence.Answered, "", ""},
		"nothing":                  {once(""), evidence.Reset, phaseFirstByte, "EOF"},
		"a reset":                  {reset, evidence.Reset, phaseFirstByte, "ECONNRESET"},
		"an answer cut short":      {once("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), evidence.Truncated, phaseBody, "EOF after 4 of 9 bytes"},
		"chunks cut short":         {once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), evidence.Truncated, phaseBody, "EOF after 2 bytes"},
		"the last chunk cut short": {once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"), evidence.Truncated, phaseBody, "http: unexpected EOF reading trailer after 2 bytes"},
		"a header cut short":       {once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"), evidence.Truncated, phaseHeader, "EOF"},
		"a 103 and no more":        {once("HTTP/1.1 103 Early Hints\r\n\r\n"), evidence.Truncated, phaseHeader, "EOF"},
		"something else than HTTP": {once("SSH-2.0-OpenSSH\r\n"), evidence.Truncated, phaseHeader, `malformed HTTP response "SSH-2.0-OpenSSH"`},
		"an error":                 {talk("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), evidence.WrongStatus, phaseHeader, ""},
		"a redirect":               {talk("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"), evidence.WrongStatus, phaseHeader, ""},
		"not modified":             {talk("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"), evidence.WrongStatus, phaseHeader, ""},
		"another protocol":         {talk("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), evidence.WrongStatus, phaseHeader, ""},
		"silence":                  {hang(""), evidence.TimedOut, phaseFirstByte, ""},
		"a header that never ends": {hang("HTTP/1.1 200 OK\r\nX: "), evidence.TimedOut, phaseHeader, ""},
		"a body that never ends":   {hang("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nh"), evidence.TimedOut, phaseBody, "after 1 of 9 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range []Kind{Short, KeepAlive} {
				p := plan(serve(t, c.handle), kind, 50, 400*time.Millisecond)
				if c.want == evidence.TimedOut {
					p.Lanes[0].Timeout = 700 * time.Millisecond
				}
				tally, rows := run(t, p)
				if tally.Owed != 20 || !all(tally, c.want) {
					t.Errorf("%s: owed %d: %v, want all %s", kind, tally.Owed, tally.Counts, c.want)
				}
				if q := rows[0]; q.Phase != c.phase || q.Detail != c.detail {
					t.Errorf("%s: lost in phase %q, %q; want %q, %q", kind, q.Phase, q.Detail, c.phase, c.detail)
				}
			}
		})
	}
}

// reset reads a request and answers it with a RST.
func reset(c *net.TCPConn) {
	if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
		c.SetLinger(0)
	}
}

func TestSlowloris(t *testing.T) {
	url := serve(t, func(c *net.TCPConn) {
		// Each line comes well within the timeout, the last one never.
		_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n")
		for tick := time.NewTicker(50 * time.Millisecond); err == nil; <-tick.C {
			_, err = io.WriteString(c, "X: y\r\n")
		}
	})
	p := plan(url, Short, 20, 500*time.Millisecond)
	p.Lanes[0].Timeout = 600 * time.Millisecond
	if tally, rows := run(t, p); !all(tally, evidence.TimedOut) || rows[0].Phase != phaseHeader {
		t.Errorf("%+v in phase %s, want all timed out in the header", tally, rows[0].Phase)
	}
}

func TestRefused(t *testing.T) {
	url := free(t)
	for _, kind := range []Kind{Short, KeepAlive, Long} {
		tally, rows := run(t, plan(url, kind, 100, 200*time.Millisecond))
		if !all(tally, evidence.Refused) {
			t.Errorf("%s: %+v, want all refused", kind, tally)
		}
		if q := rows[0]; q.Phase != phaseDial || q.Detail != "ECONNREFUSED" || q.Sent != 0 || q.Conn != 0 {
			t.Errorf("%s: %+v", kind, q)
		}
	}
}

// TestWitness: an answer that names no worker is another service's.
func TestWitness(t *testing.T) {
	for text, want := range map[string]evidence.Class{
		ok: evidence.WrongStatus,
		"HTTP/1.1 200 OK\r\nX-Worker-Pid: 4711\r\nContent-Length: 0\r\n\r\n": evidence.Answered,
	} {
		p := plan(serve(t, talk(text)), Short, 50, 200*time.Millisecond)
		p.Witness = true
		tally, rows := run(t, p)
		if !all(tally, want) || (want == evidence.Answered && rows[0].PID != 4711) {
			t.Errorf("%+v, want all %s: %+v", tally, want, rows[0])
		}
	}
}

// TestOpenLoop: a server that stalls for the first half is still owed its rate,
// and the wait counts as latency.
func TestOpenLoop(t *testing.T) {
	for _, kind := range []Kind{Short, KeepAlive} {
		until := now() + 600*time.Millisecond
		url := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(until - now())
			fmt.Fprint(w, "ok")
		})
		tally, rows := run(t, plan(url, kind, 100, time.Second))
		if tally.Owed != 100 || !all(tally, evidence.Answered) {
			t.Errorf("%s: %+v, want 100 owed and answered", kind, tally)
		}
		stalled := 0
		for _, q := range rows {
			if q.Done-q.Due >= 50*time.Millisecond {
				stalled++
			}
			if q.Done < until {
				t.Errorf("%s: %s done before the stall was over", kind, q.ID)
			}
		}
		if stalled < 50 {
			t.Errorf("%s: %d waited, want the half that the stall met", kind, stalled)
		}
	}
}

// TestExact holds the ledger to the server's own count over 10,000 requests.
func TestExact(t *testing.T) {
	var served, opened atomic.Int64
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			served.Add(1)
			fmt.Fprint(w, "ok")
		}),
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				opened.Add(1)
			}
		},
	}
	go srv.Serve(ln)
	defer srv.Close()
	p := plan("http://"+ln.Addr().String(), KeepAlive, 2000, 4*time.Second)
	short := p.Lanes[0]
	short.Name, short.Kind, short.Rate = "short", Short, 500
	p.Lanes = append(p.Lanes, short)
	r := &evidence.Record{}
	tallies, err := Run(t.Context(), p, r.Add)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(tallies, r.Requests); err != nil {
		t.Error(err)
	}
	conns := map[string]bool{}
	reused := 0
	for _, q := range r.Requests {
		if q.Class == evidence.Unsent {
			continue
		}
		conns[fmt.Sprint(q.Lane, q.Conn)] = true
		if q.Reused {
			reused++
		}
	}
	answered := tallies[0].Counts[evidence.Answered] + tallies[1].Counts[evidence.Answered]
	unsent := tallies[0].Counts[evidence.Unsent] + tallies[1].Counts[evidence.Unsent]
	if len(r.Requests) != 10_000 || int64(answered) != served.Load() || answered+unsent != 10_000 {
		t.Errorf("%+v, the server answered %d", tallies, served.Load())
	}
	if int64(len(conns)) != opened.Load() || reused+len(conns) != answered {
		t.Errorf("%d requests on %d connections, %d on reused ones; the server saw %d connections",
			answered, len(conns), reused, opened.Load())
	}
}

// TestStopSettles: when the load is told to stop, nothing more is owed and what
// is in flight is waited for.
func TestStopSettles(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var begun atomic.Int64
	release := make(chan struct{})
	url := serveHTTP(t, func(http.ResponseWriter, *http.Request) {
		if begun.Add(1) == 10 {
			stop()
			time.AfterFunc(200*time.Millisecond, func() { close(release) })
		}
		<-release
	})
	r := &evidence.Record{}
	tallies, err := Run(ctx, plan(url, Long, 100, 0), r.Add)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(tallies, r.Requests); err != nil {
		t.Error(err)
	}
	if tally := tallies[0]; tally.Owed < 10 || !all(tally, evidence.Answered) || int64(tally.Owed) != begun.Load() {
		t.Errorf("%+v, the server began %d", tally, begun.Load())
	}
}

// TestNoise: the noise arm runs beside the lanes, against a server of its own.
func TestNoise(t *testing.T) {
	p := plan(free(t), Short, 100, 500*time.Millisecond)
	p.Noise = true
	tallies, err := Run(t.Context(), p, func(evidence.Line) {})
	if err != nil {
		t.Fatal(err)
	}
	if len(tallies) != 2 || !all(tallies[0], evidence.Refused) || tallies[1].Lane != evidence.LaneNoise ||
		tallies[1].Owed != 10 || !all(tallies[1], evidence.Answered) {
		t.Errorf("tallies %+v", tallies)
	}
}

func TestUnknownHost(t *testing.T) {
	_, err := Run(t.Context(), plan("http://no-such-host.invalid", Short, 1, time.Second), func(evidence.Line) {})
	if err == nil {
		t.Error("found a host that does not exist")
	}
}
