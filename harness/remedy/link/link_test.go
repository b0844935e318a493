package link

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func newAsk() Ask {
	id := 1
	return Ask{Key: "b88ee871", App: "web <b>", Cause: "stalled_event_loop", Action: "kill", Worker: &id, Since: noon}
}

// memory is a Book.
type memory struct {
	asks []Ask
	used sync.Map
	uses atomic.Int32
}

func (m *memory) List() ([]Ask, error)        { return m.asks, nil }
func (m *memory) IsPermitted(key string) bool { _, ok := m.used.Load(key); return ok }
func (m *memory) Permit(key string) error     { m.used.Store(key, true); m.uses.Add(1); return nil }

func newHandler(now *time.Time, asks ...Ask) (*Handler, *memory) {
	m := &memory{asks: asks}
	s := Signer{Secret: []byte("0123456789abcdef"), Valid: time.Hour, Now: func() time.Time { return *now }}
	return &Handler{Signer: s, Book: m, Host: "host1"}, m
}

func sign(t *testing.T, s Signer, a Ask) string {
	t.Helper()
	token, err := s.Sign(a)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func get(h http.Handler, token string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/approve?token="+url.QueryEscape(token), nil))
	return w
}

// post posts a token as the page's form does, or as header says.
func post(h http.Handler, token string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, "/approve?", strings.NewReader(url.Values{"token": {token}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

// TestLinkPermitsOnce: what fetches a link by itself changes nothing and sees the page; the button
// permits; the same link does nothing after that, however many use it at once.
func TestLinkPermitsOnce(t *testing.T) {
	now := noon
	h, m := newHandler(&now, newAsk())
	token := sign(t, h.Signer, newAsk())
	for range 3 {
		w := get(h, token)
		if w.Code != http.StatusOK || m.uses.Load() != 0 {
			t.Fatalf("GET: %d, and it was permitted %d times", w.Code, m.uses.Load())
		}
		for _, says := range []string{"web &lt;b&gt;", "host1", "kill of worker 1", "stalled_event_loop", "b88ee871", `method="post"`} {
			if !strings.Contains(w.Body.String(), says) {
				t.Errorf("the page does not say %q: %s", says, w.Body)
			}
		}
		if c := w.Header().Get("Content-Security-Policy"); !strings.Contains(c, "frame-ancestors 'none'") || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("headers: %v", w.Header())
		}
	}
	head := httptest.NewRecorder()
	h.ServeHTTP(head, httptest.NewRequest(http.MethodHead, "/approve?token="+token, nil))
	if query := httptest.NewRecorder(); true {
		h.ServeHTTP(query, httptest.NewRequest(http.MethodPost, "/approve?token="+token, nil))
		if query.Code != http.StatusForbidden || m.uses.Load() != 0 {
			t.Errorf("a POST of the link itself, without the form: %d", query.Code)
		}
	}
	var all sync.WaitGroup
	var taken, gone atomic.Int32
	for range 20 {
		all.Go(func() {
			switch post(h, token).Code {
			case http.StatusOK:
				taken.Add(1)
			case http.StatusGone:
				gone.Add(1)
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 || gone.Load() != 19 || m.uses.Load() != 1 {
		t.Errorf("20 POSTs at once: %d taken, %d gone, permitted %d times", taken.Load(), gone.Load(), m.uses.Load())
	}
	if w := get(h, token); w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "works once") {
		t.Errorf("after that: %d %s", w.Code, w.Body)
	}
}

// TestLinkIsBound: to its incident, action, worker and asking, and to its time.
func TestLinkIsBound(t *testing.T) {
	other := 2
	for name, change := range map[string]func(*Ask){
		"another incident": func(a *Ask) { a.Key = "0" },
		"another app":      func(a *Ask) { a.App = "shop" },
		"another cause":    func(a *Ask) { a.Cause = "hot_worker" },
		"another action":   func(a *Ask) { a.Action = "replace" },
		"another worker":   func(a *Ask) { a.Worker = &other },
		"no worker":        func(a *Ask) { a.Worker = nil },
		"a later asking":   func(a *Ask) { a.Since = noon.Add(time.Second) },
	} {
		now, asked := noon, newAsk()
		change(&asked)
		h, m := newHandler(&now, asked)
		token := sign(t, h.Signer, newAsk())
		if code := post(h, token).Code; code != http.StatusGone || m.uses.Load() != 0 {
			t.Errorf("%s is asked for: %d", name, code)
		}
	}
	now := noon
	h, m := newHandler(&now, newAsk())
	token := sign(t, h.Signer, newAsk())
	now = noon.Add(time.Hour)
	if w := post(h, token); w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "expired") || m.uses.Load() != 0 {
		t.Errorf("expired: %d %s", w.Code, w.Body)
	}
	now = noon.Add(time.Hour - time.Second)
	if code := post(h, token).Code; code != http.StatusOK {
		t.Errorf("a second before it expires: %d", code)
	}
}

// TestLinkIsNotForged: no byte of it may change, and no other secret makes one.
func TestLinkIsNotForged(t *testing.T) {
	now := noon
	h, m := newHandler(&now, newAsk())
	token := sign(t, h.Signer, newAsk())
	tokens := []string{"", ".", "x", token + "A", token[1:], strings.Replace(token, ".", "", 1), strings.Repeat("A", 5000) + "." + token}
	for i := range token {
		changed := []byte(token)
		if changed[i]++; changed[i] == '.' || token[i] == '.' {
			continue
		}
		tokens = append(tokens, string(changed))
	}
	foreign := h.Signer
	foreign.Secret = []byte("fedcba9876543210")
	tokens = append(tokens, sign(t, foreign, newAsk()))
	for _, token := range tokens {
		if _, _, err := h.Signer.Verify(token); !errors.Is(err, ErrForged) {
			t.Errorf("%.60q: %v", token, err)
		}
		if code := post(h, token).Code; code != http.StatusForbidden {
			t.Errorf("%.60q: %d", token, code)
		}
	}
	if _, err := (Signer{Secret: []byte("short"), Now: time.Now}).Sign(newAsk()); err == nil {
		t.Error("a short secret signs")
	}
	if _, _, err := (Signer{Now: time.Now}).Verify(sign(t, h.Signer, newAsk())); err == nil {
		t.Error("no secret verifies")
	}
	if m.uses.Load() != 0 {
		t.Errorf("permitted %d times", m.uses.Load())
	}
}

// TestOtherSitesCannotPost, in a browser that has the link.
func TestOtherSitesCannotPost(t *testing.T) {
	now := noon
	h, m := newHandler(&now, newAsk())
	token := sign(t, h.Signer, newAsk())
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		if code := post(h, token, header...).Code; code != http.StatusForbidden || m.uses.Load() != 0 {
			t.Errorf("%v: %d", header, code)
		}
	}
	if code := post(h, token, "Sec-Fetch-Site", "same-origin").Code; code != http.StatusOK {
		t.Errorf("its own page: %d", code)
	}
}
