package load

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// hijacked takes the connection over, writes what is given, and closes it without a word.
func hijacked(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(c, text)
		_ = c.Close()
	}
}

// accepting accepts a WebSocket and ends it.
func accepting(end func(*websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Accept(w, r, nil); err == nil {
			end(c)
		}
	}
}

// closeFrameAlone accepts a WebSocket by hand, writes the close frame of the proposed handler
// (rehearsal/handler), and closes the connection.
func closeFrameAlone(w http.ResponseWriter, r *http.Request) {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	hijacked("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
		base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n\x88\x02\x03\xf4")(w, r)
}

const eventHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nX-Worker-Pid: 42\r\nTransfer-Encoding: chunked\r\n\r\n"

// TestStreamEnds: what a server ends with notice was closed, what it ends without was cut, and
// what it never opened was refused.
func TestStreamEnds(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   Kind
		app    http.HandlerFunc
		want   evidence.StreamEnd
		code   int
		opened bool
	}{
		{"events, complete", Events, hijacked(eventHead + "8\r\ndata: 1\n\r\n0\r\n\r\n"), evidence.StreamClosed, 0, true},
		{"events, within a chunk", Events, hijacked(eventHead + "8\r\ndata"), evidence.StreamCut, 0, true},
		{"events, between chunks", Events, hijacked(eventHead + "8\r\ndata: 1\n\r\n"), evidence.StreamCut, 0, true},
		{"events, no answer", Events, hijacked(""), evidence.StreamRefused, 0, false},
		{"events, another status", Events, http.NotFound, evidence.StreamRefused, 404, false},
		{"events, another type", Events, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }, evidence.StreamRefused, 200, false},
		{"WebSocket, close frame", WebSockets, accepting(func(c *websocket.Conn) { _ = c.Close(websocket.StatusServiceRestart, "deploy") }), evidence.StreamClosed, 1012, true},
		{"WebSocket, close frame and exit", WebSockets, closeFrameAlone, evidence.StreamClosed, 1012, true},
		{"WebSocket, no close frame", WebSockets, accepting(func(c *websocket.Conn) { _ = c.CloseNow() }), evidence.StreamCut, 0, true},
		{"WebSocket, another status", WebSockets, http.NotFound, evidence.StreamRefused, 404, false},
	} {
		app := httptest.NewServer(c.app)
		var rows []evidence.Stream
		s := newStreams(Lane{Name: "x", Kind: c.kind, Conns: 1, Timeout: time.Minute, Path: "/live"}, app.URL, &serial{sink: func(l evidence.Line) { rows = append(rows, *l.Stream) }})
		s.connect(context.Background(), 0)
		app.Close()
		if len(rows) != 1 || rows[0].End != c.want || rows[0].Code != c.code || (rows[0].Opened > 0) != c.opened {
			t.Errorf("%s: %+v, want %s %d", c.name, rows, c.want, c.code)
		}
		if c.kind == Events && c.opened && rows[0].PID != 42 {
			t.Errorf("%s: the worker is %d", c.name, rows[0].PID)
		}
	}
}

// TestStreamsConnectAgain: a client whose stream has ended opens another one, what is open when
// the load ends was left, and the books balance beside those of requests.
func TestStreamsConnectAgain(t *testing.T) {
	first := make(chan bool, 1)
	first <- true
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/live" {
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: 1\n\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-first:
		default:
			stop()
			<-r.Context().Done()
		}
	}))
	t.Cleanup(app.Close)
	r := &evidence.Record{}
	_, err := Run(ctx, Plan{URL: app.URL, Lanes: []Lane{
		{Name: "live", Kind: Events, Conns: 1, Timeout: time.Minute, Path: "/live"},
		{Name: "short", Kind: Short, Rate: 20, Timeout: time.Minute},
	}}, r.Add)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Balance(); err != nil {
		t.Error(err)
	}
	if len(r.Streams) != 2 || r.Streams[0].End != evidence.StreamClosed || r.Streams[1].End != evidence.StreamLeft || r.Streams[1].Dialed <= r.Streams[0].Ended {
		t.Errorf("streams: %+v", r.Streams)
	}
	if len(r.Tallies) != 1 || len(r.StreamTallies) != 1 || r.StreamTallies[0].Clients != 1 {
		t.Errorf("tallies: %+v, %+v", r.Tallies, r.StreamTallies)
	}
	r.Streams = r.Streams[:1]
	if r.Balance() == nil {
		t.Error("a lost row balances")
	}
}

// TestNobodyListens: a client that finds nobody is refused, and goes on.
func TestNobodyListens(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + ln.Addr().String()
	ln.Close()
	for _, kind := range []Kind{Events, WebSockets} {
		var row evidence.Stream
		s := newStreams(Lane{Name: "x", Kind: kind, Conns: 1, Timeout: time.Minute, Path: "/"}, url, &serial{sink: func(l evidence.Line) { row = *l.Stream }})
		s.connect(context.Background(), 0)
		if row.End != evidence.StreamRefused || row.Detail == "" {
			t.Errorf("%s: %+v", kind, row)
		}
	}
}
