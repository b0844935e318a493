package remedy

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/remedy/config"
	"github.com/pm2drill/pm2drill/harness/remedy/status"
)

// TestFixedKeys: every key of the configuration can change while the engine runs, or is refused then
// with its file, line and name and what to do; and the document says which are which.
func TestFixedKeys(t *testing.T) {
	f, other := daemonWith(t, "web"), daemonWith(t, "web")
	start := func(home string) string { return fmt.Sprintf("version: 1\nhome: %q\napps: [{name: web}]\n", home) }
	fixed := map[string]string{ // a line with another value
		"home": "", "listen": "listen: 127.0.0.1:9", "dry_run": "dry_run: true", "surge": "surge: true", "stall": "stall: 7s",
		"inspector": "inspector: never", "stream_deadline": "stream_deadline: 3s", "audit": "audit: {keep: 9}",
		"approval_links": "approval_links: {url: \"http://127.0.0.1:9464\"}",
	}
	free := map[string]string{
		"version": "", "apps": "", "listen_beyond_loopback": "", "outage_deadline": "outage_deadline: 20s", "min_healthy": "min_healthy: 2",
		"budget": "budget: {app: 3}", "policies": "policies: {default: ask}", "quiet_hours": "quiet_hours: [{from: \"22:00\", to: \"06:00\"}]",
		"channels": "channels: [{type: alertmanager, endpoint: \"http://127.0.0.1:9093\"}]",
	}
	var schema struct{ Properties map[string]any }
	text, err := config.Schema()
	if err == nil {
		err = json.Unmarshal(text, &schema)
	}
	if err != nil {
		t.Fatal(err)
	}
	manual, err := os.ReadFile("OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(manual), "| fixed while it runs |")
	list, _, _ = strings.Cut(list, "\n")
	for key := range schema.Properties {
		line, isFixed := fixed[key]
		if _, isFree := free[key]; isFixed == isFree {
			t.Errorf("%s: can it change while the engine runs? Say so in this test, and in listFixed if not", key)
			continue
		}
		if isFixed != strings.Contains(list, "`"+key+"`") {
			t.Errorf("OPERATIONS.md says otherwise of %s: %s", key, list)
		}
		if line == "" && key != "home" {
			line = free[key]
		}
		next := start(f.home) + line + "\n"
		if key == "home" {
			next = start(other.home)
		}
		x := byFile(t, start(f.home))
		cfg, err := x.configure(t.Context(), nil, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Board = status.NewBoard("v1")
		put(t, x.file, next)
		r := &reloader{command: x, now: cfg, watch: config.NewWatch(x.file), stderr: io.Discard}
		_, err = r.read(t.Context())
		says := ": " + key + ": it cannot change while the engine runs: take the change back, or restart the engine"
		switch {
		case isFixed && (err == nil || !strings.HasPrefix(err.Error(), x.file+":") || !strings.Contains(err.Error(), says)):
			t.Errorf("%s: it says %v", key, err)
		case !isFixed && err != nil:
			t.Errorf("%s is refused: %v", key, err)
		}
	}
	if _, err := os.Stat(filepath.Join(f.home, secretFile)); err == nil {
		t.Error("a file that is refused has made a secret")
	}
}
