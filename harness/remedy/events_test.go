package remedy

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/config"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/status"
)

// event is a line of the audit that is about the engine itself.
type event struct {
	Type, Event, App, Why, Action, Approve string
}

// readEvents returns the lines of the audit that are of a type.
func readEvents(t *testing.T, home, typ string) (all []event) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(home, auditFile))
	if err != nil {
		return nil // there is none yet
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var e event
		if json.Unmarshal([]byte(line), &e) == nil && e.Type == typ {
			all = append(all, e)
		}
	}
	return all
}

// awaitEvent waits until the audit's latest event is of a kind.
func awaitEvent(t *testing.T, home, kind string) event {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if all := readEvents(t, home, "event"); len(all) > 0 && all[len(all)-1].Event == kind {
			return all[len(all)-1]
		}
	}
	t.Fatalf("the audit's latest event is not %s: %+v", kind, readEvents(t, home, "event"))
	return event{}
}

// TestAuditTellsOfTheEngineItself: of a configuration taken over, of the kill switch and of the
// engine's end, each once, also with two apps. What is refused is no app's.
func TestAuditTellsOfTheEngineItself(t *testing.T) {
	f := daemonWith(t, "web", "api")
	x := byFile(t, fmt.Sprintf("version: 1\nhome: %q\napps: [{name: web}]\n", f.home))
	cfg, err := x.configure(t.Context(), nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	said, updates, out := &shared{}, make(chan Update), &shared{}
	cfg.Stdin, cfg.Stdout, cfg.Stderr, cfg.Updates, cfg.Board = strings.NewReader(""), out, said, updates, status.NewBoard("v1")
	r := &reloader{command: x, now: cfg, watch: config.NewWatch(x.file), updates: updates, stderr: said}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, cfg)
		stop() // nothing waits for an engine that could not begin
	}()

	put(t, x.file, fmt.Sprintf("version: 1\nhome: %q\napps: [{name: web}, {name: api}]\n", f.home))
	r.reload(ctx)
	if e := awaitEvent(t, f.home, "configured"); !strings.Contains(e.Why, "engine.yaml is in force") || !strings.Contains(e.Why, "api") || e.App != "" {
		t.Errorf("of the configuration it says %+v", e)
	}
	if !strings.Contains(said.String(), "is in force; taken up: api\n") {
		t.Errorf("the operator is told %s", said.String())
	}
	put(t, x.file, "version: 1\napps: []\n")
	r.reload(ctx)
	refused := readEvents(t, f.home, "withheld")
	if len(refused) != 1 || refused[0].Action != "reload" || refused[0].App != "" {
		t.Errorf("of the refused configuration it says %+v", refused)
	}
	switchFile := filepath.Join(f.home, observe.KillSwitch)
	if err := os.WriteFile(switchFile, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	awaitEvent(t, f.home, "paused")
	if err := os.Remove(switchFile); err != nil {
		t.Fatal(err)
	}
	awaitEvent(t, f.home, "resumed")
	for _, says := range []string{"the kill switch is on", "the kill switch is off"} {
		if strings.Count(said.String(), says) != 1 {
			t.Errorf("the operator is told %q in %s", says, said.String())
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	awaitEvent(t, f.home, "ended")
	var kinds []string
	for _, e := range readEvents(t, f.home, "event") {
		kinds = append(kinds, e.Event)
	}
	if !slices.Equal(kinds, []string{"configured", "paused", "resumed", "ended"}) {
		t.Errorf("events %q", kinds)
	}
	if strings.Contains(out.String(), `"event"`) {
		t.Errorf("an event is no line of the contract: %s", out.String())
	}
}

// TestAuditTellsOfApprovals: each once, under the key of its incident, by the engine of the app.
func TestAuditTellsOfApprovals(t *testing.T) {
	f := daemonWith(t, "web")
	n, err := takeNotes(f.home, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	if err := n.ask(Asked{Key: "b88ee871", App: "web", Action: "kill"}); err != nil {
		t.Fatal(err)
	}
	cfg := Config{Home: f.home, Apps: []App{{Name: "web"}}, Stdout: io.Discard}
	for _, app := range []string{"web", "api"} {
		r := newRunner(cfg, App{Name: app}, n, new(sync.Mutex))
		for range 2 {
			r.noteApproved([]string{"b88ee871", "other"})
		}
	}
	if all := readEvents(t, f.home, "event"); len(all) != 1 || all[0].Event != "approved" || all[0].App != "web" || !strings.Contains(all[0].Why, "kill") || all[0].Approve != "b88ee871" {
		t.Errorf("%+v", all)
	}
}

// TestGrowthIsNamed: an app that comes into PM2's list, and that a pattern fits, is told by name,
// and no change of the file is claimed.
func TestGrowthIsNamed(t *testing.T) {
	f := daemonWith(t, "web", "api")
	x := byFile(t, fmt.Sprintf("version: 1\nhome: %q\napps: [{pattern: \"*\"}]\n", f.home))
	cfg, err := x.configure(t.Context(), nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Board = status.NewBoard("v1")
	now := cfg
	now.Apps = slices.DeleteFunc(slices.Clone(cfg.Apps), func(a App) bool { return a.Name == "api" })
	said, updates := &shared{}, make(chan Update)
	r := &reloader{command: x, now: now, watch: config.NewWatch(x.file), updates: updates, stderr: said}
	go func() { (<-updates).Done <- nil }()
	if !r.hasGrown(t.Context()) {
		t.Fatal("the app is not seen")
	}
	r.reload(t.Context())
	if lines := bufio.NewScanner(strings.NewReader(said.String())); !lines.Scan() || !strings.HasSuffix(lines.Text(), "is in force; taken up: api") {
		t.Errorf("the operator is told %s", said.String())
	}
}
