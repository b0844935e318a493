package injector

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// app is a server that keeps what it was asked, and by how many connections.
type app struct {
	mu    sync.Mutex
	asked []string // "METHOD PATH connection", of which connection is the client's address
	conns map[string]bool
	port  int
}

func startApp(t *testing.T, answer func(n int, w http.ResponseWriter)) *app {
	t.Helper()
	a := &app{conns: map[string]bool{}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.conns[r.RemoteAddr] = true
		a.asked = append(a.asked, r.Method+" "+r.RequestURI)
		n := len(a.conns)
		a.mu.Unlock()
		answer(n, w)
	}))
	t.Cleanup(s.Close)
	a.port = s.Listener.Addr().(*net.TCPAddr).Port
	return a
}

func (a *app) seen() (asked []string, conns int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.asked), len(a.conns)
}

func order(t *testing.T, o Order) error {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return Agent(t.Context(), string(text), func() {})
}

// TestBurnAsksAnotherWorker: the request goes to the first worker that is not number 0, on
// the connection by which that was found out.
func TestBurnAsksAnotherWorker(t *testing.T) {
	a := startApp(t, func(n int, w http.ResponseWriter) { w.Header().Set("X-Worker-Instance", fmt.Sprint(n/3)) })
	if err := order(t, Order{Burn: &Burn{Path: "/burn", Port: a.port}}); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /healthz", "GET /healthz", "GET /healthz", "POST /burn"}
	if asked, conns := a.seen(); !slices.Equal(asked, want) || conns != 3 {
		t.Errorf("asked %v by %d connections, want %v by 3", asked, conns, want)
	}
	zero := startApp(t, func(_ int, w http.ResponseWriter) { w.Header().Set("X-Worker-Instance", "0") })
	if err := order(t, Order{Burn: &Burn{Path: "/burn", Port: zero.port}}); err == nil || !strings.Contains(err.Error(), "worker 0") {
		t.Errorf("with worker 0 alone: %v", err)
	}
}

// TestPosts: each request is sent once, whatever comes of it.
func TestPosts(t *testing.T) {
	a := startApp(t, func(int, http.ResponseWriter) { panic(http.ErrAbortHandler) }) // hangs up
	began := time.Now()
	at := []time.Duration{0, 20 * time.Millisecond, 40 * time.Millisecond}
	if err := order(t, Order{Posts: &Posts{Port: a.port, Paths: []string{"/a", "/b?x=1", "/c"}, At: at}}); err != nil {
		t.Fatal(err)
	}
	want := []string{"POST /a", "POST /b?x=1", "POST /c"}
	if asked, conns := a.seen(); !slices.Equal(asked, want) || conns != 3 {
		t.Errorf("asked %v by %d connections, want %v by 3", asked, conns, want)
	}
	if took := time.Since(began); took < at[2] {
		t.Errorf("the last one was due after %s, and all took %s", at[2], took)
	}
}

// TestClientKeepsItsConnection: all its requests come by one.
func TestClientKeepsItsConnection(t *testing.T) {
	a := startApp(t, func(int, http.ResponseWriter) {})
	if err := order(t, Order{Client: &Client{Port: a.port, Path: "/busy?ms=1", Every: 5 * time.Millisecond, For: 200 * time.Millisecond}}); err != nil {
		t.Fatal(err)
	}
	if asked, conns := a.seen(); len(asked) < 3 || conns != 1 || asked[0] != "POST /busy?ms=1" {
		t.Errorf("asked %v by %d connections", asked, conns)
	}
}

// TestStallHangsUp: the request is whole, and nobody waits for an answer.
func TestStallHangsUp(t *testing.T) {
	release := make(chan struct{})
	a := startApp(t, func(int, http.ResponseWriter) { <-release })
	t.Cleanup(func() { close(release) })
	if err := order(t, Order{Stall: &Stall{Path: "/stall", Port: a.port, For: 2 * time.Second}}); err != nil {
		t.Fatal(err)
	}
	if asked, _ := a.seen(); !slices.Equal(asked, []string{"POST /stall?ms=2000"}) {
		t.Errorf("asked %v", asked)
	}
}

// TestRefusedOrders: what names nothing to do, or nobody to do it to, is an error.
func TestRefusedOrders(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := ln.Addr().(*net.TCPAddr).Port
	ln.Close()
	for _, o := range []Order{{}, {Stall: &Stall{Path: "/stall", Port: closed}}, {Burn: &Burn{Path: "/burn", Port: closed}}, {Signal: &Signal{Init: -1}}, {Resume: &Resume{Init: -1}}, {End: &End{Init: -1}}} {
		if err := order(t, o); err == nil {
			t.Errorf("%+v was carried out", o)
		}
	}
	if err := Agent(t.Context(), "{", func() {}); err == nil {
		t.Error("an order that is no JSON was carried out")
	}
}
