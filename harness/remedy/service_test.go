package remedy

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/coreos/go-systemd/v22/unit"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/config"
	"github.com/pm2drill/pm2drill/harness/remedy/status"
)

// TestServiceManagerIsTold: over its socket, that the engine is ready, at work while every app
// is looked at and not otherwise, and that it ends.
func TestServiceManagerIsTold(t *testing.T) {
	dir, err := os.MkdirTemp("", "sd") // short: a Unix socket's path has room for 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", name)
	t.Setenv("WATCHDOG_USEC", "90000000")
	t.Setenv("WATCHDOG_PID", "")
	hear := func() string {
		buf := make([]byte, 100)
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	var said bytes.Buffer
	s := findService(&said)
	if s.every != 30*time.Second {
		t.Errorf("it is to be told each %s of 90", s.every)
	}
	board, now := status.NewBoard("v1"), time.Now()
	board.NoteLook("web", nil, now)
	ctx, stop := context.WithCancel(t.Context())
	ticks := make(chan time.Time)
	over := make(chan struct{})
	go func() { s.watch(ctx, board, ticks); close(over) }()
	ticks <- now
	if got := hear(); got != daemon.SdNotifyWatchdog {
		t.Errorf("it hears %q", got)
	}
	ticks <- now.Add(time.Hour) // nobody has looked
	ticks <- now.Add(time.Hour)
	stop()
	if got := hear(); got != daemon.SdNotifyStopping {
		t.Errorf("of an engine that does not look any more it hears %q", got)
	}
	<-over
	x, cfg := NewCommand(func(string) string { return "" }), Config{Board: board}
	x.attendService(t.Context(), &cfg, &said)
	cfg.Ready()
	if got := hear(); got != daemon.SdNotifyReady {
		t.Errorf("it hears %q", got)
	}
	if said.Len() > 0 {
		t.Errorf("it complains: %s", said.String())
	}
	conn.Close()
	os.Remove(name)
	s.notify(daemon.SdNotifyReady)
	s.notify(daemon.SdNotifyReady)
	if strings.Count(said.String(), "cannot tell the service manager") != 1 {
		t.Errorf("nobody hears it, and it complains %q", said.String())
	}
}

// TestUnitLetsTheEngineWork: what hardens the unit forbids nothing that the engine does, and
// it runs as no superuser.
func TestUnitLetsTheEngineWork(t *testing.T) {
	text, err := os.Open("../../images/systemd/pm2drill-engine@.service")
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	options, err := unit.DeserializeOptions(text)
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]string{}
	for _, o := range options {
		has[o.Name] = o.Value
	}
	for key, want := range map[string]string{
		"Type": "notify", "NotifyAccess": "main", "User": "%i", "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "KillMode": "process",
		"ExecStart": "/usr/bin/pm2drill engine --config /etc/pm2drill/%i.yaml", "ExecReload": "/bin/kill -HUP $MAINPID",
		// The engine asks the kernel for sockets (NETLINK), PM2 (UNIX) and the app (INET).
		"RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6 AF_NETLINK", "SystemCallFilter": "@system-service",
	} {
		if got, ok := has[key]; !ok || got != want {
			t.Errorf("%s=%s, want %s", key, got, want)
		}
	}
	for key, why := range map[string]string{
		"ProtectProc": "it would not see who could reach an inspector, and open it", "ProcSubset": "it reads /proc/net", "PrivateUsers": "the same",
		"PrivateNetwork": "it asks the app", "PrivatePIDs": "it signals workers", "PrivateTmp": "a file that a worker lacks may be in /tmp",
		"ProtectHome": "PM2's directory is there", "MemoryDenyWriteExecute": "a rollback may run Node", "DynamicUser": "it is PM2's user",
		"RestartPreventExitStatus": "an app that is not there yet may come",
	} {
		if got, ok := has[key]; ok {
			t.Errorf("%s=%s: %s", key, got, why)
		}
	}
	if !slices.Contains([]string{"full", "true"}, has["ProtectSystem"]) {
		t.Errorf("ProtectSystem=%s: PM2's directory must be written to", has["ProtectSystem"])
	}
}

// TestOperationsNamesWhatExists: the guide names every key of the configuration and every
// metric, and no metric that there is not.
func TestOperationsNamesWhatExists(t *testing.T) {
	guide, err := os.ReadFile("OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]any `json:"properties"`
	}
	text, err := config.Schema()
	if err == nil {
		err = json.Unmarshal(text, &schema)
	}
	if err != nil || len(schema.Properties) == 0 {
		t.Fatal(err)
	}
	for key := range schema.Properties {
		if !bytes.Contains(guide, []byte("`"+key+"`")) {
			t.Errorf("the guide lacks the key %s", key)
		}
	}
	b := status.NewBoard("v1")
	b.NoteLook("web", nil, time.Now())
	for _, l := range []engine.Line{
		{Type: engine.TypeDetected}, {Type: engine.TypeIncident, Incident: engine.IncidentOpened}, {Type: engine.TypeAction, Phase: engine.PhaseDone}, {Type: engine.TypeWithheld},
	} {
		b.NoteLine("web", l)
	}
	b.NoteAlert(engine.Alert{Status: engine.StatusFiring, App: "web"})
	b.WatchQueue("web", func() map[string]int { return map[string]int{"slack": 1} })
	w := httptest.NewRecorder()
	b.Handler(false, time.Now).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	metric := regexp.MustCompile(`pm2drill_engine_[a-z_]+`)
	there, named := map[string]bool{}, map[string]bool{}
	for _, name := range metric.FindAllString(w.Body.String(), -1) {
		there[name] = true
	}
	for _, name := range metric.FindAllString(string(guide), -1) {
		named[name] = true
	}
	if !maps.Equal(there, named) || len(there) < 10 {
		t.Errorf("the guide names %v, and there are %v", slices.Sorted(maps.Keys(named)), slices.Sorted(maps.Keys(there)))
	}
}
