package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// HasScreen reports whether the call's streams are a terminal that a screen can be drawn on.
// TERM=dumb is one that cannot place its cursor.
func HasScreen(c cli.Call) bool {
	in, ok := c.Stdin.(*os.File)
	return ok && cli.IsTerminal(in) && cli.IsTerminal(c.Stdout) && os.Getenv("TERM") != "dumb"
}

// Run shows the source until a key or the end of stdin (ErrLeft), the end of ctx (its cause)
// or an error of the source ends it.
func Run(ctx context.Context, c cli.Call, s Source) error {
	if !HasScreen(c) {
		tick := time.NewTicker(drawEvery)
		defer tick.Stop()
		return runLines(ctx, c.Stdout, s, openKeys(c), tick.C)
	}
	// Signals end ctx, and Ctrl-C is a key.
	p := tea.NewProgram(newModel(ctx, s), tea.WithContext(ctx), tea.WithInput(c.Stdin), tea.WithOutput(c.Stdout), tea.WithoutSignalHandler())
	last, err := p.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if m, ok := last.(model); ok && m.err != nil {
		return m.err
	}
	if err != nil {
		return fmt.Errorf("cannot show it on this terminal: %w", err)
	}
	return ErrLeft
}

// openKeys returns what is typed or comes by a pipe, nil where nobody can type.
func openKeys(c cli.Call) <-chan byte {
	if in, ok := c.Stdin.(*os.File); ok && (cli.IsPipe(in) || cli.IsTerminal(in)) {
		return readKeys(in)
	}
	return nil
}

// readKeys hands on what is read. It ends with the process.
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

// linesPer is how many looks there are to one line of the state: one in 5 s.
const linesPer = 10

// runLines prints the state and what is new as lines, at the pace of tick.
func runLines(ctx context.Context, out io.Writer, s Source, keys <-chan byte, tick <-chan time.Time) error {
	told := map[string]bool{}
	for n := 0; ; n++ {
		p, err := s.Look(ctx)
		if err != nil {
			return err
		}
		for _, note := range p.Notes {
			if !told[note] {
				told[note] = true
				fmt.Fprintln(out, note)
			}
		}
		if n == 0 {
			fmt.Fprintln(out, strings.Join(append(p.Hints, listPipedKeys(s, keys != nil)), "\n"))
		}
		if n%linesPer == 0 {
			fmt.Fprintln(out, p.Brief)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick:
		case key, ok := <-keys:
			if !ok {
				return ErrLeft
			}
			if err := pressPiped(ctx, out, s, string(key)); err != nil {
				return err
			}
		}
	}
}

// pressPiped does what a letter from stdin asks for.
func pressPiped(ctx context.Context, out io.Writer, s Source, key string) error {
	if key == "q" {
		return ErrLeft
	}
	for _, k := range s.Keys() {
		if k.Name != key {
			continue
		}
		if err := k.Do(ctx); err != nil && !errors.Is(err, ctx.Err()) {
			fmt.Fprintln(out, err)
		}
	}
	return nil
}

// listPipedKeys says what stdin takes, where it takes anything.
func listPipedKeys(s Source, any bool) string {
	if !any {
		return "SIGINT or SIGTERM leaves: there is nobody on stdin"
	}
	words := "on stdin: "
	for _, k := range s.Keys() {
		words += k.Name + " "
		if k.Help != "" {
			words += k.Help + ", "
		}
	}
	return words + "q or its end leaves"
}
