package folder

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/report/page"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestVariantsAreTold: the report, the summary and junit.xml say what was drawn.
func TestVariantsAreTold(t *testing.T) {
	r := reporttest.DrawnReport()
	var text, html, junit, doc bytes.Buffer
	for _, err := range []error{render.Text(&text, report.DigestOf(r), false), page.HTML(&html, report.DigestOf(r)), render.JUnit(&junit, report.DigestOf(r)), JSON(&doc, report.DigestOf(r))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for where, told := range map[string]string{
		text.String(): "log format pino, workers 3", html.String(): "log format <b>pino</b>", junit.String(): "log format pino, workers 3",
		render.Markdown(report.DigestOf(r)): "variant 4 (log format pino, workers 3)", doc.String(): `"of": "log format"`,
	} {
		if !strings.Contains(where, told) {
			t.Errorf("%q is not in\n%.3000s", told, where)
		}
	}
}
