package observe

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// TestCheckLearnsWhatIsUsual: the best class of answers, and never a failure of the server, a
// refusal of whoever asks too often, or a slow answer.
func TestCheckLearnsWhatIsUsual(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		name    string
		answers []Answer
		want    Usual
	}{
		{"nothing", nil, Usual{}},
		{"failures", []Answer{{Status: 500, Took: ms}, {Status: 429, Took: ms}, {Error: "refused"}}, Usual{}},
		{"a password is asked for", []Answer{{Status: 401, Took: ms}, {Status: 500, Took: ms}}, Usual{401, ms}},
		{"ill at first", []Answer{{Status: 404, Took: ms}, {Status: 200, Took: 2 * ms}}, Usual{200, 2 * ms}},
		{"ill later", []Answer{{Status: 200, Took: ms}, {Status: 404, Took: ms}, {Status: 503, Took: ms}}, Usual{200, ms}},
		{"slow later", []Answer{{Status: 200, Took: 16 * ms}, {Status: 200, Took: 32 * ms}, {Status: 200, Took: time.Second}}, Usual{200, 17 * ms}},
		{"cut off", []Answer{{Status: 200, Took: ms, Error: "EOF"}}, Usual{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var k checker
			for _, a := range c.answers {
				k.takeAnswer(a)
			}
			if k.usual != c.want || len(k.done) != len(c.answers) {
				t.Errorf("%+v is usual after %d answers, want %+v", k.usual, len(k.done), c.want)
			}
		})
	}
}

// TestCheckOnce asks a server that answers, one that fails and one that is not there.
func TestCheckOnce(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ill" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{"/": 200, "/ill": 500} {
		if a := checkOnce(t.Context(), s.URL+path, port, nil); a.Status != status || a.Error != "" || a.At <= 0 || a.Took <= 0 {
			t.Errorf("%s: %+v", path, a)
		}
	}
	s.Close()
	if a := checkOnce(t.Context(), s.URL, port, nil); a.Status != 0 || a.Error == "" {
		t.Errorf("nobody answers: %+v", a)
	}
}

// TestFewChecksWait: where nobody answers, no more than maxChecks questions are open.
func TestFewChecksWait(t *testing.T) {
	w := &Watcher{url: "http://127.0.0.1:1/", check: checker{waiting: maxChecks}}
	o := Observation{At: time.Hour}
	w.checkHealth(t.Context(), &o)
	if w.check.waiting != maxChecks || w.check.due != 0 {
		t.Errorf("%d wait, want %d", w.check.waiting, maxChecks)
	}
}
