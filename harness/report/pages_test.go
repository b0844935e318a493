package report

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/pm2drill/pm2drill/harness/promise"
)

func TestBrowserOpensReports(t *testing.T) {
	b := newTab(t)
	for _, c := range []struct {
		name    string
		r       Report
		verdict string
	}{{"kept", keptSample(), "Kept"}, {"broken", brokenSample(), "Broken"}, {"hostile", evilSample(), "Kept"}} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(c.name+" "+scheme, func(t *testing.T) {
				b.t = t
				b.prefer(scheme)
				b.open(htmlOf(c.r))
				if got := ask[string](b, `document.querySelector("h1").textContent`); got != c.verdict {
					t.Errorf("the page says %q first, want %q", got, c.verdict)
				}
				if got := ask[string](b, "document.title"); strings.HasPrefix(got, "owned") {
					t.Error("somebody else's script ran")
				}
				if n := ask[int](b, `document.querySelectorAll("main img, iframe, link").length`); n > 0 {
					t.Errorf("%d elements of somebody else's markup", n)
				}
				for _, faint := range ask[[]string](b, faintTexts) {
					t.Errorf("too faint to read: %s", faint)
				}
				b.calm()
			})
		}
	}
}

// faintTexts lists texts whose contrast to what is behind them is less than the 4.5
// to 1 that WCAG asks for. Colours that are partly transparent are left out.
const faintTexts = `(() => {
  const rgb = (s) => { const m = s.match(/^rgb\((\d+), (\d+), (\d+)\)$/); return m && m.slice(1).map(Number); };
  const light = (c) => c.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const out = new Set();
  for (const e of document.querySelectorAll("main *")) {
    if (e.closest("svg") || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
    let back = null;
    for (let p = e; p && !back; p = p.parentElement) back = rgb(getComputedStyle(p).backgroundColor);
    const ink = rgb(getComputedStyle(e).color);
    if (!ink || !back) continue;
    const [a, b] = [light(ink), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) out.add(e.tagName + "." + e.className + " " + ratio.toFixed(2) + ": " + e.textContent.trim().slice(0, 40));
  }
  return [...out];
})()`

// TestBrowserReachesEveryElement walks each timeline by keys alone, and holds what
// it was told on the way to what the timeline's data has: a mark, a stretch of a
// worker's life, an exit, an event, a word or an act of the engine, an alert.
func TestBrowserReachesEveryElement(t *testing.T) {
	for name, r := range map[string]Report{"kept": keptSample(), "broken": brokenSample()} {
		b := newTab(t)
		b.open(htmlOf(r))
		for i, key := range r.keys("-") {
			if r.Drills[i].Record == nil {
				continue
			}
			b.script(fmt.Sprintf("document.getElementById(%q).open = true", key))
			b.drawn()
			said := b.walk(key)
			d := timelineOf(r.Drills[i], key)
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
		b.calm()
	}
}

// walk focuses a timeline by the tab key, goes along each of its rows, and returns
// how many elements each has named. After each step the ring that marks the element
// must lie within the picture.
func (b *tab) walk(key string) map[string]int {
	b.t.Helper()
	b.script(fmt.Sprintf(`document.querySelector('.plot[data-drill=%q] .head button:last-child').focus()`, key))
	b.do(chromedp.KeyEvent(kb.Tab))
	if got := ask[string](b, "document.activeElement.getAttribute('aria-roledescription') || document.activeElement.outerHTML"); got != "timeline" {
		b.t.Fatalf("%s: the tab key leads to %s", key, got)
	}
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	b.until(`document.activeElement.querySelector(".ring")`)
	out := map[string]int{}
	for _, row := range ask[[][]string](b, walkRows) {
		name, _, _ := strings.Cut(row[0], ", 1 of ")
		for i, said := range row {
			if want := fmt.Sprintf("%s, %d of %d: ", name, i+1, len(row)); !strings.HasPrefix(said, want) || len(said) == len(want) {
				b.t.Fatalf("%s: an element reads %q, want %q and words", key, said, want)
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
	b := newTab(t)
	r := brokenSample()
	b.open(htmlOf(r))
	first := firstLoss(r)
	if first == nil {
		t.Fatal("the sample has lost nothing")
	}
	plot := fmt.Sprintf(`document.querySelector('.plot[data-drill=%q]')`, first.Key)
	b.script(fmt.Sprintf(`document.querySelector('.promises .goto[data-drill=%q]').click()`, first.Key)) // another moment before
	b.until(plot + `.querySelector(".pintext")?.textContent === "here"`)
	b.script(`document.getElementById("collapse").click(); document.querySelector(".banner .goto").focus()`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(plot + `.querySelector(".pintext")?.textContent === "first loss"`)
	off := ask[float64](b, fmt.Sprintf(`(() => {
	  const plot = %s, pin = plot.querySelector(".pin"), [from, to] = plot.querySelector(".range").textContent.match(/[\d.]+/g).map(Number);
	  const w = plot.clientWidth, at = from + (to - from) * (pin.getAttribute("x1") - 138) / (w - 138 - 14);
	  const box = plot.querySelector("svg").getBoundingClientRect();
	  return box.top > innerHeight || box.bottom < 0 ? NaN : at * 1000 - %d;
	})()`, plot, first.At))
	if !(-50 < off && off < 50) {
		t.Errorf("the pin is %v ms off the first loss, or out of view", off)
	}
	b.calm()
}

// worseSample is keptSample and the same after a change for the worse.
func worseSample(t *testing.T) Comparison {
	a, b := keptSample(), keptSample()
	d := &b.Drills[2]
	d.Verdict, d.Recover = promise.Broken, 3*d.Recover
	d.Rulings[0].Verdict, d.Rulings[0].Because = promise.Broken, "2 of 4 workers served at the end"
	return compared(t, a, b)
}

func TestBrowserOpensTheComparison(t *testing.T) {
	b := newTab(t)
	for _, scheme := range []string{"light", "dark"} {
		b.prefer(scheme)
		b.open(worseSample(t).HTML)
		if got := ask[string](b, `document.querySelector("h1").textContent`); got != "B is worse" {
			t.Errorf("the page says %q first", got)
		}
		if n := ask[int](b, `document.querySelectorAll(".table-changed tbody tr").length`); n != 1 {
			t.Errorf("%d rulings changed, want 1", n)
		}
		if got := ask[[]float64](b, `[...document.querySelectorAll(".track i.B")].map((e) => e.getBoundingClientRect().width / e.parentElement.getBoundingClientRect().width)`); len(got) != 2 || got[1] < 0.99 {
			t.Errorf("bars of B are %v wide, want the second whole", got)
		}
		for _, faint := range ask[[]string](b, faintTexts) {
			t.Errorf("%s: too faint to read: %s", scheme, faint)
		}
		if ask[bool](b, `document.documentElement.scrollWidth > innerWidth`) {
			t.Error("the page is wider than the window")
		}
	}
	b.calm()
}

// TestBrowserShowsAllOnATelephone: nothing makes a page wider than a narrow window.
func TestBrowserShowsAllOnATelephone(t *testing.T) {
	b := newTab(t)
	b.do(chromedp.EmulateViewport(390, 844))
	for name, write := range map[string]func(io.Writer) error{"broken": htmlOf(brokenSample()), "hostile": htmlOf(evilSample()), "comparison": worseSample(t).HTML} {
		b.open(write)
		if w := ask[int](b, "document.documentElement.scrollWidth"); w > 390 {
			t.Errorf("%s: the page is %d pixels wide: %s", name, w, ask[string](b, widest))
		}
	}
	b.calm()
}

// widest names the innermost element that reaches furthest to the right, beside those in boxes that scroll.
const widest = `(() => {
  const free = [...document.querySelectorAll("body *")].filter((e) => !e.closest(".wide, .scroll, svg, pre"));
  const far = free.reduce((p, q) => (q.getBoundingClientRect().right >= p.getBoundingClientRect().right ? q : p));
  return far.outerHTML.slice(0, 200);
})()`

// TestBrowserPrints: what is open is in the print, with its timelines.
func TestBrowserPrints(t *testing.T) {
	b := newTab(t)
	b.open(htmlOf(keptSample()))
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	if got := ask[string](b, "(({ color, backgroundColor }) => color + ' on ' + backgroundColor)(getComputedStyle(document.body))"); got != "rgb(21, 27, 35) on rgb(255, 255, 255)" {
		t.Errorf("somebody who prefers dark prints %s", got)
	}
	if n := ask[int](b, `[...document.querySelectorAll(".wide, .scroll")].filter((e) => e.scrollHeight > e.clientHeight + 1).length`); n > 0 {
		t.Errorf("%d tables are cut off on paper", n)
	}
	if n := ask[int](b, `[...document.querySelectorAll(".tools, .hint, .overview, .copy")].filter((e) => e.checkVisibility()).length`); n > 0 {
		t.Errorf("%d elements that are of no use on paper are printed", n)
	}
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPrintBackground()))
	if err != nil {
		t.Fatal(err)
	}
	if len(pdf) < 50_000 {
		t.Errorf("the print has %d bytes: there can be no timeline in it", len(pdf))
	}
	b.calm()
}

// TestBrowserIsQuickWithManyRequests: the page of a run with 100,000 requests, in five
// drills or in one, is there, its first timeline drawn, within two seconds.
func TestBrowserIsQuickWithManyRequests(t *testing.T) {
	b := newTab(t)
	for name, r := range map[string]Report{"five drills": bigSample(), "one drill": longSample()} {
		file := filepath.Join(t.TempDir(), "report.html")
		if err := create(file, htmlOf(r)); err != nil {
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
		b.do(chromedp.Navigate("file://" + file))
		b.until(`document.querySelector(".plot .said")`)
		first := time.Since(begin)
		b.script(`document.getElementById("expand").click()`)
		b.drawn()
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
	b.calm()
}
