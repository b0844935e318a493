package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

func TestBrowserOpensReports(t *testing.T) {
	b := reporttest.NewTab(t)
	for _, c := range []struct {
		name    string
		r       report.Report
		verdict string
	}{{"kept", reporttest.KeptSample(), "Kept"}, {"broken", reporttest.BrokenSample(), "Broken"}, {"hostile", reporttest.EvilSample(), "Kept"}} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(c.name+" "+scheme, func(t *testing.T) {
				b.T = t
				b.Prefer(scheme)
				b.Open(htmlOf(c.r))
				if got := reporttest.Ask[string](b, `document.querySelector("h1").textContent`); got != c.verdict {
					t.Errorf("the page says %q first, want %q", got, c.verdict)
				}
				if got := reporttest.Ask[string](b, "document.title"); strings.HasPrefix(got, "owned") {
					t.Error("somebody else's script ran")
				}
				if n := reporttest.Ask[int](b, `document.querySelectorAll("main img, iframe, link").length`); n > 0 {
					t.Errorf("%d elements of somebody else's markup", n)
				}
				for _, faint := range reporttest.Ask[[]string](b, reporttest.FaintTexts) {
					t.Errorf("too faint to read: %s", faint)
				}
				b.Calm()
			})
		}
	}
}

// TestBrowserReachesEveryElement walks each timeline by keys alone, and holds what
// it was told on the way to what the timeline's data has: a mark, a stretch of a
// worker's life, an exit, an event, a word or an act of the engine, an alert.
func TestBrowserReachesEveryElement(t *testing.T) {
	for name, r := range map[string]report.Report{"kept": reporttest.KeptSample(), "broken": reporttest.BrokenSample()} {
		b := reporttest.NewTab(t)
		b.Open(htmlOf(r))
		for i, key := range r.Keys("-") {
			if r.Drills[i].Record == nil {
				continue
			}
			b.Script(fmt.Sprintf("document.getElementById(%q).open = true", key))
			b.Drawn()
			said := walk(b, key)
			d := buildTimeline(report.DigestOf(r).Drills[i])
			want := len(d.Marks) + len(d.Events) + len(d.Deeds) + len(d.Alerts) + len(d.Jobs)
			for _, c := range d.Claims {
				if c[1] != "action" {
					want++
				}
			}
			for _, w := range d.Workers {
				want += len(w.Exits)
				for _, level := range w.Levels {
					want += len(level)
				}
			}
			lanes := map[string]bool{}
			for row, items := range said {
				if lane, ok := strings.CutPrefix(row, "lane "); ok {
					lanes[lane] = true
					continue
				}
				want -= items
			}
			if want != 0 {
				t.Errorf("%s %s: %d elements of the timeline are out of the keys' reach", name, key, want)
			}
			for _, l := range d.Lanes {
				if !lanes[l.Name] {
					t.Errorf("%s %s: the keys do not reach lane %s", name, key, l.Name)
				}
			}
		}
		b.Calm()
	}
}

// walk focuses a timeline by the tab key, goes along each of its rows, and returns
// how many elements each has named. After each step the ring that marks the element
// must lie within the picture.
func walk(b *reporttest.Tab, key string) map[string]int {
	b.T.Helper()
	b.Script(fmt.Sprintf(`document.querySelector('.plot[data-drill=%q] .head button:last-child').focus()`, key))
	b.Do(chromedp.KeyEvent(kb.Tab))
	if got := reporttest.Ask[string](b, "document.activeElement.getAttribute('aria-roledescription') || document.activeElement.outerHTML"); got != "timeline" {
		b.T.Fatalf("%s: the tab key leads to %s", key, got)
	}
	b.Do(chromedp.KeyEvent(kb.ArrowRight))
	b.Until(`document.activeElement.querySelector(".ring")`)
	out := map[string]int{}
	for _, row := range reporttest.Ask[[][]string](b, walkRows) {
		name, _, _ := strings.Cut(row[0], ", 1 of ")
		for i, said := range row {
			if want := fmt.Sprintf("%s, %d of %d: ", name, i+1, len(row)); !strings.HasPrefix(said, want) || len(said) == len(want) {
				b.T.Fatalf("%s: an element reads %q, want %q and words", key, said, want)
			}
		}
		out[name] = len(row)
	}
	return out
}

// walkRows presses keys until they lead no further, and lists what the page said.
const walkRows = `(async () => {
  const svg = document.activeElement, said = svg.parentElement.querySelector(".said");
  const press = async (key) => {
    svg.dispatchEvent(new KeyboardEvent("keydown", { key: key, bubbles: true, cancelable: true }));
    const whole = svg.getBoundingClientRect(), seen = () => {
      const ring = svg.querySelector(".ring"), box = ring && ring.getBoundingClientRect();
      return box && box.width > 2 && getComputedStyle(ring).visibility === "visible" && getComputedStyle(ring).stroke !== "none" && box.left >= whole.left && box.right <= whole.right + 1 && box.top >= whole.top && box.bottom <= whole.bottom + 1;
    };
    if (!seen()) await new Promise(requestAnimationFrame); // the view moves with the next frame
    return seen() ? said.textContent : "no ring: " + said.textContent;
  };
  const rows = [], nameOf = (text) => text.replace(/, \d+ of .*/s, "");
  for (let first = await press("Home"); !rows.length || nameOf(first) !== nameOf(rows[rows.length - 1][0]);) {
    const row = [first];
    for (let next = await press("ArrowRight"); next !== row[row.length - 1]; next = await press("ArrowRight")) row.push(next);
    rows.push(row);
    await press("ArrowDown");
    first = await press("Home");
  }
  return rows;
})()`

// TestBrowserJumpsToTheFirstLoss: the banner's button opens the drill that the run
// is judged by and pins the moment at which its first lost request was due.
func TestBrowserJumpsToTheFirstLoss(t *testing.T) {
	b := reporttest.NewTab(t)
	r := reporttest.BrokenSample()
	b.Open(htmlOf(r))
	first := findFirstLoss(report.DigestOf(r))
	if first == nil {
		t.Fatal("the sample has lost nothing")
	}
	plot := fmt.Sprintf(`document.querySelector('.plot[data-drill=%q]')`, first.Key)
	b.Script(fmt.Sprintf(`document.querySelector('.promises .goto[data-drill=%q]').click()`, first.Key)) // another moment before
	b.Until(plot + `.querySelector(".pintext")?.textContent === "here"`)
	b.Script(`document.getElementById("collapse").click(); document.querySelector(".banner .goto").focus()`)
	b.Do(chromedp.KeyEvent(kb.Enter))
	b.Until(plot + `.querySelector(".pintext")?.textContent === "first loss"`)
	off := reporttest.Ask[float64](b, fmt.Sprintf(`(() => {
	  const plot = %s, pin = plot.querySelector(".pin"), [from, to] = plot.querySelector(".range").textContent.match(/[\d.]+/g).map(Number);
	  const w = plot.clientWidth, at = from + (to - from) * (pin.getAttribute("x1") - 138) / (w - 138 - 14);
	  const box = plot.querySelector("svg").getBoundingClientRect();
	  return box.top > innerHeight || box.bottom < 0 ? NaN : at * 1000 - %d;
	})()`, plot, first.At))
	if !(-50 < off && off < 50) {
		t.Errorf("the pin is %v ms off the first loss, or out of view", off)
	}
	b.Calm()
}

// TestBrowserPrints: what is open is in the print, with its timelines.
func TestBrowserPrints(t *testing.T) {
	b := reporttest.NewTab(t)
	b.Open(htmlOf(reporttest.KeptSample()))
	reporttest.Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	if got := reporttest.Ask[string](b, "(({ color, backgroundColor }) => color + ' on ' + backgroundColor)(getComputedStyle(document.body))"); got != "rgb(21, 27, 35) on rgb(255, 255, 255)" {
		t.Errorf("somebody who prefers dark prints %s", got)
	}
	if n := reporttest.Ask[int](b, `[...document.querySelectorAll(".wide, .scroll")].filter((e) => e.scrollHeight > e.clientHeight + 1).length`); n > 0 {
		t.Errorf("%d tables are cut off on paper", n)
	}
	if n := reporttest.Ask[int](b, `[...document.querySelectorAll(".tools, .hint, .overview, .copy")].filter((e) => e.checkVisibility()).length`); n > 0 {
		t.Errorf("%d elements that are of no use on paper are printed", n)
	}
	pdf, err := chromedp.Run(b.Ctx, chromedp.PrintToPDF(chromedp.PDFPrintBackground()))
	if err != nil {
		t.Fatal(err)
	}
	if len(pdf) < 50_000 {
		t.Errorf("the print has %d bytes: there can be no timeline in it", len(pdf))
	}
	b.Calm()
}

// TestBrowserIsQuickWithManyRequests: the page of a run with 100,000 requests, in five
// drills or in one, is there, its first timeline drawn, within two seconds.
func TestBrowserIsQuickWithManyRequests(t *testing.T) {
	b := reporttest.NewTab(t)
	for name, r := range map[string]report.Report{"five drills": reporttest.BigSample(), "one drill": reporttest.LongSample()} {
		file := filepath.Join(t.TempDir(), "report.html")
		if err := reporttest.Save(file, htmlOf(r)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		requests := 0
		for _, d := range r.Drills {
			requests += len(d.Record.Requests)
		}
		begin := time.Now()
		b.Do(chromedp.Navigate("file://" + file))
		b.Until(`document.querySelector(".plot .said")`)
		first := time.Since(begin)
		b.Script(`document.getElementById("expand").click()`)
		b.Drawn()
		t.Logf("%s, %d requests: %d kB; the first timeline after %s, all after %s", name, requests, info.Size()/1000, first, time.Since(begin))
		if requests < 100_000 {
			t.Errorf("the sample is too small: %d requests", requests)
		}
		if first > 2*time.Second {
			t.Errorf("%s: the first timeline was there after %s, more than 2 s", name, first)
		}
		if info.Size() > 5e6 {
			t.Errorf("%s: the page has %d bytes, more than 5 MB", name, info.Size())
		}
	}
	b.Calm()
}
