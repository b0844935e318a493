package report

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a browser may take for all that a test asks of it.
const patience = 2 * time.Minute

// tab is a tab of a headless browser, and what went wrong in it.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string // errors on the console, exceptions, requests for anything but the page
}

// newTab starts a browser; it ends with the test.
func newTab(t *testing.T) *tab {
	t.Helper()
	if os.Getenv("PM2DRILL_BROWSER_TEST") == "" {
		t.Skip("set PM2DRILL_BROWSER_TEST=1 to open the pages in chromium; make test-browser does")
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.WindowSize(1280, 1000))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	return b
}

func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		for _, arg := range e.Args {
			b.troubles = append(b.troubles, fmt.Sprintf("console %s: %s%s", e.Type, arg.Value, arg.Description))
		}
	case *runtime.EventExceptionThrown:
		b.troubles = append(b.troubles, fmt.Sprintf("exception: %+v", e.ExceptionDetails))
	case *log.EventEntryAdded:
		b.troubles = append(b.troubles, "log: "+e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if e.Type != network.ResourceTypeDocument {
			b.troubles = append(b.troubles, "request: "+e.Request.URL)
		}
	}
}

// calm fails the test if anything went wrong in the tab so far.
func (b *tab) calm() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.troubles {
		b.t.Error(s)
	}
	b.troubles = nil
}

// do takes steps, or ends the test.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// script runs one for what it does.
func (b *tab) script(text string) { b.t.Helper(); b.do(chromedp.Evaluate[chromedp.Void](text)) }

// until waits for a condition.
func (b *tab) until(condition string) {
	b.t.Helper()
	b.do(chromedp.Poll[chromedp.Void](condition))
}

// ask runs a script, which may be a promise, and reads what it comes to.
func ask[T any](b *tab, script string) T {
	b.t.Helper()
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// call gives the browser a command of its protocol.
func call[P, R any](b *tab, cmd cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, cmd, params); err != nil {
		b.t.Fatal(err)
	}
}

// prefer has pages look as somebody who prefers a scheme, light or dark, sees them.
func (b *tab) prefer(scheme string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// open writes a page to a file, opens it, and waits until every timeline of an open
// drill is drawn.
func (b *tab) open(write func(io.Writer) error) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "page.html")
	if err := create(file, write); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Navigate("file://" + file))
	b.drawn()
}

const undrawn = `[...document.querySelectorAll("details[open] .plot")].filter((p) => !p.querySelector(".said")).length`

func (b *tab) drawn() {
	b.t.Helper()
	b.until(undrawn + " === 0")
}

func htmlOf(r Report) func(io.Writer) error {
	return func(w io.Writer) error { return HTML(w, DigestOf(r)) }
}
