package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// receiver takes alerts as the test says, and keeps what it took.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	posts int
	taken []string // status and key of each alert that was answered 200
}

func newReceiver(t *testing.T, answer func(n int, a engine.Alert, w http.ResponseWriter) (taken bool)) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var a engine.Alert
		_ = json.NewDecoder(req.Body).Decode(&a)
		r.mu.Lock()
		r.posts++
		n := r.posts
		r.mu.Unlock()
		if answer(n, a, w) {
			r.mu.Lock()
			r.taken = append(r.taken, a.Status+" "+a.Dedupe)
			r.mu.Unlock()
		}
	}))
	t.Cleanup(func() {
		r.CloseClientConnections()
		r.Close()
	})
	return r
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.taken)
}

func firing(key string) engine.Alert { return engine.Alert{Status: engine.StatusFiring, Dedupe: key} }

func resolved(key string) engine.Alert {
	return engine.Alert{Status: engine.StatusResolved, Dedupe: key}
}

// deliver runs a poster until it has nothing left to do.
func deliver(t *testing.T, url string, alerts ...engine.Alert) {
	t.Helper()
	p := newPoster(url, new(redact.Redactor), func(err error) { t.Error(err) })
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for _, a := range alerts {
		p.send(a)
	}
	p.end()
	p.run(ctx)
	if ctx.Err() != nil {
		t.Error("it has not come to an end")
	}
}

// deliverHurriedly runs a poster to its end, without its pauses.
func deliverHurriedly(t *testing.T, p *poster) {
	t.Helper()
	p.end()
	for range 10 * maxQueue {
		x, _, over := p.next(time.Now().Add(longestWait))
		if over {
			return
		}
		p.try(t.Context(), x)
	}
	t.Error("it has not come to an end")
}

// TestAlertsOutliveTheirReceiver: one that is away for longer than six tries loses nothing.
func TestAlertsOutliveTheirReceiver(t *testing.T) {
	r := newReceiver(t, func(n int, _ engine.Alert, w http.ResponseWriter) bool {
		if n <= lateAfter+1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return false
		}
		return true
	})
	p := newPoster(r.URL, new(redact.Redactor), func(error) {})
	p.send(firing("a"))
	deliverHurriedly(t, p)
	if got := r.got(); !slices.Equal(got, []string{"firing a"}) {
		t.Errorf("it took %v", got)
	}
}

// TestAlertsKeepTheirOrder: one that is not taken holds up its own incident and no other.
func TestAlertsKeepTheirOrder(t *testing.T) {
	failed := false
	r := newReceiver(t, func(_ int, a engine.Alert, w http.ResponseWriter) bool {
		if a.Dedupe == "a" && !failed {
			failed = true
			w.WriteHeader(http.StatusBadGateway)
			return false
		}
		return true
	})
	deliver(t, r.URL, firing("a"), resolved("a"), firing("b"), resolved("b"))
	if got, want := r.got(), []string{"firing b", "resolved b", "firing a", "resolved a"}; !slices.Equal(got, want) {
		t.Errorf("it took %v, want %v", got, want)
	}
}

// TestAlertsGoNowhereElse: a redirect is not followed, and says so.
func TestAlertsGoNowhereElse(t *testing.T) {
	var referers []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		referers = append(referers, req.Referer())
	}))
	defer other.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		r := newReceiver(t, func(_ int, _ engine.Alert, w http.ResponseWriter) bool {
			w.Header().Set("Location", other.URL)
			w.WriteHeader(code)
			return false
		})
		p := newPoster(r.URL+"/hook/s3cret", new(redact.Redactor), func(error) {})
		if refused, err := p.post(t.Context(), []byte("{}")); !refused || err == nil || !strings.Contains(err.Error(), "redirects") {
			t.Errorf("%d: refused %v (%v)", code, refused, err)
		}
	}
	if len(referers) > 0 {
		t.Errorf("another server was asked, with referers %q", referers)
	}
}

// TestAlertsThatAreRefused: trying the same again is of no use, and holds nobody up.
func TestAlertsThatAreRefused(t *testing.T) {
	r := newReceiver(t, func(_ int, a engine.Alert, w http.ResponseWriter) bool {
		if a.Dedupe == "bad" {
			w.WriteHeader(http.StatusBadRequest)
			return false
		}
		return true
	})
	var failures []string
	p := newPoster(r.URL, new(redact.Redactor), func(err error) { failures = append(failures, err.Error()) })
	p.send(firing("bad"))
	p.send(firing("good"))
	deliverHurriedly(t, p)
	if got := r.got(); !slices.Equal(got, []string{"firing good"}) || r.posts != maxRefused+1 {
		t.Errorf("it took %v of %d posts", got, r.posts)
	}
	if len(failures) != 2 || !strings.Contains(failures[1], "given up") {
		t.Errorf("said: %q", failures)
	}
}

// TestAlertsThatPileUp: the queue is bounded, and what is over goes first.
func TestAlertsThatPileUp(t *testing.T) {
	lost := 0
	p := newPoster("http://127.0.0.1:1/", new(redact.Redactor), func(error) { lost++ })
	p.send(firing("total outage"))
	p.send(firing("over"))
	p.send(resolved("over"))
	for i := range maxQueue {
		p.send(firing(fmt.Sprint(i)))
		p.send(firing(fmt.Sprint(i))) // says the same
	}
	if len(p.waiting) > maxQueue || lost == 0 {
		t.Errorf("%d wait, %d times something was given up", len(p.waiting), lost)
	}
	for _, x := range p.waiting {
		if x.key == "over" {
			t.Error("what is over is kept")
		}
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
		r := newReceiver(t, func(_ int, _ engine.Alert, w http.ResponseWriter) bool { c.answer(w); return false })
		begun := time.Now()
		_, err := newPoster(r.URL, new(redact.Redactor), nil).post(t.Context(), []byte("{}"))
		if (err == nil) != c.taken || time.Since(begun) > postWithin {
			t.Errorf("%s: %v after %s", name, err, time.Since(begun))
		}
		r.CloseClientConnections()
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
		_, err = newPoster("http://"+l.Addr().String()+"/hook/s3cret", new(redact.Redactor), nil).post(ctx, []byte("{}"))
		cancel()
		if err == nil || strings.Contains(err.Error(), "s3cret") || time.Since(begun) > postWithin {
			t.Errorf("%s: %v after %s", name, err, time.Since(begun))
		}
	}
}
