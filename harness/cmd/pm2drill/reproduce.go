package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/scenarios"
)

const reproduceSynopsis = `[flags] NAME | --from CAPTURE

Starts the cluster of one scenario, brings it under load, hurts it, and stays, with a
view of what goes on and with the commands to look inside. No engine is there until you
start it. Leaving removes everything.

With --from it reads what ` + "`pm2drill capture`" + ` has taken down on a host, says what the
engine's rules make of it, and brings that about: the same versions of PM2 and Node, as
many workers, the same timeouts, and an app that fails the same way; or with --app yours.
`

func reproduceCommand(ctx context.Context, c call) int {
	fs := flag.NewFlagSet("reproduce", flag.ContinueOnError)
	f := runFlags{command: "reproduce", repeat: 1, jobs: 1}
	from := fs.String("from", "", "a file that pm2drill capture has written")
	app := fs.String("app", "", "of --from, the folder of the app itself, instead of one that fails the same way")
	plain := fs.Bool("diagnose", false, "of --from, only say what it is, and start nothing")
	decoy := fs.Bool("decoy", false, "the scenario's look-alike instead of its fault")
	fs.Int64Var(&f.seed, "seed", 0, "seed of the injection's timing; 0 draws one")
	f.versions(fs)
	f.subject(fs)
	names, code, done := parse(fs, c, reproduceSynopsis)
	if done {
		return code
	}
	switch {
	case (len(names) == 1) == (*from != ""):
		return complain(c, "reproduce", "name one scenario (`pm2drill list` shows them), or a capture with --from")
	case *from == "" && (*app != "" || *plain):
		return complain(c, "reproduce", "--app and --diagnose go with --from")
	}
	if wrong := f.wrong(); wrong != "" {
		return complain(c, "reproduce", "%s", wrong)
	}
	if *from != "" {
		return reproduceFrom(ctx, c, f, *from, *app, *plain)
	}
	todo, own, err := selected(names)
	switch {
	case err != nil:
		return misnamed(c, "reproduce", err)
	case len(todo) != 1:
		return complain(c, "reproduce", "%s is %d scenarios: name one", names[0], len(todo))
	case *decoy && todo[0].Decoy == nil:
		return complain(c, "reproduce", "%s has no decoy", names[0])
	}
	f.names = names
	return holdScenario(ctx, c, f, own, todo[0], armOf(todo[0], *decoy))
}

// holdScenario prepares what a scenario needs and shows it.
func holdScenario(ctx context.Context, c call, f runFlags, own map[string]string, sc scenarios.Scenario, arm string) int {
	s := session{flags: f, screen: newScreen(c.stdout, c.stderr, false), started: time.Now(), own: own, fleeting: true}
	if err := s.prepare(ctx); err != nil {
		return refuse(c, "reproduce", err)
	}
	return s.hold(ctx, c, sc, arm)
}

// armOf is the arm whose cluster and fault are set up.
func armOf(s scenarios.Scenario, decoy bool) string {
	switch {
	case decoy || s.Fault == nil && s.Claim == nil:
		return evidence.ArmDecoy
	case s.Claim != nil:
		return evidence.ArmClaim
	}
	return evidence.ArmControl
}

// hold shows the cluster until somebody has seen enough.
func (s *session) hold(ctx context.Context, c call, sc scenarios.Scenario, arm string) int {
	d, _, _ := sc.Arm(arm, s.engine())
	d.Engine = s.engine()
	bench := s.bench
	bench.Watch = s.screen.watch(sc.Name)
	console := newConsole(c)
	_, err := d.Hold(ctx, bench, func(ctx context.Context, h *drill.Held) error {
		return console.watch(ctx, h, report.Live{
			Title: fmt.Sprintf("%s, %s   PM2 %s, Node %s", sc.Name, arm, s.flags.pm2, s.flags.node), Hints: hints(h.Container()),
		})
	})
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, errLeft) {
		return refuse(c, "reproduce", err)
	}
	fmt.Fprintln(c.stdout, "what was started has been removed")
	return exitKept
}

// errLeft: somebody has seen enough.
var errLeft = errors.New("left")

// hints are commands for another terminal.
func hints(container string) []string {
	exec := "docker exec -it " + container[:12] + " "
	return []string{
		exec + "sh -c 'ss -tlnp; pm2 logs --nostream --lines 20'",
		exec + "pm2drill engine --dry-run",
		exec + "pm2 monit",
		exec + "sh",
	}
}

// console is the terminal that a held cluster is watched on, or whatever stands in
// its place.
type console struct {
	out  io.Writer
	keys <-chan byte // nil where there is no terminal
	file *os.File
	load float64
	said string // about the last key
}

func newConsole(c call) *console {
	k := &console{out: c.stdout, load: 1}
	in, isFile := c.stdin.(*os.File)
	if out, ok := c.stdout.(*os.File); ok && isFile && terminal(c.stdout) && term.IsTerminal(int(in.Fd())) {
		k.file = out
		k.keys = readKeys(in)
	}
	return k
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

// watch shows the cluster until a key, the end of ctx or a failure ends it.
func (k *console) watch(ctx context.Context, h *drill.Held, live report.Live) error {
	every := lineEvery
	if k.keys != nil {
		every = drawEvery
		state, err := term.MakeRaw(int(os.Stdin.Fd()))
		if err != nil {
			return fmt.Errorf("cannot read keys: %w", err)
		}
		fmt.Fprint(k.out, "\x1b[?1049h\x1b[?25l")
		defer func() {
			fmt.Fprint(k.out, "\x1b[?25h\x1b[?1049l")
			_ = term.Restore(int(os.Stdin.Fd()), state) // there is nothing left to do about it
		}()
	} else {
		for _, hint := range live.Hints {
			fmt.Fprintln(k.out, hint)
		}
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		k.draw(h, live)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case key, ok := <-k.keys:
			if !ok {
				return errLeft
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

const keysHelp = "[e] engine on/off  [l] lift the fault  [+] [-] load  [q] leave"

// draw shows a frame, or a line where there is no terminal.
func (k *console) draw(h *drill.Held, live report.Live) {
	live.State = k.state(h)
	if k.keys == nil {
		h.Look(func(r *evidence.Record, now time.Duration) {
			fmt.Fprintf(k.out, "%7.1f s  %d of %d workers serve, %d dropped, %s\n", (now - r.Header.Start).Seconds(),
				len(r.Serving(now-time.Second, now)), r.Header.Workers, len(r.Dropped()), live.State)
		})
		return
	}
	live.Width, live.Height, live.Keys, live.Colour = 80, 24, keysHelp, os.Getenv("NO_COLOR") == ""
	if w, height, err := term.GetSize(int(k.file.Fd())); err == nil {
		live.Width, live.Height = w, height
	}
	var frame []string
	h.Look(func(r *evidence.Record, now time.Duration) { frame = live.Frame(r, now) })
	fmt.Fprintf(k.out, "\x1b[H%s\x1b[K\x1b[J", strings.Join(frame, "\x1b[K\r\n"))
}

// state says what is under way.
func (k *console) state(h *drill.Held) string {
	words := []string{"the fault bites"}
	h.Look(func(r *evidence.Record, _ time.Duration) {
		_, steady := r.Mark(evidence.MarkSteady)
		_, injected := r.Mark(evidence.MarkInject)
		bitten, bites := r.Mark(evidence.MarkBitten)
		switch {
		case !steady:
			words[0] = "the cluster never became steady, so nothing was done to it"
		case !injected:
			words[0] = "nothing is done to it"
		case !bites:
			words[0] = "the fault was injected and has not been seen to bite"
		default:
			words[0] = "the fault bites: " + bitten.Note
		}
	})
	if h.Lifted() {
		words[0] = "the fault is lifted"
	}
	words = append(words, "no engine")
	if h.EngineRuns() {
		words[1] = h.EngineName() + " runs"
	}
	if k.load != 1 {
		words = append(words, fmt.Sprintf("%g times the load", k.load))
	}
	if k.said != "" {
		words = append(words, k.said)
	}
	return strings.Join(words, "   ")
}

// press does what a key asks for.
func (k *console) press(ctx context.Context, h *drill.Held, key byte) error {
	k.said = ""
	var err error
	switch key {
	case 'q', 'Q', 3, 4, 27: // Ctrl-C, Ctrl-D and Escape as well
		return errLeft
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
