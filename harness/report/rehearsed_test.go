package report

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// rehearsedSample is a rehearsal of two acts that has everything to say.
func rehearsedSample() Report {
	r := Report{Run: sampleRun(), Rehearsal: &Rehearsal{
		Schema: RehearsalSchema, File: "shop/ecosystem.config.js", App: "shop", Workers: 4, Verdict: "broken", Report: "reports/x",
		Settings: []Setting{{"exec_mode", "'cluster_mode'"}, {"kill_timeout", "1600"}},
		Figures:  Measured{Boots: []time.Duration{time.Second, 2 * time.Second}, Boot: 2 * time.Second, Longest: 3 * time.Second, Memory: 90 << 20, Reload: 8 * time.Second, Killed: 2},
		Checks: []Check{{"T002", "kill_timeout", Confirmed, "PM2 had to kill 2 workers"}, {"C001", "instances", Refuted, "no worker said EADDRINUSE"},
			{"K001", "", Unseen, "a rehearsal does not show it"}},
		Proposals: []Proposal{{"kill_timeout", "1600", "6000", "the longest answer took 3s"}},
		Patch:     "--- a/ecosystem.config.js\n+++ b/ecosystem.config.js\n@@ -1,3 +1,4 @@\n   apps: [{\n     name: '<shop>',\n+    kill_timeout: 6000,\n     script: 'a.js',\n",
	}}
	for _, act := range []string{"reload", "worker-killed"} {
		d := healthySample()
		d.Scenario, d.Arm, d.Story = act, evidence.ArmRehearsal, "The story of "+act+"."
		r.Drills = append(r.Drills, d)
	}
	return r
}

// TestRehearsalIsShown: the page, the summary and the terminal have the figures, the
// findings and what became of each, the proposals and the patch.
func TestRehearsalIsShown(t *testing.T) {
	r := rehearsedSample()
	var text strings.Builder
	if err := Text(&text, r, false); err != nil {
		t.Fatal(err)
	}
	page := render(t, r)
	for form, shown := range map[string]string{"text": text.String(), "page": page, "summary": Markdown(r)} {
		for _, want := range []string{"90 MiB", "2.0 s", "T002", "confirmed", "2 workers", "C001", "refuted", "K001", "unseen", "6000", "the longest answer took 3s", "git apply", "script: "} {
			if form == "summary" {
				want = strings.ReplaceAll(want, "_", `\_`)
			}
			if !strings.Contains(shown, want) {
				t.Errorf("%s does not say %q", form, want)
			}
		}
	}
	if !strings.Contains(Markdown(r), "```diff\n--- a/ecosystem.config.js\n") {
		t.Error("the summary has no patch as a block of its own")
	}
	if strings.Contains(page, "'<shop>'") || !strings.Contains(page, "&lt;shop&gt;") {
		t.Error("the page does not escape the patch")
	}
}

// TestLegend: every arm that a report has, and every act of a rehearsal, is explained once.
func TestLegend(t *testing.T) {
	legend := legendOf(rehearsedSample())
	want := []pair{{"rehearsal", "Somebody's own app and its rollout, and no engine. Every promise must be kept."}, {"reload", "The story of reload."}, {"worker-killed", "The story of worker-killed."}}
	if !reflect.DeepEqual(legend, want) {
		t.Errorf("the legend is %q", legend)
	}
	for _, p := range legendOf(brokenSample()) {
		if p.Name == "rehearsal" || p.Name == "claim" || p.Value == "" {
			t.Errorf("the legend of another run has %q", p)
		}
	}
}

// TestRehearsalIsKept: the JSON has all of it, beside it lie rehearsal.json and the patch,
// and a stored report that is written again has the same.
func TestRehearsalIsKept(t *testing.T) {
	r := rehearsedSample()
	first, second := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	if err := Write(first, r); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(second, loaded); err != nil {
		t.Fatal(err)
	}
	again, err := Load(second)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Rehearsal, r.Rehearsal) {
		t.Errorf("read back: %+v", again.Rehearsal)
	}
	patch, err := os.ReadFile(filepath.Join(second, "settings.patch"))
	if err != nil || string(patch) != r.Rehearsal.Patch {
		t.Errorf("the patch is %q: %v", patch, err)
	}
	checkFiles(t, second, "rehearsal.json")
}

// TestBrowserTablesHaveHeadsAboveRows: each column of a table begins where its head does,
// whatever the name of the table.
func TestBrowserTablesHaveHeadsAboveRows(t *testing.T) {
	b := newTab(t)
	r := brokenSample()
	r.Voids = []Drill{unsureSample()}
	r.Rehearsal = rehearsedSample().Rehearsal
	b.open(htmlOf(r))
	if n := ask[int](b, `document.querySelectorAll("table.sums").length`); n < 4 {
		t.Fatalf("%d tables", n)
	}
	for _, off := range ask[[]string](b, `[...document.querySelectorAll("table.sums")].flatMap((t) => {
	  const heads = t.querySelector("thead tr:last-child").cells, row = t.querySelector("tbody tr").cells, lefts = (cells) => [...cells].map((c) => Math.round(c.getBoundingClientRect().left));
	  return String(lefts(heads)) === String(lefts(row)) ? [] : [t.className + ": " + lefts(heads) + " above " + lefts(row)];
	})`) {
		t.Error(off)
	}
	b.calm()
}
