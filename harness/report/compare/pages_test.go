package compare

import (
	"io"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// worseSample is keptSample and the same after a change for the worse.
func worseSample(t *testing.T) Comparison {
	a, b := reporttest.KeptSample(), reporttest.KeptSample()
	d := &b.Drills[2]
	d.Verdict, d.Recover = promise.Broken, 3*d.Recover
	d.Rulings[0].Verdict, d.Rulings[0].Because = promise.Broken, "2 of 4 workers served at the end"
	return compared(t, a, b)
}

func TestBrowserOpensTheComparison(t *testing.T) {
	b := reporttest.NewTab(t)
	for _, scheme := range []string{"light", "dark"} {
		b.Prefer(scheme)
		b.Open(worseSample(t).HTML)
		if got := reporttest.Ask[string](b, `document.querySelector("h1").textContent`); got != "B is worse" {
			t.Errorf("the page says %q first", got)
		}
		if n := reporttest.Ask[int](b, `document.querySelectorAll(".table-changed tbody tr").length`); n != 1 {
			t.Errorf("%d rulings changed, want 1", n)
		}
		if got := reporttest.Ask[[]float64](b, `[...document.querySelectorAll(".track i.B")].map((e) => e.getBoundingClientRect().width / e.parentElement.getBoundingClientRect().width)`); len(got) != 2 || got[1] < 0.99 {
			t.Errorf("bars of B are %v wide, want the second whole", got)
		}
		for _, faint := range reporttest.Ask[[]string](b, reporttest.FaintTexts) {
			t.Errorf("%s: too faint to read: %s", scheme, faint)
		}
		if reporttest.Ask[bool](b, `document.documentElement.scrollWidth > innerWidth`) {
			t.Error("the page is wider than the window")
		}
	}
	b.Calm()
}

// TestBrowserShowsAllOnATelephone: nothing makes a page wider than a narrow window.
func TestBrowserShowsAllOnATelephone(t *testing.T) {
	b := reporttest.NewTab(t)
	b.Do(chromedp.EmulateViewport(390, 844))
	for name, write := range map[string]func(io.Writer) error{"broken": writePage(reporttest.BrokenSample()), "hostile": writePage(reporttest.EvilSample()), "comparison": worseSample(t).HTML} {
		b.Open(write)
		if w := reporttest.Ask[int](b, "document.documentElement.scrollWidth"); w > 390 {
			t.Errorf("%s: the page is %d pixels wide: %s", name, w, reporttest.Ask[string](b, widest))
		}
	}
	b.Calm()
}

// widest names the innermost element that reaches furthest to the right, beside those in boxes that scroll.
const widest = `(() => {
  const free = [...document.querySelectorAll("body *")].filter((e) => !e.closest(".wide, .scroll, svg, pre"));
  const far = free.reduce((p, q) => (q.getBoundingClientRect().right >= p.getBoundingClientRect().right ? q : p));
  return far.outerHTML.slice(0, 200);
})()`
