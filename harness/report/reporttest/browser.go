package reporttest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
const patience = 5 * time.Minute

// Tab is a tab of a headless browser, and what went wrong in it.
type Tab struct {
	T   *testing.T
	Ctx context.Context

	mu       sync.Mutex
	troubles []string // errors on the console, exceptions, requests for anything but the page
}

// NewTab starts a browser; it ends with the test.
func NewTab(t *testing.T) *Tab {
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
	b := &Tab{T: t, Ctx: ctx}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	Call(b, network.Enable, network.EnableParams{})
	Call(b, log.Enable, cdp.Empty{})
	return b
}

func (b *Tab) hear(event any) {
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

// Calm fails the test if anything went wrong in the tab so far.
func (b *Tab) Calm() {
	b.T.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.troubles {
		b.T.Error(s)
	}
	b.troubles = nil
}

// Do takes steps, or ends the test.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.T.Helper()
	if err := chromedp.Do(b.Ctx, steps...); err != nil {
		b.T.Fatal(err)
	}
}

// Script runs one for what it does.
func (b *Tab) Script(text string) { b.T.Helper(); b.Do(chromedp.Evaluate[chromedp.Void](text)) }

// Until waits for a condition, for as long as the tab has. While a page takes the place of
// another one there is nothing that a script could run in.
func (b *Tab) Until(condition string) {
	b.T.Helper()
	for tick := time.NewTicker(pollEvery); ; {
		met, err := chromedp.Run(b.Ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		if err == nil && met {
			tick.Stop()
			return
		}
		if err != nil && !strings.Contains(err.Error(), "Cannot find context") {
			b.T.Fatalf("cannot wait for %s: %v", condition, err)
		}
		select {
		case <-tick.C:
		case <-b.Ctx.Done():
			b.T.Fatalf("%s is not met within %s", condition, patience)
		}
	}
}

// pollEvery is how often a condition is looked at.
const pollEvery = 20 * time.Millisecond

// Ask runs a script, which may be a promise, and reads what it comes to.
func Ask[T any](b *Tab, script string) T {
	b.T.Helper()
	out, err := chromedp.Run(b.Ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.T.Fatal(err)
	}
	return out
}

// Call gives the browser a command of its protocol.
func Call[P, R any](b *Tab, cmd cdp.Command[P, R], params P) {
	b.T.Helper()
	if _, err := chromedp.Call(b.Ctx, cmd, params); err != nil {
		b.T.Fatal(err)
	}
}

// Prefer has pages look as somebody who prefers a scheme, light or dark, sees them.
func (b *Tab) Prefer(scheme string) {
	b.T.Helper()
	Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// Open writes a page to a file, opens it, and waits until every timeline of an open
// drill is drawn.
func (b *Tab) Open(write func(io.Writer) error) {
	b.T.Helper()
	file := filepath.Join(b.T.TempDir(), "page.html")
	if err := Save(file, write); err != nil {
		b.T.Fatal(err)
	}
	b.Do(chromedp.Navigate("file://" + file))
	b.Drawn()
}

const undrawn = `[...document.querySelectorAll("details[open] .plot")].filter((p) => !p.querySelector(".said")).length`

func (b *Tab) Drawn() {
	b.T.Helper()
	b.Until(undrawn + " === 0")
}

// Save writes a page to a file.
func Save(file string, write func(io.Writer) error) error {
	var page bytes.Buffer
	if err := write(&page); err != nil {
		return err
	}
	return os.WriteFile(file, page.Bytes(), 0o600)
}
