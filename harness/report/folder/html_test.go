package folder

import (
	"bytes"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/report/page"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestReportStaysSmall: the page is below 5 MB for 100,000 requests, and report.json
// does not grow with what the fault has cost.
func TestReportStaysSmall(t *testing.T) {
	r := reporttest.BigSample()
	requests, lost := 0, 0
	for _, d := range r.Drills {
		requests, lost = requests+len(d.Record.Requests), lost+len(d.Losses)
	}
	if requests < 100_000 || lost < 30_000 {
		t.Fatalf("the sample is too small: %d requests, %d lost", requests, lost)
	}
	begin := time.Now()
	var html, doc bytes.Buffer
	if err := page.HTML(&html, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begin)
	if err := JSON(&doc, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d requests, %d lost: report.html %d kB in %s, report.json %d kB", requests, lost, html.Len()/1000, took, doc.Len()/1000)
	if html.Len() > 5e6 || doc.Len() > 2e6 {
		t.Errorf("report.html has %d bytes, report.json %d", html.Len(), doc.Len())
	}
}
