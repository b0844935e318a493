package remedy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestAuditIsRotated: by size and number, in order, and for its owner alone.
func TestAuditIsRotated(t *testing.T) {
	home := t.TempDir()
	n, err := takeNotes(home, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	n.kept = AuditSize{Bytes: 1000, Keep: 2}
	for i := range 60 {
		if err := n.audit(audited{Line: engine.Line{Type: engine.TypeReady, PID: i + 1}}); err != nil {
			t.Fatal(err)
		}
	}
	var pids []int
	for _, name := range []string{buildAuditName(2), buildAuditName(1), buildAuditName(0)} {
		file := filepath.Join(home, name)
		text, err := os.ReadFile(file)
		if info, statErr := os.Stat(file); err != nil || statErr != nil || info.Mode().Perm() != 0o600 || info.Size() > 1400 {
			t.Fatalf("%s: %v, %v, %v", name, info, err, statErr)
		}
		for line := range bytes.Lines(text) {
			var a audited
			if err := json.Unmarshal(line, &a); err != nil {
				t.Fatalf("%s: %v: %s", name, err, line)
			}
			pids = append(pids, a.PID)
		}
	}
	if len(pids) < 15 || pids[len(pids)-1] != 60 {
		t.Fatalf("it has %v", pids)
	}
	for i := 1; i < len(pids); i++ {
		if pids[i] != pids[i-1]+1 {
			t.Errorf("after %d comes %d", pids[i-1], pids[i])
		}
	}
	if _, err := os.Stat(filepath.Join(home, buildAuditName(3))); err == nil {
		t.Error("more files are kept than were asked for")
	}
}

// TestAuditTellsTheStory: of each incident what was seen, what it was not, what was done and
// how, what came of it, and its end, under one key.
func TestAuditTellsTheStory(t *testing.T) {
	raw, err := os.ReadFile("testdata/port-foreign.txt")
	if err != nil {
		t.Fatal(err)
	}
	in, _, _ := strings.Cut(string(raw), "\n----\n")
	history, limits, auto := readTrace(t, in)
	replay(history, limits, auto)
	home := t.TempDir()
	r := testRunner(t, home, limits, false, &bytes.Buffer{})
	for _, o := range history {
		r.turn(context.Background(), o)
	}
	r.acts.Wait()
	text, err := os.ReadFile(filepath.Join(home, auditFile))
	if err != nil {
		t.Fatal(err)
	}
	story := map[string][]string{}
	for line := range bytes.Lines(text) {
		var a audited
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatal(err)
		}
		if a.Time.IsZero() || a.App != "app" {
			t.Errorf("when and of which app? %s", line)
		}
		switch {
		case a.Type == engine.TypeDetected && (len(a.Evidence) == 0 || len(a.RuledOut) == 0 || a.Confidence == 0 || a.Human == ""):
			t.Errorf("a diagnosis without its grounds: %s", line)
		case a.Type == engine.TypeAction && (a.Command == "" || a.Key == ""):
			t.Errorf("an action without how it is carried out: %s", line)
		case a.Type == engine.TypeAction && a.Phase != engine.PhaseBegin && a.Took <= 0:
			t.Errorf("an action without the time it took: %s", line)
		}
		if a.Key != "" {
			story[a.Key] = append(story[a.Key], strings.TrimSpace(a.Type+" "+a.Incident))
		}
	}
	if len(story) != 1 {
		t.Fatalf("%d incidents: %v", len(story), story)
	}
	for _, s := range story {
		for _, want := range []string{"detected", "incident opened", "action"} {
			if !slices.Contains(s, want) {
				t.Errorf("there is no %q in %q", want, s)
			}
		}
	}
}

// TestApprovals: what is asked can be approved, and nothing else; another run asks anew.
func TestApprovals(t *testing.T) {
	home := t.TempDir()
	n, err := takeNotes(home, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Approve(home, "k1"); err == nil || !strings.Contains(err.Error(), "it asks for none") {
		t.Errorf("nothing is asked: %v", err)
	}
	for range 2 { // once is enough
		for _, key := range []string{"k1", "k2", "k3"} {
			if err := n.ask(Asked{Key: key, App: "web", Cause: engine.HotWorker, Action: engine.ActionReplace}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := Approve(home, "other"); err == nil || !strings.Contains(err.Error(), "it asks for k1 (web: hot_worker), k2") {
		t.Errorf("what is not asked: %v", err)
	}
	for _, key := range []string{"k1", "k2"} {
		if a, err := Approve(home, key); err != nil || a.Cause != engine.HotWorker {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if got := observe.ReadApproved(n.folder); !slices.Equal(got, []string{"k1", "k2"}) {
		t.Errorf("approved: %q", got)
	}
	if err := n.unask("k1"); err != nil {
		t.Fatal(err)
	}
	if _, err := Approve(home, "k3"); err != nil {
		t.Error(err)
	}
	if got := observe.ReadApproved(n.folder); !slices.Equal(got, []string{"k2", "k3"}) {
		t.Errorf("approved: %q, and k1 is over", got)
	}
	for i := range 2 * maxAsked {
		if err := n.ask(Asked{Key: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if asked, err := ListAsked(home); err != nil || len(asked) != maxAsked {
		t.Errorf("%d are asked, %v", len(asked), err)
	}
	n.close()
	if n, err = takeNotes(home, false, nil); err != nil {
		t.Fatal(err)
	}
	defer n.close()
	if asked, err := ListAsked(home); err != nil || len(asked) > 0 || len(observe.ReadApproved(n.folder)) > 0 {
		t.Errorf("after another start %v are asked, %v", asked, err)
	}
}
