package status

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/pm2drill/pm2drill/harness/engine"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// busy is a board with something of each kind on it.
func busy() *Board {
	b := NewBoard("v1")
	b.NoteLook("web", map[string]int{"serving": 3, "stalled": 1}, noon)
	b.NoteLine("web", engine.Line{Type: engine.TypeDetected, Cause: engine.HotWorker})
	b.NoteLine("web", engine.Line{Type: engine.TypeIncident, Incident: engine.IncidentOpened, Cause: engine.HotWorker})
	b.NoteLine("web", engine.Line{Type: engine.TypeIncident, Incident: engine.IncidentResolved, Cause: engine.HotWorker})
	b.NoteLine("web", engine.Line{Type: engine.TypeAction, Action: engine.ActionKill, Phase: engine.PhaseBegin})
	b.NoteLine("web", engine.Line{Type: engine.TypeAction, Action: engine.ActionKill, Phase: engine.PhaseFailed})
	b.NoteLine("web", engine.Line{Type: engine.TypeWithheld, Action: engine.ActionReplace})
	b.NoteAlert(alertOf("a", engine.StatusFiring, engine.HotWorker, 2))
	b.NoteAlert(alertOf("b", engine.StatusFiring, engine.Undetermined, 1))
	b.NoteAlert(alertOf("b", engine.StatusFiring, engine.PortForeign, 1)) // found out
	b.NoteAlert(alertOf("c", engine.StatusFiring, engine.BootCrash, 0))
	b.NoteAlert(alertOf("c", engine.StatusResolved, engine.BootCrash, 0))
	b.NoteReload(true, noon)
	b.WatchQueue("web", func() map[string]int { return map[string]int{"slack": 2} })
	return b
}

func alertOf(key, status string, cause engine.Cause, minute int) engine.Alert {
	return engine.Alert{Engine: "e", App: "web", Status: status, Cause: cause, Dedupe: key, FirstSeen: noon.Add(time.Duration(minute) * time.Minute),
		Evidence: []engine.Fact{{Source: "bus", Text: "x"}}, RuledOut: []engine.Ruled{}, Workers: []engine.Worker{}, Actions: []engine.Taken{}, Timeline: []engine.Moment{}}
}

func get(t *testing.T, h http.Handler, path, host string) (int, string) {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.Host = host
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w.Code, w.Body.String()
}

// TestMetrics: what was noted is counted, and names and help are as Prometheus wants them.
func TestMetrics(t *testing.T) {
	b := busy()
	_, text := get(t, b.Handler(true, time.Now), "/metrics", "127.0.0.1:9464")
	for _, want := range []string{
		`pm2drill_engine_info{version="v1"} 1`,
		`pm2drill_engine_workers{app="web",state="serving"} 3`, `pm2drill_engine_workers{app="web",state="stopped"} 0`,
		`pm2drill_engine_diagnoses_total{app="web",cause="hot_worker"} 1`,
		`pm2drill_engine_incidents_total{app="web",cause="hot_worker"} 1`,
		`pm2drill_engine_incidents_open{app="web",cause="hot_worker"} 1`, `pm2drill_engine_incidents_open{app="web",cause="port_conflict.foreign"} 1`,
		`pm2drill_engine_actions_total{action="kill",app="web",result="failed"} 1`,
		`pm2drill_engine_withheld_total{action="replace",app="web"} 1`,
		`pm2drill_engine_alerts_waiting{app="web",channel="slack"} 2`,
		`pm2drill_engine_config_last_reload_successful 1`,
		`pm2drill_engine_last_look_timestamp_seconds{app="web"} 1.7960400e+09`,
		"go_goroutines ", "process_resident_memory_bytes ",
	} {
		if !strings.Contains(text, want) && !strings.Contains(text, strings.Replace(want, "1.7960400e+09", fmt.Sprintf("%g", float64(noon.Unix())), 1)) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	for _, not := range []string{`incidents_open{app="web",cause="boot_crash`, `cause="undetermined"`} {
		if strings.Contains(text, not) {
			t.Errorf("there is %s", not)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "pm2drill_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	if n := testutil.CollectAndCount(b.meters.workers); n != len(workerStates) {
		t.Errorf("%d states of workers", n)
	}
	b.NoteReload(false, noon.Add(time.Hour))
	b.Forget("web")
	_, text = get(t, b.Handler(true, time.Now), "/metrics", "localhost")
	if strings.Contains(text, `app="web"`) || !strings.Contains(text, "config_last_reload_successful 0") {
		t.Errorf("of an app that is gone is left:\n%s", text)
	}
}

// TestLabelsAreBounded: what others can put into a line makes no new series.
func TestLabelsAreBounded(t *testing.T) {
	b := NewBoard("v1")
	for i := range 1000 {
		word := fmt.Sprint("word", i)
		b.NoteLine("web", engine.Line{Type: engine.TypeDetected, Cause: engine.Cause(word)})
		b.NoteLine("web", engine.Line{Type: engine.TypeIncident, Incident: engine.IncidentOpened, Cause: engine.Cause(word)})
		b.NoteLine("web", engine.Line{Type: engine.TypeAction, Action: word, Phase: word})
		b.NoteLine("web", engine.Line{Type: engine.TypeWithheld, Action: word})
		b.NoteLook("web", map[string]int{word: 1}, noon)
		b.NoteAlert(alertOf(word, engine.StatusFiring, engine.Cause(word), 0))
	}
	_, text := get(t, b.Handler(true, time.Now), "/metrics", "[::1]:1")
	if n := strings.Count(text, `app="web"`); n > 20 || strings.Contains(text, "word") {
		t.Errorf("%d series of one app", n)
	}
	if n := len(b.List(noon).Open); n > maxOpen {
		t.Errorf("%d open incidents are kept", n)
	}
	for i := range 1000 {
		b.NoteAlert(alertOf(fmt.Sprint("word", i), engine.StatusResolved, engine.HotWorker, 0))
	}
	if l := b.List(noon); len(l.Open) != 0 || len(l.Recent) != maxRecent || l.Recent[0].Dedupe != "word999" {
		t.Errorf("%d open and %d recent", len(l.Open), len(l.Recent))
	}
}

// TestIncidents: as the schema has them, in their order.
func TestIncidents(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	contract, err := engine.Schema("alert")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"urn:pm2drill:engine:1:alert": contract, "incidents": Schema()} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err == nil {
			err = compiler.AddResource(name, doc)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	form, err := compiler.Compile("incidents")
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*Board{"busy": busy(), "new": NewBoard("v1")} {
		code, text := get(t, b.Handler(true, func() time.Time { return noon }), "/incidents", "127.0.0.1")
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err == nil {
			err = form.Validate(doc)
		}
		if code != http.StatusOK || err != nil {
			t.Errorf("%s: %d, %v", name, code, err)
		}
	}
	var got Incidents
	_, text := get(t, busy().Handler(true, time.Now), "/incidents", "127.0.0.1")
	if err := json.Unmarshal([]byte(text), &got); err != nil || len(got.Open) != 2 || got.Open[0].Dedupe != "b" || got.Open[0].Cause != engine.PortForeign || len(got.Recent) != 1 {
		t.Errorf("%v, %s", err, text)
	}
}

// TestHealth: an app that is not looked at makes the engine ill.
func TestHealth(t *testing.T) {
	b := busy()
	for _, c := range []struct {
		after time.Duration
		code  int
	}{{0, 200}, {stale, 200}, {stale + time.Second, 503}} {
		if code, text := get(t, b.Handler(true, func() time.Time { return noon.Add(c.after) }), "/healthz", "localhost:1"); code != c.code {
			t.Errorf("after %s: %d %s", c.after, code, text)
		}
	}
}

// TestWhoMayAsk: on the loopback a page of another host gets nothing, and nobody changes anything.
func TestWhoMayAsk(t *testing.T) {
	b := busy()
	for _, c := range []struct {
		local bool
		host  string
		code  int
	}{{true, "evil.example:9464", 403}, {true, "10.0.0.1:9464", 403}, {true, "127.0.0.1:9464", 200}, {true, "[::1]:9464", 200}, {true, "localhost", 200}, {false, "host1:9464", 200}} {
		if code, _ := get(t, b.Handler(c.local, time.Now), "/incidents", c.host); code != c.code {
			t.Errorf("local %v, %s: %d, want %d", c.local, c.host, code, c.code)
		}
	}
	w := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, "/incidents", nil)
	req.Host = "localhost"
	b.Handler(true, time.Now).ServeHTTP(w, req)
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

// TestServe: it listens when it says so, and says why it cannot.
func TestServe(t *testing.T) {
	addr, err := busy().Serve(t.Context(), "127.0.0.1:0", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Get("http://" + addr.String() + "/incidents")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(body), `"open":[`) {
		t.Errorf("%d, %v, %s", res.StatusCode, err, body)
	}
	if _, err := busy().Serve(t.Context(), addr.String(), time.Now); err == nil || !strings.Contains(err.Error(), "cannot listen on "+addr.String()) {
		t.Errorf("twice on one address: %v", err)
	}
}
