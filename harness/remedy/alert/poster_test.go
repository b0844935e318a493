package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/channel"
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
	p := newPoster(channel.NewWebhook(url), func(err error) { t.Error(err) })
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
		x, _, over := p.takeNext(time.Now().Add(longestWait))
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
	p := newPoster(channel.NewWebhook(r.URL), func(error) {})
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
	p := newPoster(channel.NewWebhook(r.URL), func(err error) { failures = append(failures, err.Error()) })
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
	p := newPoster(channel.NewWebhook("http://127.0.0.1:1/"), func(error) { lost++ })
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
