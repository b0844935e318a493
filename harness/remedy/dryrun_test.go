package remedy

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/act"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// TestDryRunPlansTheSame has two engines at work on the same observations, those
// of every trace: one in earnest, beside a daemon that is not there, and a dry
// one. They must say the same, but for what the first one does and the other one
// only would; and the dry one leaves PM2_HOME as it was.
func TestDryRunPlansTheSame(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no traces: %v", err)
	}
	acted := 0
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in, _, _ := strings.Cut(string(raw), "\n----\n")
			history, limits, auto := readTrace(t, in)
			replay(history, limits, auto) // which lays the deeds into it
			wet, wetFiles := runEngine(t, history, limits, false)
			dry, dryFiles := runEngine(t, history, limits, true)
			if !slices.Equal(wet, dry) {
				t.Errorf("the plans differ:\nin earnest:\n%s\ndry:\n%s", strings.Join(wet, "\n"), strings.Join(dry, "\n"))
			}
			if len(dryFiles) != 0 {
				t.Errorf("the dry run has written %v", dryFiles)
			}
			if len(wet) > 0 && len(wetFiles) == 0 {
				t.Error("the other one has written nothing: this test looks in the wrong place")
			}
			acted += strings.Count(strings.Join(wet, "\n"), "would ")
		})
	}
	if acted < len(files) {
		t.Errorf("only %d actions were planned in %d traces", acted, len(files))
	}
}

// runEngine runs an engine over observations and returns what it said, its actions in
// the same words whether done or not, and the files it left.
func runEngine(t *testing.T, history []observe.Observation, limits plan.Limits, dry bool) (said, files []string) {
	t.Helper()
	home, out := t.TempDir(), &bytes.Buffer{}
	r := testRunner(t, home, limits, dry, out)
	for _, o := range history {
		r.turn(context.Background(), o)
	}
	r.acts.Wait()
	for l, err := range engine.Lines(out) {
		if err != nil {
			t.Fatal(err)
		}
		why, would := strings.CutPrefix(l.Why, "dry run: ")
		switch {
		case l.Type == engine.TypeAction && l.Phase != engine.PhaseBegin:
			continue // how it ended: nobody ends it in a dry run
		case l.Type == engine.TypeAction, would:
			about := "the app"
			if l.ID != nil {
				about = fmt.Sprintf("worker %d", *l.ID)
			}
			said = append(said, fmt.Sprintf("would %s %s pid %d of %s: %s", l.Action, about, l.PID, l.Cause, why))
		default:
			said = append(said, fmt.Sprintf("%s %s %s %s %v %v %v %s", l.Type, l.Cause, l.Action, l.Why, l.Evidence, l.RuledOut, l.By, l.Incident))
		}
	}
	entries, err := os.ReadDir(home)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		files = append(files, e.Name())
	}
	return said, files
}

func testRunner(t *testing.T, home string, limits plan.Limits, dry bool, out *bytes.Buffer) *runner {
	t.Helper()
	notes, err := takeNotes(home, dry, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(notes.close)
	app := App{Name: "app"}
	return &runner{
		cfg: Config{Home: home, Apps: []App{app}, DryRun: dry, Stdout: out}, app: app, book: notes.openBook(app), out: new(sync.Mutex), limits: limits, facts: diagnose.NewReader(limits.Stall, nodeerr.NewMemo()), notes: notes, state: plan.NewState(nil),
		watch: observe.NewWatcher(home, "app", "http://127.0.0.1:1/", 1, new(redact.Redactor)), veil: new(redact.Redactor), executor: act.Executor{Home: home, App: "app"},
		desk: alert.NewDesk(alert.Sender{App: "app"}, nil, new(redact.Redactor), func(error) {}),
	}
}

// TestDryRunWithholdsRequests: what an operator asks a dry run for is not done,
// and is answered.
func TestDryRunWithholdsRequests(t *testing.T) {
	home, out := t.TempDir(), &bytes.Buffer{}
	r := testRunner(t, home, plan.DefaultLimits(), true, out)
	r.newOperator().Roll(context.Background(), []string{"touch", filepath.Join(home, "rolled-back")})
	r.newOperator().Scale(context.Background(), 2)
	var got []string
	for l, err := range engine.Lines(out) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l.Type+" "+l.Action+" "+l.Why)
	}
	if want := []string{"withheld roll dry run", "withheld scale dry run"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if entries, err := os.ReadDir(home); err != nil || len(entries) > 0 {
		t.Errorf("files in PM2_HOME: %v, %v", entries, err)
	}
}
