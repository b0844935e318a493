package remedy

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// daemonOnline is a PM2 with one app, web, that has run for long in n workers. This process is
// the daemon, and listens for the app at port.
func daemonOnline(t *testing.T, n int) (f fakeDaemon, port int) {
	t.Helper()
	app, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	var rows []string
	for id := range n {
		rows = append(rows, fmt.Sprintf(`{"pid":%d,"pm_id":%d,"name":"web","pm2_env":{"status":"online","namespace":"default","exec_mode":"cluster_mode","pm_uptime":1}}`, sleeper(t), id))
	}
	f = newFakeDaemon(t, listing(rows...))
	if err := os.WriteFile(filepath.Join(f.home, "pm2.pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		t.Fatal(err)
	}
	return f, app.Addr().(*net.TCPAddr).Port
}

// TestCheckWarns: of what can be meant and hardly is.
func TestCheckWarns(t *testing.T) {
	f, _ := daemonOnline(t, 3)
	name := filepath.Join(t.TempDir(), "engine.yaml")
	for text, says := range map[string]string{
		"apps:\n  - name: web\n    min_healthy: 9\n":                ":4: apps[0].min_healthy: 9 workers are to keep serving, and web has 3 in PM2's list",
		"min_healthy: 4\napps: [{name: web}]\n":                     ":2: min_healthy: 4 workers are to keep serving, and web has 3 in PM2's list",
		"min_healthy: 3\napps: [{name: web}]\n":                     "",
		"apps: [{name: web}]\n":                                     "",
		"apps:\n  - name: web\n  - pattern: job-*\n":                ":4: apps[1].pattern: it fits no app of PM2 now",
		"apps:\n  - name: web\n  - namespace: shop\n":               ":4: apps[1].namespace: it fits no app of PM2 now",
		"apps:\n  - name: web\n  - pattern: w*\n":                   ":4: apps[1].pattern: every app of PM2 that it fits belongs to an entry before it",
		"apps:\n  - pattern: w*\n":                                  "",
		"apps:\n  - name: web\n  - pattern: w*\n    namespace: x\n": ":4: apps[1].pattern: it fits no app of PM2 now",
	} {
		put(t, name, "version: 1\n"+text)
		var out bytes.Buffer
		if err := Check(t.Context(), name, noEnv, f.home, &out); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if warns := strings.Contains(out.String(), "WARNING"); warns != (says != "") || !strings.Contains(out.String(), says) {
			t.Errorf("%s: want %q, and it prints %s", text, says, out.String())
		}
	}
}

func noEnv(string) string { return "" }
