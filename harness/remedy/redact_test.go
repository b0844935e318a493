package remedy

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/config"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

func TestRedactReachesEveryText(t *testing.T) {
	const bad = "PASSWORD=hunter2"
	l, err := redactLine(new(redact.Redactor), engine.Line{
		Why: bad, Error: bad, Evidence: []engine.Fact{{Text: bad}}, RuledOut: []engine.Ruled{{Fact: bad}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{l.Why, l.Error, l.Evidence[0].Text, l.RuledOut[0].Fact} {
		if strings.Contains(s, "hunter2") {
			t.Errorf("the secret is still there: %q", s)
		}
	}
}

// TestAdviceIsKept: what the engine says of a configuration that it refuses reaches people whole,
// though the keys that it is about are called like secrets.
func TestAdviceIsKept(t *testing.T) {
	const start = "version: 1\napps: [{name: web}]\n"
	for _, text := range []string{
		start + "policies: {stalled_event_lop: ask}\n",
		start + "channels: [{type: email, server: \"m:25\", from: a@b, to: [a@b], passwrd: {env: X}}]\n",
		start + "channels: [{type: alertmanager, endpoint: \"http://a/\", tokn: {env: X}}]\n",
		start + "channels: [{type: pagerduty, routing_key: KEY}]\n",
		start + "channels: [{type: alertmanager, endpoint: \"http://a/\", token: {env: NONE}}]\n",
		start + "channels: [{type: alertmanager, endpoint: \"http://a/\", token: {env: A}, token: {env: B}}]\n",
		start + "channels: [{type: pagerduty, api_key: {env: A}}]\n",
		"version: 1\nversion: 1\napps: [{name: web}]\n",
	} {
		_, err := config.Parse("engine.yaml", []byte(text), func(string) string { return "" })
		if err == nil {
			t.Fatalf("%s is not refused", text)
		}
		if said := new(redact.Redactor).Clean(err.Error()); said != err.Error() {
			t.Errorf("people are told %q of %q", said, err)
		}
	}
}

// TestURLIsNotTold: what is said of a URL that cannot be used has none of its secrets.
func TestURLIsNotTold(t *testing.T) {
	for _, url := range []string{"http://127.0.0.1:99999/s3cr3t-path", "http://127.0.0.1:1/\x7f/s3cr3t-path", "ftp://bob:s3cr3t-path@127.0.0.1/x"} {
		if _, err := PortOf(url); err == nil || strings.Contains(err.Error(), "s3cr3t-path") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestTraceIsPrivate(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "trace")
	if err := os.WriteFile(name, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := createPrivate(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 || info.Size() != 0 {
		t.Errorf("%v: %+v", err, info)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(name, link); err != nil {
		t.Fatal(err)
	}
	if f, err := createPrivate(link); err == nil {
		f.Close()
		t.Error("a symbolic link is followed")
	}
}

// TestTraceHasNoSecrets: nor has it the arguments of a process that has the port.
func TestTraceHasNoSecrets(t *testing.T) {
	var out, trace bytes.Buffer
	r := testRunner(t, t.TempDir(), plan.DefaultLimits(), true, &out)
	r.cfg.Trace = &trace
	r.record(observe.Observation{
		Events: []observe.Event{{Kind: observe.KindError, Text: "password=hunter2 Error: connect ECONNREFUSED 127.0.0.1:6379"}},
		Port:   &observe.Port{Number: 3000, Listeners: []observe.Listener{{PID: 7, Command: "node /srv/other.js --key abcdefgh positional1"}}},
		Probes: []observe.Probe{{Address: "127.0.0.1:6379", Error: "connect: connection refused"}},
	})
	var o observe.Observation
	if err := json.Unmarshal(trace.Bytes(), &o); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hunter2", "abcdefgh", "positional1"} {
		if bytes.Contains(trace.Bytes(), []byte(secret)) {
			t.Errorf("%s is in the trace: %s", secret, &trace)
		}
	}
	if !strings.HasSuffix(o.Events[0].Text, "Error: connect ECONNREFUSED 127.0.0.1:6379") || o.Probes[0].Address != "127.0.0.1:6379" || !strings.HasPrefix(o.Port.Listeners[0].Command, "node /srv/other.js ") {
		t.Errorf("the trace has lost what rules read: %+v", o)
	}
}
