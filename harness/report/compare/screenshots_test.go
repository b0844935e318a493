package compare

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

var shoot = flag.String("shoot", "", "folder with the reports example-kept and example-broken, which gets their screenshots")

// TestBrowserScreenshots takes the pictures of reports/README.md, of two real runs that
// `make screenshots` drills.
func TestBrowserScreenshots(t *testing.T) {
	if *shoot == "" {
		t.Skip("no -shoot folder")
	}
	b := reporttest.NewTab(t)
	b.Do(chromedp.EmulateViewport(1180, 900))
	runs := map[string]report.Report{}
	for _, name := range []string{"kept", "broken"} {
		r, err := folder.Load(filepath.Join(*shoot, "example-"+name))
		if err != nil {
			t.Fatal(err)
		}
		runs[name] = r
		b.Open(writePage(r))
		picture(b, name+"-banner", ".banner")
		b.Script(`for (const e of document.querySelectorAll(".drill")) e.open = e.id.endsWith("-engine")`)
		b.Drawn()
		picture(b, name+"-promises", `.drill[id$="-engine"] .promises`)
		picture(b, name+"-timeline", `.drill[id$="-engine"] .plot`)
	}
	c, err := Compare(Side{"kept", report.DigestOf(runs["kept"])}, Side{"broken", report.DigestOf(runs["broken"])})
	if err != nil {
		t.Fatal(err)
	}
	b.Prefer("dark")
	b.Open(c.HTML)
	picture(b, "compare", "main")
	b.Calm()
}

// picture takes an element's picture.
func picture(b *reporttest.Tab, name, selector string) {
	b.T.Helper()
	png, err := chromedp.Run(b.Ctx, chromedp.Screenshot(chromedp.CSS(selector)))
	if err != nil {
		b.T.Fatal(err)
	}
	if len(png) > 200_000 {
		b.T.Errorf("%s.png has %d bytes, too many for a repository", name, len(png))
	}
	if err := os.WriteFile(filepath.Join(*shoot, name+".png"), png, folder.PermFile); err != nil {
		b.T.Fatal(err)
	}
}
