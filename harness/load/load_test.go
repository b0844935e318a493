package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// serve runs handle for each connection of a listener on loopback.
func serve(t *testing.T, handle func(net.Conn)) (url string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go handle(c)
		}
	}()
	return "http://" + ln.Addr().String()
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// answerThenClose answers one request of each connection, reads one more to its end
// and closes without a word. unanswered counts the seconds.
func answerThenClose(received, unanswered *atomic.Int64) func(net.Conn) {
	return func(c net.Conn) {
		defer c.Close()
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

func run(t *testing.T, plan Plan) (evidence.Tally, *evidence.Record) {
	t.Helper()
	r := &evidence.Record{}
	tallies, err := Run(t.Context(), plan, r.Add)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Balance(); err != nil {
		t.Fatal(err)
	}
	return tallies[0], r
}

func plan(url string, kind Kind, rate float64, d time.Duration) Plan {
	return Plan{URL: url, Duration: d, Lanes: []Lane{{Name: string(kind), Kind: kind, Rate: rate, Timeout: time.Second, Conns: 4}}}
}

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
	tally, _ := run(t, plan(url, KeepAlive, 200, time.Second))
	lost := tally.Counts[evidence.Reset]
	if lost == 0 || int64(lost) != unanswered.Load() || int64(tally.Owed) != received.Load() {
		t.Errorf("reported %d losses of %d owed; the server received %d and left %d unanswered",
			lost, tally.Owed, received.Load(), unanswered.Load())
	}
	t.Logf("pm2drill: %d owed, %d reported lost; the server received %d and left %d unanswered",
		tally.Owed, lost, received.Load(), unanswered.Load())
}

// TestClasses gives each class a server that causes it for every request.
func TestClasses(t *testing.T) {
	say := func(text string) func(net.Conn) {
		return func(c net.Conn) {
			defer c.Close()
			if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				io.WriteString(c, text)
			}
		}
	}
	hang := func(text string) func(net.Conn) {
		return func(c net.Conn) {
			io.WriteString(c, text)
			io.Copy(io.Discard, c)
			c.Close()
		}
	}
	for name, c := range map[string]struct {
		handle func(net.Conn)
		want   evidence.Class
		phase  string
	}{
		"answer":                   {say(ok), evidence.Answered, ""},
		"answer without a body":    {say("HTTP/1.1 204 No Content\r\n\r\n"), evidence.Answered, ""},
		"answer to the end":        {say("HTTP/1.0 200 OK\r\n\r\nall of it"), evidence.Answered, ""},
		"answer in chunks":         {say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), evidence.Answered, ""},
		"answer after a 103":       {say("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok), evidence.Answered, ""},
		"nothing":                  {say(""), evidence.Reset, "first-byte"},
		"an answer cut short":      {say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), evidence.Truncated, "body"},
		"chunks cut short":         {say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), evidence.Truncated, "body"},
		"a header cut short":       {say("HTTP/1.1 200 OK\r\nContent-"), evidence.Truncated, "header"},
		"something else than HTTP": {say("SSH-2.0-OpenSSH\r\n"), evidence.Truncated, "header"},
		"an error":                 {say("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), evidence.WrongStatus, "header"},
		"a redirect":               {say("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"), evidence.WrongStatus, "header"},
		"silence":                  {hang(""), evidence.TimedOut, "first-byte"},
		"a header that never ends": {hang("HTTP/1.1 200 OK\r\n"), evidence.TimedOut, "header"},
		"a body that never ends":   {hang("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nh"), evidence.TimedOut, "body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// On connections of their own: how a reused one fares with a server that
			// closes it without a word is TestEveryLossIsSeen's.
			p := plan(serve(t, c.handle), Short, 50, 400*time.Millisecond)
			p.Lanes[0].Timeout = 300 * time.Millisecond
			tally, r := run(t, p)
			if tally.Owed != 20 || tally.Counts[c.want] != tally.Owed {
				t.Errorf("owed %d: %v, want all %s: %s", tally.Owed, tally.Counts, c.want, r.Requests[0].Detail)
			}
			if got := r.Requests[0].Phase; got != c.phase {
				t.Errorf("lost in phase %q, want %q", got, c.phase)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	for _, kind := range []Kind{Short, KeepAlive, Long} {
		tally, _ := run(t, plan("http://"+ln.Addr().String(), kind, 100, 200*time.Millisecond))
		if tally.Owed == 0 || tally.Counts[evidence.Refused] != tally.Owed {
			t.Errorf("%s: %+v, want all refused", kind, tally)
		}
	}
}

// TestWitness: an answer that names no worker is another service's.
func TestWitness(t *testing.T) {
	url := serve(t, func(c net.Conn) {
		defer c.Close()
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			io.WriteString(c, ok)
		}
	})
	p := plan(url, Short, 50, 200*time.Millisecond)
	p.Witness = true
	if tally, _ := run(t, p); tally.Counts[evidence.WrongStatus] != tally.Owed {
		t.Errorf("%+v, want all wrong-status", tally)
	}
}

// TestIdleCloseIsNoLoss: a server that closes connections while they are idle
// loses nothing, and neither does one that announces it.
func TestIdleCloseIsNoLoss(t *testing.T) {
	for name, announce := range map[string]bool{"silently": false, "announced": true} {
		t.Run(name, func(t *testing.T) {
			var served atomic.Int64
			url := serve(t, func(c net.Conn) {
				defer c.Close()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
					return
				}
				served.Add(1)
				if announce {
					io.WriteString(c, strings.Replace(ok, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1))
				} else {
					io.WriteString(c, ok)
				}
			})
			// Four connections and ten requests a second: each is idle long before it
			// is used again.
			tally, _ := run(t, plan(url, KeepAlive, 10, time.Second))
			if tally.Counts[evidence.Answered] != tally.Owed || int64(tally.Owed) != served.Load() {
				t.Errorf("%+v, the server answered %d", tally, served.Load())
			}
		})
	}
}

// TestOpenLoop: a server that stalls for half a second is still owed its rate,
// and the wait counts as latency.
func TestOpenLoop(t *testing.T) {
	var until atomic.Int64
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(time.Until(time.UnixMilli(until.Load())))
		fmt.Fprint(w, "ok")
	})}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(ln)
	defer srv.Close()
	until.Store(time.Now().Add(600 * time.Millisecond).UnixMilli())
	for _, kind := range []Kind{Short, KeepAlive} {
		tally, r := run(t, plan("http://"+ln.Addr().String(), kind, 100, time.Second))
		if tally.Owed != 100 || tally.Counts[evidence.Answered] != tally.Owed {
			t.Errorf("%s: %+v, want 100 owed and answered", kind, tally)
		}
		slow := 0
		for _, q := range r.Requests {
			if q.Done-q.Due > 100*time.Millisecond {
				slow++
			}
		}
		if kind == Short && slow < 30 {
			t.Errorf("%s: %d slow requests, want the half of them that the stall met", kind, slow)
		}
	}
}

// TestExact holds the ledger to the server's own counts over many requests: of requests, and of
// connections. How many of these are needed depends on how busy the host is.
func TestExact(t *testing.T) {
	var served, opened atomic.Int64
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
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(ln)
	defer srv.Close()
	tally, r := run(t, plan("http://"+ln.Addr().String(), KeepAlive, 1500, 2*time.Second))
	if int64(tally.Owed) != served.Load() || tally.Counts[evidence.Answered] != tally.Owed || tally.Owed != 3000 {
		t.Errorf("%+v, the server answered %d", tally, served.Load())
	}
	reused := 0
	for _, q := range r.Requests {
		if q.Reused {
			reused++
		}
	}
	if reused == 0 || int64(reused) != int64(tally.Owed)-opened.Load() {
		t.Errorf("%d of %d requests reused a connection, and the server has seen %d new ones", reused, tally.Owed, opened.Load())
	}
}

func TestAgent(t *testing.T) {
	url := serve(t, func(c net.Conn) {
		defer c.Close()
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			io.WriteString(c, ok)
		}
	})
	p := plan(url, Short, 50, 0)
	p.Noise = true
	head, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	in, feed := io.Pipe()
	var out bytes.Buffer
	go func() {
		feed.Write(append(head, '\n'))
		time.Sleep(500 * time.Millisecond) // how long the load runs, not a wait for something
		io.WriteString(feed, "stop\n")
	}()
	if err := Agent(t.Context(), in, &out); err != nil {
		t.Fatal(err)
	}
	r, err := evidence.Read(&out)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Balance(); err != nil {
		t.Error(err)
	}
	if len(r.Tallies) != 2 || r.Tallies[0].Owed < 10 || r.Tallies[1].Lane != evidence.LaneNoise || r.Tallies[1].Owed == 0 {
		t.Errorf("tallies %+v", r.Tallies)
	}
}

// runCommand runs the command by flags in one text.
func runCommand(t *testing.T, ctx context.Context, flags string, stdout, stderr io.Writer) int {
	t.Helper()
	var x Command
	fs := flag.NewFlagSet("load", flag.ContinueOnError)
	x.Declare(fs)
	if err := fs.Parse(strings.Fields(flags)); err != nil {
		t.Fatal(err)
	}
	return x.Run(ctx, fs.Args(), stdout, stderr)
}

func TestCommand(t *testing.T) {
	url := serve(t, func(c net.Conn) {
		defer c.Close()
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			io.WriteString(c, ok)
		}
	})
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--url " + url + " --rate 50 --duration 300ms --lane short --json", 0, `"answered":`},
		{"--url " + url + " --rate 50 --duration 300ms --lane short", 0, "latency from due"},
		{"--url http://127.0.0.1:1 --rate 50 --duration 200ms --lane short --json", 1, `"refused":1`},
		{"--url " + url + " --rate 0 --duration 1s --lane short", 64, "rate 0"},
		{"--url " + url + " --rate 5 --duration 1s --lane wide", 64, `lane "wide"`},
		{"--url https://x --rate 5 --duration 1s --lane short", 64, `url "https://x"`},
		{"--url " + url + " --rate 5 --lane short", 64, "duration 0s"},
		{"--rate 5 --duration 1s --lane short", 64, "--url is missing"},
		{"--url http://127.0.0.1:1 --rate 5 --duration 1s --lane short more", 64, `"more"`},
	} {
		var stdout, stderr strings.Builder
		code := runCommand(t, t.Context(), c.args, &stdout, &stderr)
		if said := stdout.String() + stderr.String(); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("load %s: exit code %d, want %d saying %q: %s", c.args, code, c.code, c.says, said)
		}
	}
	var stdout strings.Builder
	runCommand(t, t.Context(), "--url "+url+" --rate 50 --duration 300ms --lane keepalive --json", &stdout, io.Discard)
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	var last map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"owed", "answered", "dropped", "unsent", "refused", "reset", "timed-out", "truncated", "wrong-status"} {
		if _, ok := last[key]; !ok {
			t.Errorf("the last line lacks %q: %v", key, last)
		}
	}
}

func TestInterruptedCommandStillPrintsItsResult(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	url := serve(t, func(c net.Conn) { c.Close() })
	var stdout strings.Builder
	code := runCommand(t, ctx, "--url "+url+" --rate 50 --duration 1h --lane short --json", &stdout, io.Discard)
	if code != 130 || !strings.Contains(stdout.String(), `"owed"`) {
		t.Errorf("exit code %d: %s", code, stdout.String())
	}
}

// TestPost: a lane may send another method, with a body that arrives whole on each request of
// a kept connection.
func TestPost(t *testing.T) {
	const body = `{"order":7}`
	var whole atomic.Int64
	url := serve(t, func(c net.Conn) {
		defer c.Close()
		for r := bufio.NewReader(c); ; {
			q, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			text, _ := io.ReadAll(q.Body)
			if q.Method == http.MethodPost && string(text) == body && q.Header.Get("Content-Type") == "application/json" {
				whole.Add(1)
			}
			io.WriteString(c, ok)
		}
	})
	p := plan(url, KeepAlive, 50, 200*time.Millisecond)
	p.Lanes[0].Asks = Asks{Method: http.MethodPost, Headers: map[string]string{"Content-Type": "application/json"}, Body: body}
	if tally, _ := run(t, p); tally.Counts[evidence.Answered] != tally.Owed || whole.Load() != int64(tally.Owed) {
		t.Errorf("%+v, and %d arrived as they were sent", tally, whole.Load())
	}
	p.Lanes[0].Method = ""
	if err := p.validate(); err == nil {
		t.Error("a GET request with a body was taken")
	}
}
