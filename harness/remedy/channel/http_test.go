package channel

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// TestAlertsGoNowhereElse: a redirect is not followed, and says so.
func TestAlertsGoNowhereElse(t *testing.T) {
	var referers []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		referers = append(referers, req.Referer())
	}))
	defer other.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", other.URL)
			w.WriteHeader(code)
		}))
		refused, err := NewWebhook(s.URL+"/hook/s3cret").Deliver(t.Context(), engine.Alert{})
		s.Close()
		if !refused || err == nil || !strings.Contains(err.Error(), "redirects") {
			t.Errorf("%d: refused %v (%v)", code, refused, err)
		}
	}
	if len(referers) > 0 {
		t.Errorf("another server was asked, with referers %q", referers)
	}
}

// TestReceiversThatMisbehave: each costs bounded time and memory, and what has said 200 has
// taken the alert, however it goes on.
func TestReceiversThatMisbehave(t *testing.T) {
	endless := func(w http.ResponseWriter) {
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}
	over := make(chan struct{})
	defer close(over) // before the servers close
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter)
		taken  bool
	}{
		"endless body":     {endless, true},
		"endless failure":  {func(w http.ResponseWriter) { w.WriteHeader(500); endless(w) }, false},
		"body that stalls": {func(w http.ResponseWriter) { w.(http.Flusher).Flush(); <-over }, true},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { c.answer(w) }))
		t.Cleanup(func() {
			s.CloseClientConnections()
			s.Close()
		})
		begun := time.Now()
		_, err := NewWebhook(s.URL).Deliver(t.Context(), engine.Alert{})
		if (err == nil) != c.taken || time.Since(begun) > postWithin {
			t.Errorf("%s: %v after %s", name, err, time.Since(begun))
		}
		s.CloseClientConnections()
	}
	// One that takes the request and never answers, and one whose header never ends.
	for name, text := range map[string]string{"silent": "", "endless header": "HTTP/1.1 200 OK\r\n"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			go func() { _, _ = io.Copy(io.Discard, conn) }()
			for _, err = io.WriteString(conn, text); err == nil && text != ""; {
				_, err = io.WriteString(conn, "X-A: "+strings.Repeat("x", 1000)+"\r\n")
			}
			<-t.Context().Done()
		}()
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err = NewWebhook("http://"+l.Addr().String()+"/hook/s3cret").Deliver(ctx, engine.Alert{})
		cancel()
		if err == nil || strings.Contains(err.Error(), "s3cret") || time.Since(begun) > postWithin {
			t.Errorf("%s: %v after %s", name, err, time.Since(begun))
		}
	}
}

// TestAlertURLIsNotTold: errors of net/http quote the URL, and its path is a secret.
func TestAlertURLIsNotTold(t *testing.T) {
	for _, url := range []string{
		"http://127.0.0.1:1/services/T0AB/B0CD/s3cr3t-path", "http://bob:s3cr3t-path@127.0.0.1:1/x", "http://127.0.0.1:1/?key=s3cr3t-path", "http://127.0.0.1:99999/s3cr3t-path",
		"http://127.0.0.1:1/\x7f/s3cr3t-path",
	} {
		_, err := NewWebhook(url).Deliver(t.Context(), engine.Alert{})
		if err == nil {
			t.Errorf("%q: it was posted", url)
			continue
		}
		if strings.Contains(err.Error(), "s3cr3t-path") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
