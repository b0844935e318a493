// Package cli is the edge between the command line and the verbs of pm2drill: exit codes,
// messages, and what cobra leaves open.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Exit codes, as the README lists them.
const (
	ExitKept         = 0
	ExitBroken       = 1
	ExitInconclusive = 2
	ExitUsage        = 64  // the caller's input cannot be used
	ExitInternal     = 70  // the harness, or what it needs, failed
	ExitInterrupted  = 130 // Ctrl-C, a closed terminal or SIGTERM
)

// ExitCode returns the exit code for the verdict of a whole run.
func ExitCode(v promise.Verdict) int {
	switch v {
	case promise.Kept:
		return ExitKept
	case promise.Broken:
		return ExitBroken
	}
	return ExitInconclusive
}

// Call is one call of a verb, with its flags parsed.
type Call struct {
	Name   string   // of the verb, for messages
	Args   []string // what is no flag, in the order given
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}

// UsageError reports input that cannot be used. It exits with 64.
type UsageError string

func (e UsageError) Error() string { return string(e) }

// Complain prints one line that names the bad input, and returns its exit code.
func (c Call) Complain(format string, args ...any) int {
	fmt.Fprintf(c.Stderr, "pm2drill %s: %s\n", c.Name, fmt.Sprintf(format, args...))
	return ExitUsage
}

// PrintJSON prints a value on stdout as indented JSON, and returns the exit code for that.
func (c Call) PrintJSON(value any) int {
	enc := json.NewEncoder(c.Stdout)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return c.Fail(fmt.Errorf("cannot print the result: %w", err))
	}
	return ExitKept
}

// Fail prints a failure of pm2drill or of what it needs, and returns its exit code.
func (c Call) Fail(err error) int {
	fmt.Fprintf(c.Stderr, "pm2drill %s: %v\n", c.Name, err)
	return ExitInternal
}

// Refuse prints why the verb cannot go on, and returns the exit code for that: bad input, an
// interrupt, or a failure.
func (c Call) Refuse(err error) int {
	var usage UsageError
	var engine drill.EngineError
	var image cluster.ImageError
	switch {
	case errors.As(err, &usage) || errors.As(err, &engine) || errors.As(err, &image):
		return c.Complain("%v", err)
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(c.Stderr, "pm2drill %s: interrupted; what was started has been removed\n", c.Name)
		return ExitInterrupted
	}
	return c.Fail(err)
}
