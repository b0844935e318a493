package hold

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// errLeft: somebody has seen enough.
var ErrLeft = errors.New("left")

// Console is the terminal that a held cluster is watched on, or whatever stands in
// its place: then it shows lines, and takes letters from a pipe.
type Console struct {
	out    io.Writer
	in     *os.File    // nil where nobody can type
	screen *os.File    // the terminal that frames are drawn on; nil for lines
	keys   <-chan byte // nil where nobody can type
	news   chan string // to be shown from now on
	latest string      // of news
	notes  []string    // that hold throughout
	load   float64
	said   string // about the last key
}

// NewConsole returns a console on the streams of a call.
func NewConsole(c cli.Call) *Console {
	k := &Console{out: c.Stdout, load: 1, news: make(chan string, 1)}
	in, ok := c.Stdin.(*os.File)
	if !ok {
		return k
	}
	if out, ok := c.Stdout.(*os.File); ok && cli.IsTerminal(c.Stdout) && cli.IsTerminal(in) {
		k.in, k.screen = in, out
	} else if cli.IsPipe(in) || cli.IsTerminal(in) {
		k.in = in
	}
	if k.in != nil {
		k.keys = readKeys(k.in)
	}
	return k
}

// Note adds what is shown throughout. It must not be called once the console is watched.
func (k *Console) Note(texts ...string) { k.notes = append(k.notes, texts...) }

// Announce shows a text from now on, in place of the last one. It waits until the console
// takes it.
func (k *Console) Announce(text string) { k.news <- text }

// Conclude prints a text when the console is closed, unless it stands there already.
func (k *Console) Conclude(text string) {
	if k.screen != nil || k.latest != text {
		fmt.Fprintln(k.out, text)
	}
}

// readKeys hands on what is typed. It ends with the process.
func readKeys(in io.Reader) <-chan byte {
	keys := make(chan byte)
	go func() {
		defer close(keys)
		for b := make([]byte, 1); ; {
			if _, err := in.Read(b); err != nil {
				return
			}
			keys <- b[0]
		}
	}()
	return keys
}

// How often the view is drawn, on a terminal and in lines.
const (
	drawEvery = 500 * time.Millisecond
	lineEvery = 5 * time.Second
)

// What the keys do, on a terminal and where they come by a pipe.
const (
	keysHelp       = "[e] engine on/off  [l] lift the fault  [+] [-] load  [q] leave"
	pipedHelp      = "on stdin: e turns the engine on or off, l lifts the fault, + and - change the load, q or its end leaves"
	unattendedHelp = "SIGINT or SIGTERM leaves: there is nobody on stdin"
)

// Watch shows the cluster until a key, the end of ctx or a failure ends it.
func (k *Console) Watch(ctx context.Context, h *drill.Held, live render.Live) error {
	every, end, err := k.open(live.Hints)
	if err != nil {
		return err
	}
	defer end()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		k.draw(h, live)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case k.latest = <-k.news:
			if k.screen == nil {
				fmt.Fprintln(k.out, k.latest)
			}
		case key, ok := <-k.keys:
			if !ok {
				return ErrLeft
			}
			if err := k.press(ctx, h, key); err != nil {
				return err
			}
		case <-tick.C:
		}
		if err := h.Failed(); err != nil {
			return err
		}
	}
}

// open takes the terminal over, or says in lines what there is to say once.
func (k *Console) open(hints []string) (every time.Duration, end func(), err error) {
	if k.screen == nil {
		for _, line := range slices.Concat(k.notes, hints) {
			fmt.Fprintln(k.out, line)
		}
		help := unattendedHelp
		if k.keys != nil {
			help = pipedHelp
		}
		fmt.Fprintln(k.out, help)
		return lineEvery, func() {}, nil
	}
	state, err := term.MakeRaw(int(k.in.Fd()))
	if err != nil {
		return 0, nil, fmt.Errorf("cannot read keys: %w", err)
	}
	fmt.Fprint(k.out, "\r\x1b[2K\x1b[?1049h\x1b[?25l") // the progress has its last line there
	return drawEvery, func() {
		fmt.Fprint(k.out, "\x1b[?25h\x1b[?1049l")
		_ = term.Restore(int(k.in.Fd()), state) // there is nothing left to do about it
	}, nil
}

// draw shows a frame, or a line where there is no terminal.
func (k *Console) draw(h *drill.Held, live render.Live) {
	live.State = k.describeState(h)
	if k.screen == nil {
		h.Look(func(r *evidence.Record, now time.Duration) {
			fmt.Fprintf(k.out, "%7.1f s  %d of %d workers serve, %d dropped, %s\n", (now - r.Header.Start).Seconds(),
				len(r.StillServing(now-time.Second, now)), r.Header.Workers, len(r.Dropped()), live.State)
		})
		return
	}
	live.Notes = slices.Clone(k.notes)
	if k.latest != "" {
		live.Notes = append(live.Notes, k.latest)
	}
	live.Width, live.Height, live.Keys, live.Colour = 80, 24, keysHelp, os.Getenv("NO_COLOR") == ""
	if w, height, err := term.GetSize(int(k.screen.Fd())); err == nil {
		live.Width, live.Height = w, height
	}
	var frame []string
	h.Look(func(r *evidence.Record, now time.Duration) { frame = live.Frame(r, now) })
	fmt.Fprintf(k.out, "\x1b[H%s\x1b[K\x1b[J", strings.Join(frame, "\x1b[K\r\n"))
}

// describeState says what is under way.
func (k *Console) describeState(h *drill.Held) string {
	words := []string{"no engine"}
	if h.EngineRuns() {
		words[0] = h.EngineName() + " runs"
	}
	if k.said != "" {
		words = append(words, k.said)
	}
	if k.load != 1 {
		words = append(words, fmt.Sprintf("%g times the load", k.load))
	}
	words = append(words, DescribeFault(h)) // which may be long
	return strings.Join(words, "   ")
}

// DescribeFault returns the state of the fault in words: its effect, or why there is none.
func DescribeFault(h *drill.Held) (words string) {
	if h.Lifted() {
		return "the fault has been lifted"
	}
	h.Look(func(r *evidence.Record, _ time.Duration) {
		_, steady := r.Mark(evidence.MarkSteady)
		_, injected := r.Mark(evidence.MarkInject)
		effect, seen := r.Mark(evidence.MarkBitten)
		switch {
		case seen:
			words = "the fault has taken effect: " + effect.Note
		case injected:
			words = "the fault was injected, and no effect has been seen"
		case h.Harmless() || steady:
			words = "no fault is injected"
		default:
			words = "the cluster never became steady, so no fault was injected"
		}
	})
	return words
}

// HasTakenEffect reports whether an effect of the fault has been seen.
func HasTakenEffect(h *drill.Held) (ok bool) {
	h.Look(func(r *evidence.Record, _ time.Duration) { _, ok = r.Mark(evidence.MarkBitten) })
	return ok
}

// press does what a key asks for.
func (k *Console) press(ctx context.Context, h *drill.Held, key byte) error {
	k.said = ""
	var err error
	switch key {
	case 'q', 'Q', 3, 4, 27: // Ctrl-C, Ctrl-D and Escape as well
		return ErrLeft
	case 'e':
		err = h.Engine(ctx)
	case 'l':
		err = h.Lift(ctx)
	case '+':
		k.load *= 2
		err = h.Load(ctx, k.load)
	case '-':
		k.load /= 2
		err = h.Load(ctx, k.load)
	}
	if err != nil {
		k.said = err.Error()
	}
	return nil
}

// ListHints are commands for another terminal.
func ListHints(h *drill.Held) []string {
	exec := "docker exec -it " + h.Cluster().ID()[:12] + " "
	name, url := h.Subject()
	return []string{
		exec + "sh -c 'ss -tlnp; pm2 logs --nostream --lines 20'",
		exec + "pm2drill engine --dry-run --app " + cli.QuoteWord(name) + " --url " + cli.QuoteWord(url),
		exec + "pm2 monit",
		exec + "sh",
	}
}
