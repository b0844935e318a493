package folder

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestVoids: a drill that was drilled again is told of, its evidence is kept, and
// it counts for nothing.
func TestVoids(t *testing.T) {
	r := reporttest.KeptSample()
	spoiled := reporttest.UnsureSample()
	for i, tally := range spoiled.Record.Tallies {
		for class, n := range tally.Counts {
			if n > 1 {
				tally.Counts[class], tally.Counts["timed-out"] = n-1, 1
				break
			}
		}
		spoiled.Record.Tallies[i] = tally
	}
	r.Voids = []report.Drill{spoiled}
	dir := filepath.Join(t.TempDir(), "run")
	if err := Write(dir, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	reporttest.CheckFiles(t, dir, "evidence/void-stalled-worker-healthy.jsonl.gz")
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Voids) != 1 || len(got.Drills) != len(r.Drills) || got.Verdict() != promise.Kept {
		t.Fatalf("%d voids, %d drills, %s", len(got.Voids), len(got.Drills), got.Verdict())
	}
	var text strings.Builder
	if err := render.Text(&text, report.DigestOf(got), false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Drilled again", "1 drill proves nothing", "the host was too noisy"} {
		if !strings.Contains(text.String(), want) || !strings.Contains(render.Markdown(report.DigestOf(got)), want) {
			t.Errorf("neither text nor Markdown may lack %q:\n%s", want, text.String())
		}
	}
}
