package report

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var shoot = flag.String("shoot", "", "folder with the reports example-kept and example-broken, which gets their screenshots")

// TestBrowserScreenshots takes the pictures of reports/README.md, of two real runs that
// `make screenshots` drills.
func TestBrowserScreenshots(t *testing.T) {
	if *shoot == "" {
		t.Skip("no -shoot folder")
	}
	b := newTab(t)
	b.do(chromedp.EmulateViewport(1180, 900))
	runs := map[string]Report{}
	for _, name := range []string{"kept", "broken"} {
		r, err := Load(filepath.Join(*shoot, "example-"+name))
		if err != nil {
			t.Fatal(err)
		}
		runs[name] = r
		b.open(htmlOf(r))
		b.picture(name+"-banner", ".banner")
		b.script(`for (const e of document.querySelectorAll(".drill")) e.open = e.id.endsWith("-engine")`)
		b.drawn()
		b.picture(name+"-promises", `.drill[id$="-engine"] .promises`)
		b.picture(name+"-timeline", `.drill[id$="-engine"] .plot`)
	}
	c, err := Compare(Side{"kept", runs["kept"]}, Side{"broken", runs["broken"]})
	if err != nil {
		t.Fatal(err)
	}
	b.prefer("dark")
	b.open(c.HTML)
	b.picture("compare", "main")
	b.calm()
}

// picture takes an element's picture.
func (b *tab) picture(name, selector string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.Screenshot(chromedp.CSS(selector)))
	if err != nil {
		b.t.Fatal(err)
	}
	if len(png) > 200_000 {
		b.t.Errorf("%s.png has %d bytes, too many for a repository", name, len(png))
	}
	if err := os.WriteFile(filepath.Join(*shoot, name+".png"), png, permFile); err != nil {
		b.t.Fatal(err)
	}
}
