package remedy

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
	"github.com/pm2drill/pm2drill/harness/remedy/status"
)

// TestLinkInAlert: the alert of what the engine asks has a link, which neither its lines, its audit, nor
// what it shows to everybody have; the link permits that, once, and nothing after the incident.
func TestLinkInAlert(t *testing.T) {
	home := pm2Home(t)
	var out bytes.Buffer
	r := testRunner(t, home, plan.DefaultLimits(), false, &out)
	x := &Command{listen: "127.0.0.1:1"}
	r.cfg.Links, r.cfg.Board = &Links{URL: "https://ops.example.org/pm2", Valid: time.Hour}, status.NewBoard("v1")
	if err := x.offerLinks(&r.cfg); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(home, secretFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret: %v, %v", info, err)
	}
	again := Config{Home: home, Links: r.cfg.Links, Board: status.NewBoard("v1")}
	if err := x.offerLinks(&again); err != nil || !bytes.Equal(again.signer.Secret, r.cfg.signer.Secret) {
		t.Errorf("a second engine signs with another secret (%v)", err)
	}
	var told []engine.Alert
	r.desk.Publish([]observe.Observation{{}}, nil)
	r.desk.Seen = func(a engine.Alert) { told = append(told, a); r.cfg.Board.NoteAlert(a) }
	d := plan.Decision{Cause: engine.StalledEventLoop, Subject: "worker 1", Action: engine.ActionKill, ID: 1, Asks: "b88ee871"}
	d.Diagnosis = diagnose.Diagnosis{Cause: d.Cause, Subject: d.Subject}
	carry := func(kind string) {
		d.Kind = kind
		r.carryOut(t.Context(), d)
	}
	carry(plan.Raise) // nothing is asked yet
	carry(plan.Withhold)
	carry(plan.Raise)
	if len(told) != 2 || told[0].Approve != "" || !strings.HasPrefix(told[1].Approve, "https://ops.example.org/pm2/approve?token=") {
		t.Fatalf("people are told %+v", told)
	}
	at, err := url.Parse(told[1].Approve)
	if err != nil {
		t.Fatal(err)
	}
	token := at.Query().Get("token")
	audit, err := os.ReadFile(filepath.Join(home, auditFile))
	if err != nil || strings.Contains(out.String()+string(audit), token) {
		t.Errorf("the link is in the lines or the audit (%v)", err)
	}
	ask := func(method, path, host string) (int, string) {
		req := httptest.NewRequest(method, path, strings.NewReader(url.Values{"token": {token}}.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Host = host
		w := httptest.NewRecorder()
		r.cfg.Board.Handler(true, time.Now).ServeHTTP(w, req)
		return w.Code, w.Body.String()
	}
	if code, text := ask(http.MethodGet, "/incidents", "localhost"); code != http.StatusOK || strings.Contains(text, token) {
		t.Errorf("/incidents shows the link: %d", code)
	}
	for path, want := range map[string]int{"/approve?token=" + token: http.StatusOK, "/incidents": http.StatusForbidden} {
		if code, _ := ask(http.MethodGet, path, "ops.example.org"); code != want {
			t.Errorf("%s by the proxy's name: %d, want %d", path, code, want)
		}
	}
	if code, _ := ask(http.MethodGet, "/approve?token="+token, "evil.example"); code != http.StatusForbidden || len(readApprovedIn(t, home)) > 0 {
		t.Errorf("by another name: %d, approved are %v", code, readApprovedIn(t, home))
	}
	if code, text := ask(http.MethodPost, "/approve?", "ops.example.org"); code != http.StatusOK || !strings.Contains(text, "Permitted") {
		t.Errorf("the button: %d %s", code, text)
	}
	if got := readApprovedIn(t, home); len(got) != 1 || got[0] != "b88ee871" {
		t.Errorf("approved are %v", got)
	}
	if code, _ := ask(http.MethodPost, "/approve?", "ops.example.org"); code != http.StatusGone {
		t.Errorf("a second time: %d", code)
	}
	carry(plan.Resolve)
	if code, text := ask(http.MethodPost, "/approve?", "ops.example.org"); code != http.StatusGone || !strings.Contains(text, "not asked for any more") {
		t.Errorf("after the incident: %d %s", code, text)
	}
	if alert.IncidentOf(d).Approve != "" {
		t.Error("a decision has a link of its own")
	}
}

func readApprovedIn(t *testing.T, home string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(home, observe.ApprovedFile))
	if err != nil {
		return nil
	}
	return strings.Fields(strings.NewReplacer("[", "", "]", "", "\"", "", ",", " ").Replace(string(text)))
}

// TestLinksWantAnAddress: without one nothing would serve them; a dry run offers none.
func TestLinksWantAnAddress(t *testing.T) {
	cfg := Config{Home: pm2Home(t), Links: &Links{URL: "http://a"}, Board: status.NewBoard("v1")}
	if err := new(Command).offerLinks(&cfg); err == nil || !strings.Contains(err.Error(), "approval_links: nothing serves the links: give listen") {
		t.Errorf("it says %v", err)
	}
	cfg.DryRun = true
	if err := new(Command).offerLinks(&cfg); err != nil || cfg.signer != nil {
		t.Errorf("a dry run: %v", err)
	}
	cfg.DryRun = false
	if err := os.WriteFile(filepath.Join(cfg.Home, secretFile), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&Command{listen: "127.0.0.1:1"}).offerLinks(&cfg); err == nil || !strings.Contains(err.Error(), "too short") {
		t.Errorf("of a short secret it says %v", err)
	}
}
