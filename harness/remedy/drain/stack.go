package drain

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
)

//go:embed stack.js
var stackJS string

// Stack returns where a process is whose event loop is blocked in JavaScript: its calls,
// the innermost first, as V8 writes them ("work (/srv/app/jobs.js:12:5)"). V8 runs what the
// inspector is told in the midst of whatever code is running, so that it needs no turn of
// the event loop. Where the process waits in a system call it cannot be asked.
//
// It does not close the inspector, for which the event loop would have to turn: the
// caller ends the process, and the guard stands by. Errors wrap ErrInspector.
func (d Drainer) Stack(ctx context.Context, pid int) ([]string, error) {
	d = d.setDefaults()
	var text string
	err := d.reachInspector(ctx, pid, func(bool) error {
		s, err := d.dialTarget(ctx)
		if err != nil {
			return err
		}
		var o outcome
		// A promise would wait for its turn: none is awaited.
		err = s.do(ctx, "Runtime.evaluate", runtimeEvaluate{Expression: stackJS, ByValue: true}, &o)
		if err = errors.Join(err, o.getError()); err == nil {
			err = decode(o.Result, &text)
		}
		return errors.Join(err, s.close())
	})
	if err != nil {
		return nil, fmt.Errorf("cannot see where process %d is: %w: %w", pid, ErrInspector, err)
	}
	return parseStack(text), nil
}

// parseStack returns the calls of a stack, without those of the inspector and Node's own
// that lead to it.
func parseStack(text string) []string {
	var calls []string
	for line := range strings.Lines(text) {
		call, ok := strings.CutPrefix(strings.TrimSpace(line), "at ")
		if !ok || strings.HasPrefix(call, "<anonymous>:") || strings.HasPrefix(call, "node:internal/") || strings.Contains(call, "(node:internal/") || strings.Contains(call, "(<anonymous>:") {
			continue
		}
		calls = append(calls, call)
	}
	return calls
}
