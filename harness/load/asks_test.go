package load

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestAsks: a lane sends the method, headers and body that it was given, on new and on
// reused connections, and takes its own status for the right answer and no other.
func TestAsks(t *testing.T) {
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodPost && string(body) == `{"item":1}` && r.Header.Get("Content-Type") == "application/json" && r.UserAgent() == "mine" {
			w.WriteHeader(http.StatusCreated)
		}
	}))
	t.Cleanup(app.Close)
	right := Asks{Method: "POST", Headers: map[string]string{"content-type": "application/json", "user-agent": "mine"}, Body: `{"item":1}`, Status: 201}
	for _, c := range []struct {
		name string
		kind Kind
		asks Asks
		want evidence.Class
	}{
		{"short", Short, right, evidence.Answered},
		{"reused", KeepAlive, right, evidence.Answered},
		{"another body", Short, Asks{Method: "POST", Body: "{}", Status: 201}, evidence.WrongStatus},
		{"another status", Short, Asks{Status: 404}, evidence.WrongStatus},
		{"any 2xx", Short, Asks{Method: "DELETE"}, evidence.Answered},
		{"no body", KeepAlive, Asks{Method: "HEAD"}, evidence.Answered},
	} {
		_, r := run(t, Plan{URL: app.URL, Duration: 200 * time.Millisecond, Lanes: []Lane{
			{Name: "x", Kind: c.kind, Rate: 50, Timeout: time.Second, Conns: 2, Path: "/cart", Asks: c.asks},
		}})
		if n := r.Counts("x")[c.want]; n < 5 || n != len(r.Requests) {
			t.Errorf("%s: %d of %d are %s: %v", c.name, n, len(r.Requests), c.want, r.Counts("x"))
		}
	}
}

func TestAsksThatCannotBeSent(t *testing.T) {
	for _, c := range []struct {
		asks Asks
		want string
	}{
		{Asks{Method: "post"}, "in capitals"},
		{Asks{Method: "CONNECT"}, "CONNECT"},
		{Asks{Method: "HEAD", Body: "x"}, "has no body"},
		{Asks{Status: 99}, "status 99"},
		{Asks{Headers: map[string]string{"X-A": "b\r\nX-C: d"}}, `header "X-A"`},
		{Asks{Headers: map[string]string{"X A": "b"}}, `header "X A"`},
		{Asks{Headers: map[string]string{"host": "b"}}, "the generator's own"},
	} {
		if got := c.asks.Wrong(); !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.asks, got, c.want)
		}
		if err := (Plan{URL: "http://h", Lanes: []Lane{{Kind: Short, Rate: 1, Timeout: 1, Asks: c.asks}}}).validate(); err == nil {
			t.Errorf("%+v is taken", c.asks)
		}
	}
	if got := (Asks{Method: "PATCH", Headers: map[string]string{"Authorization": "Bearer x"}, Body: "b", Status: 204}).Wrong(); got != "" {
		t.Errorf("refused: %s", got)
	}
}
