package status

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pm2drill/pm2drill/harness/engine"
)

//go:embed incidents.schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of what GET /incidents answers. Its incidents
// are alerts of the engine's contract.
func Schema() []byte { return schema }

// Incidents is what GET /incidents answers.
type Incidents struct {
	Engine string         `json:"engine"` // its version
	At     time.Time      `json:"at"`     // when it was asked
	Open   []engine.Alert `json:"open"`   // the oldest first, each as it was last told
	Recent []engine.Alert `json:"recent"` // that are over since the engine began, the latest first
}

// List returns the incidents.
func (b *Board) List(now time.Time) Incidents {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := Incidents{Engine: b.version, At: now.UTC(), Open: []engine.Alert{}, Recent: []engine.Alert{}}
	out.Open = append(out.Open, slices.SortedFunc(maps.Values(b.open), func(x, y engine.Alert) int { return x.FirstSeen.Compare(y.FirstSeen) })...)
	for _, a := range slices.Backward(b.recent) {
		out.Recent = append(out.Recent, a)
	}
	return out
}

// count returns how many incidents are open by app and cause, and the queues of alerts.
func (b *Board) count() (open map[[2]string]int, queues map[string]func() map[string]int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	open = map[[2]string]int{}
	for _, a := range b.open {
		open[[2]string{a.App, formatCause(a.Cause)}]++
	}
	return open, maps.Clone(b.queues)
}

// Handler answers GET /metrics, /incidents and /healthz. local is true where only this host can
// reach it: a request that names another host comes from a page in a browser, which has made
// its own name lead here, and is refused.
func (b *Board) Handler(local bool, now func() time.Time) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(b.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	mux.HandleFunc("GET /incidents", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, b.List(now())) })
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if late := b.Stale(now()); len(late) > 0 {
			writeJSON(w, http.StatusServiceUnavailable, map[string]any{"status": "stale", "apps": late})
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{"status": "ok"})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		b.mu.Lock()
		m, mounted := b.mounts[req.URL.Path]
		b.mu.Unlock()
		if local && !isLoopback(req.Host) && !(mounted && strings.EqualFold(req.Host, m.host)) {
			http.Error(w, "this address is for the host itself", http.StatusForbidden)
			return
		}
		if mounted {
			m.handler.ServeHTTP(w, req)
			return
		}
		mux.ServeHTTP(w, req)
	})
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // nobody is told if the one who asked is gone
}

// isLoopback reports whether a Host header names this host.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Serve listens on host:port and answers until ctx ends. It returns once it listens: the
// address, with the port that it was given for 0, or why it cannot.
func (b *Board) Serve(ctx context.Context, address string, now func() time.Time) (net.Addr, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	addr, _ := l.Addr().(*net.TCPAddr)
	server := &http.Server{
		Handler:           b.Handler(addr != nil && addr.IP.IsLoopback(), now),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 16 << 10,
	}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() {
		if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			_ = l.Close() // /healthz does not answer then, which is what it is for
		}
	}()
	return l.Addr(), nil
}
