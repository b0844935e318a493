package channel

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
)

var (
	_ alert.Target = (*HTTP)(nil)
	_ alert.Target = (*Mail)(nil)
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// incident is an alert as the engine sends it, with characters that markup is made of.
func incident(status string) engine.Alert {
	id := 1
	return engine.Alert{
		Engine: "pm2drill-remedy", Status: status, App: "web", Host: "host1", Sent: noon.Add(time.Minute), Cause: engine.PortForeign, Confidence: 1,
		Evidence:  []engine.Fact{{Source: "sockets", Text: "pid 7 <node> & others listen on 3000"}},
		FirstSeen: noon, LastSeen: noon, Human: "end pid 7", Next: "wait", Dedupe: "0123456789abcdef",
		Workers: []engine.Worker{{ID: 0, Derived: "serving"}, {ID: 1, Derived: "stopped"}},
		Actions: []engine.Taken{{At: noon, Action: "stop", ID: &id, Result: "done", Why: "it cannot listen"}},
		Logs:    []string{"Error: listen EADDRINUSE <!channel>"},
	}
}

// largest is an alert with as much text as there can be.
func largest() engine.Alert {
	a, long := incident(engine.StatusFiring), strings.Repeat("long & <words> é ", 400)
	a.App, a.Host, a.Human, a.Next, a.Undo = strings.Repeat("é", 1400), strings.Repeat("h", 250), long, long, long
	for range 20 {
		a.Evidence = append(a.Evidence, engine.Fact{Source: "log", Text: long})
		a.Logs = append(a.Logs, long)
	}
	return a
}

// vendor is a receiver that refuses with 400, as the vendor does, what is not of the form that
// it publishes.
type vendor struct {
	*httptest.Server
	path  string // that was asked for
	query string
	token string
	got   []any
}

func newVendor(t *testing.T, schema string, answer int) *vendor {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	form, err := compiler.Compile(filepath.Join("testdata", schema+".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	v := &vendor{}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		v.query = req.URL.RawQuery
		v.path, v.token = req.URL.Path, req.Header.Get("Authorization")
		body, err := jsonschema.UnmarshalJSON(req.Body)
		if err == nil {
			err = form.Validate(body)
		}
		if req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" || err != nil {
			t.Errorf("%s of %s: %v", req.Method, schema, err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		v.got = append(v.got, body)
		w.WriteHeader(answer)
	}))
	t.Cleanup(v.Close)
	return v
}

// field is what is at a path of what the vendor has got, nil if nothing is.
func field(at any, path ...any) any {
	for _, key := range path {
		switch k := key.(type) {
		case string:
			m, _ := at.(map[string]any)
			at = m[k]
		case int:
			s, _ := at.([]any)
			if k >= len(s) {
				return nil
			}
			at = s[k]
		}
	}
	return at
}

func deliver(t *testing.T, target alert.Target, alerts ...engine.Alert) {
	t.Helper()
	for _, a := range alerts {
		if refused, err := target.Deliver(t.Context(), a); err != nil || refused {
			t.Errorf("%s: refused %v, %v", target.Name(), refused, err)
		}
	}
}

func TestSlack(t *testing.T) {
	v := newVendor(t, "slack", 200)
	deliver(t, NewSlack(v.URL+"/services/T/B/x"), incident(engine.StatusFiring), incident(engine.StatusResolved), largest())
	if v.path != "/services/T/B/x" || len(v.got) != 3 {
		t.Fatalf("%d at %s", len(v.got), v.path)
	}
	text, _ := json.Marshal(v.got[0])
	plain := strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(string(text))
	for _, says := range []string{"web on host1: port_conflict.foreign (1 of 2 workers running)", "&lt;node&gt; &amp; others", "end pid 7", "incident 0123456789abcdef"} {
		if !strings.Contains(plain, says) {
			t.Errorf("it does not say %q: %s", says, plain)
		}
	}
	if strings.Contains(plain, "<!channel>") {
		t.Error("a log line can page a whole channel")
	}
	if !strings.Contains(field(v.got[1], "text").(string), "resolved: web on host1") {
		t.Errorf("%v", v.got[1])
	}
}

func TestPagerDuty(t *testing.T) {
	key := strings.Repeat("k", 32)
	v := newVendor(t, "pagerduty", 202)
	deliver(t, NewPagerDuty(v.URL, key), incident(engine.StatusFiring), incident(engine.StatusResolved), largest())
	if len(v.got) != 3 {
		t.Fatalf("%d events", len(v.got))
	}
	for i, action := range []string{"trigger", "resolve"} {
		if got := field(v.got[i], "event_action"); got != action || field(v.got[i], "dedup_key") != "0123456789abcdef" || field(v.got[i], "routing_key") != key {
			t.Errorf("event %d is %v", i, v.got[i])
		}
	}
	if field(v.got[0], "payload", "severity") != "error" || field(v.got[0], "payload", "class") != string(engine.PortForeign) || field(v.got[0], "payload", "custom_details", "human") != "end pid 7" {
		t.Errorf("%v", v.got[0])
	}
	if NewPagerDuty("", key).url != PagerDutyEndpoint {
		t.Error("without an endpoint it is not PagerDuty's own")
	}
}

func TestOpsgenie(t *testing.T) {
	v := newVendor(t, "opsgenie", 202)
	target := NewOpsgenie(v.URL+"/", "k3y")
	deliver(t, target, largest())
	deliver(t, target, incident(engine.StatusFiring))
	if v.path != "/v2/alerts" || v.token != "GenieKey k3y" {
		t.Fatalf("at %s with %q", v.path, v.token)
	}
	if field(v.got[1], "alias") != "0123456789abcdef" || field(v.got[1], "priority") != "P2" || !strings.Contains(field(v.got[1], "description").(string), "end pid 7") {
		t.Errorf("%v", v.got[1])
	}
	deliver(t, target, incident(engine.StatusResolved))
	if v.path != "/v2/alerts/0123456789abcdef/close" || v.query != "identifierType=alias" || field(v.got[2], "message") != nil {
		t.Errorf("it is closed at %s?%s by %v", v.path, v.query, v.got[2])
	}
	if NewOpsgenie("", "k").url != OpsgenieEndpoint {
		t.Error("without an endpoint it is not Opsgenie's own")
	}
}

func TestAlertmanager(t *testing.T) {
	v := newVendor(t, "alertmanager", 200)
	now := noon.Add(time.Hour)
	target := NewAlertmanager(v.URL+"/", "t0ken", func() time.Time { return now })
	later := incident(engine.StatusFiring)
	later.Cause = engine.PortSelf // found out meanwhile
	deliver(t, target, incident(engine.StatusFiring), later, incident(engine.StatusResolved), largest())
	if len(v.got) != 4 || v.path != "/api/v2/alerts" || v.token != "Bearer t0ken" {
		t.Fatalf("%d at %s with %q", len(v.got), v.path, v.token)
	}
	labels, _ := json.Marshal(field(v.got[0], 0, "labels"))
	for i := 1; i < 3; i++ {
		if got, _ := json.Marshal(field(v.got[i], 0, "labels")); string(got) != string(labels) {
			t.Errorf("labels %s, and at first %s: Alertmanager takes them for another alert", got, labels)
		}
	}
	end := func(i int) time.Time {
		at, err := time.Parse(time.RFC3339, field(v.got[i], 0, "endsAt").(string))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	if target.Repeat() <= 0 || end(0).Sub(now) < 3*target.Repeat() {
		t.Errorf("it ends by itself after %s, and is posted each %s", end(0).Sub(now), target.Repeat())
	}
	if end(2).After(now) {
		t.Errorf("what is over ends at %s", end(2))
	}
	if field(v.got[0], 0, "annotations", "cause") != string(engine.PortForeign) {
		t.Errorf("%v", v.got[0])
	}
}

// TestWebhook: the body is an alert of the contract.
func TestWebhook(t *testing.T) {
	got := make(chan []byte, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		got <- body
	}))
	defer s.Close()
	deliver(t, NewWebhook(s.URL), incident(engine.StatusFiring))
	if a, err := engine.DecodeAlert(<-got); err != nil || a.Cause != engine.PortForeign {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestSeverity: by who serves.
func TestSeverity(t *testing.T) {
	workers := func(states ...string) (out []engine.Worker) {
		for _, s := range states {
			out = append(out, engine.Worker{Derived: s})
		}
		return out
	}
	for _, c := range []struct {
		a    engine.Alert
		want string
	}{
		{engine.Alert{Workers: workers("serving", "serving")}, "warning"},
		{engine.Alert{Workers: workers("serving", "backoff")}, "error"},
		{engine.Alert{Workers: workers("gave_up", "stalled")}, "critical"},
		{engine.Alert{Cause: engine.DaemonDead, Workers: workers("serving")}, "critical"},
		{engine.Alert{Symptom: engine.NoService, Workers: workers("serving")}, "critical"},
		{engine.Alert{Symptom: engine.NeverServed, Workers: workers("serving")}, "critical"},
		{engine.Alert{Symptom: engine.HealthFailing, Workers: workers("serving", "serving")}, "critical"},
		{engine.Alert{Symptom: engine.DaemonSilent, Workers: workers("serving")}, "critical"},
		{engine.Alert{Symptom: engine.NoService, Cause: engine.PortForeign, Workers: workers("serving")}, "critical"},
		{engine.Alert{Symptom: engine.HealthSlow, Workers: workers("serving")}, "warning"},
		{engine.Alert{Symptom: engine.PartialService, Workers: workers("serving", "dead")}, "error"},
		{engine.Alert{}, "warning"},
	} {
		if got := computeSeverity(c.a); got != c.want {
			t.Errorf("%+v: %s, want %s", c.a, got, c.want)
		}
	}
}

// TestSubject: a process that runs does not show that its worker serves, so no alert says so.
func TestSubject(t *testing.T) {
	workers := []engine.Worker{{Derived: "serving"}, {Derived: "dead"}}
	for _, c := range []struct {
		a    engine.Alert
		want string
	}{
		{engine.Alert{App: "web", Cause: engine.Undetermined, Symptom: engine.NeverServed, Workers: workers}, "web: never_served"},
		{engine.Alert{App: "web", Cause: engine.Undetermined, Symptom: engine.HealthFailing, Workers: workers}, "web: health_failing"},
		{engine.Alert{App: "web", Cause: engine.Undetermined, Symptom: engine.NoService, Workers: workers}, "web: no_service"},
		{engine.Alert{App: "web", Cause: engine.Undetermined, Symptom: engine.PartialService, Workers: workers}, "web: partial_service (1 of 2 workers running)"},
		{engine.Alert{App: "web", Cause: engine.StalledEventLoop, Workers: workers}, "web: stalled_event_loop (1 of 2 workers running)"},
		{engine.Alert{App: "web", Cause: engine.DaemonDead}, "web: daemon_dead"},
	} {
		if got := formatSubject(c.a); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestStatuses: what an answer means for the next attempt.
func TestStatuses(t *testing.T) {
	for code, want := range map[int]struct{ refused, taken bool }{
		200: {false, true}, 202: {false, true}, 400: {true, false}, 403: {true, false}, 404: {true, false}, 410: {true, false},
		408: {false, false}, 429: {false, false}, 500: {false, false}, 503: {false, false},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
		refused, err := NewWebhook(s.URL).Deliver(context.Background(), incident(engine.StatusFiring))
		s.Close()
		if refused != want.refused || (err == nil) != want.taken {
			t.Errorf("%d: refused %v, %v", code, refused, err)
		}
	}
}
