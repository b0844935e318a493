package pm2

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2/internal/axon"
)

// fake is PM2's daemon as far as its sockets show: it keeps what it is asked and
// answers as the test says.
type fake struct {
	home  string
	calls chan call // as they come
	subs  chan net.Conn

	mu    sync.Mutex
	conns []net.Conn
}

// call is a request on the wire.
type call struct {
	body string // JSON
	id   string
	conn net.Conn
}

// answer sends a reply's JSON.
func (c call) answer(t *testing.T, body string) {
	t.Helper()
	b, err := axon.Message{[]byte("j:" + body), axon.Text(c.id)}.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.conn.Write(b); err != nil {
		t.Fatal(err)
	}
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{home: shortDir(t), calls: make(chan call, 64), subs: make(chan net.Conn, 8)}
	f.listen(t, "rpc.sock", f.serve)
	f.listen(t, "pub.sock", func(conn net.Conn) { f.subs <- conn })
	t.Cleanup(f.hangUp)
	return f
}

// shortDir: a Unix socket's path has room for 107 bytes.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pm2")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (f *fake) listen(t *testing.T, name string, serve func(net.Conn)) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(f.home, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f.mu.Lock()
			f.conns = append(f.conns, conn)
			f.mu.Unlock()
			go serve(conn)
		}
	}()
}

func (f *fake) serve(conn net.Conn) {
	r := axon.NewReader(conn, 1<<20)
	for {
		m, err := r.Read(nil)
		if err != nil || len(m) != 2 {
			return
		}
		body, _ := axon.AsJSON(m[0])
		id, _ := axon.AsText(m[1])
		f.calls <- call{string(body), id, conn}
	}
}

// hangUp is what a daemon's death looks like to those connected.
func (f *fake) hangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		c.Close()
	}
}

func (f *fake) dial(t *testing.T) *Client {
	t.Helper()
	c, err := Dial(soon(t), f.home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// next is the next call that the daemon gets.
func (f *fake) next(t *testing.T) call {
	t.Helper()
	select {
	case c := <-f.calls:
		return c
	case <-time.After(10 * time.Second):
		t.Fatal("the daemon was not called")
		return call{}
	}
}

// soon bounds what should take no time.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}
