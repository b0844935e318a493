package page

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestRehearsalIsShown: the page, the summary and the terminal have the figures, the
// findings and what became of each, the proposals and the patch.
func TestRehearsalIsShown(t *testing.T) {
	r := reporttest.RehearsedSample()
	var text strings.Builder
	if err := render.Text(&text, report.DigestOf(r), false); err != nil {
		t.Fatal(err)
	}
	page := rendered(t, r)
	for form, shown := range map[string]string{"text": text.String(), "page": page, "summary": render.Markdown(report.DigestOf(r))} {
		shown = strings.Join(strings.Fields(shown), " ") // wherever a line ends
		for _, want := range []string{"90 MiB", "2.0 s", "T002", "confirmed", "2 workers", "C001", "refuted", "K001", "unseen", "6000", "the longest answer took 3s", "git apply", "script: ",
			"With the advice applied", "does not repair the", "1,666", "31 requests dropped without the advice, 2 with it", "Not applied: the handler", "server.js:14", "drainOnSigint(app.listen(3000));", "POST /orders", "Authorization: ", "10 bytes", "10 clients stay connected", "2.7 s", "left open"} {
			if form == "summary" {
				want = strings.ReplaceAll(want, "_", `\_`)
			}
			if !strings.Contains(shown, want) {
				t.Errorf("%s does not say %q", form, want)
			}
		}
	}
	if !strings.Contains(render.Markdown(report.DigestOf(r)), "```diff\n--- a/ecosystem.config.js\n") {
		t.Error("the summary has no patch as a block of its own")
	}
	if strings.Contains(page, "'<shop>'") || !strings.Contains(page, "&lt;shop&gt;") {
		t.Error("the page does not escape the patch")
	}
}

// TestLegend: every arm that a report has, and every act of a rehearsal, is explained once.
func TestLegend(t *testing.T) {
	legend := buildLegend(report.DigestOf(reporttest.RehearsedSample()))
	want := []Pair{{"rehearsal", "Somebody's own app and its rollout, and no engine. Every promise must be kept."}, {"reload", "The story of reload."}, {"worker-killed", "The story of worker-killed."}}
	if !reflect.DeepEqual(legend, want) {
		t.Errorf("the legend is %q", legend)
	}
	for _, p := range buildLegend(report.DigestOf(reporttest.BrokenSample())) {
		if p.Name == "rehearsal" || p.Name == "claim" || p.Value == "" {
			t.Errorf("the legend of another run has %q", p)
		}
	}
}

// TestBrowserTablesHaveHeadsAboveRows: each column of a table begins where its head does,
// whatever the name of the table.
func TestBrowserTablesHaveHeadsAboveRows(t *testing.T) {
	b := reporttest.NewTab(t)
	r := reporttest.BrokenSample()
	r.Voids = []report.Drill{reporttest.UnsureSample()}
	r.Rehearsal = reporttest.RehearsedSample().Rehearsal
	b.Open(htmlOf(r))
	if n := reporttest.Ask[int](b, `document.querySelectorAll("table.sums").length`); n < 4 {
		t.Fatalf("%d tables", n)
	}
	for _, off := range reporttest.Ask[[]string](b, `[...document.querySelectorAll("table.sums")].flatMap((t) => {
	  const heads = t.querySelector("thead tr:last-child").cells, row = t.querySelector("tbody tr").cells, lefts = (cells) => [...cells].map((c) => Math.round(c.getBoundingClientRect().left));
	  return String(lefts(heads)) === String(lefts(row)) ? [] : [t.className + ": " + lefts(heads) + " above " + lefts(row)];
	})`) {
		t.Error(off)
	}
	b.Calm()
}
