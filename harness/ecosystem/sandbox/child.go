package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// Limits of a child: of its data, which the kernel enforces, and of its life.
const (
	childMemory = 1 << 30
	childTime   = evaluationTime + 500*time.Millisecond
)

// starved is what Go's runtime says when it gets no more memory, also that for the stack of a
// thread, with cgo and without, the race detector's when it does not, and Go's when a call is
// nested too deep.
var starved = regexp.MustCompile(`out of memory|cannot allocate memory|failed to create new OS thread|pthread_create failed|failed to allocate|stack overflow`)

// Child evaluates the request on stdin and writes the evaluation to stdout. It is for
// a process of its own: it limits the memory of the one that it runs in.
func Child(stdin io.Reader, stdout io.Writer) error {
	limit := syscall.Rlimit{Cur: childMemory, Max: childMemory}
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &limit); err != nil {
		return fmt.Errorf("cannot limit memory: %w", err)
	}
	debug.SetMemoryLimit(childMemory / 2)
	var req ecosystem.Request
	if err := json.NewDecoder(stdin).Decode(&req); err != nil {
		return fmt.Errorf("cannot read the request: %w", err)
	}
	if err := json.NewEncoder(stdout).Encode(Evaluate(req)); err != nil {
		return fmt.Errorf("cannot write the evaluation: %w", err)
	}
	return nil
}

// Run evaluates the file in a child process, started by command, which calls Child.
// The child has no environment and its memory and time are limited; an error is of
// the harness, never of the file.
func Run(ctx context.Context, command []string, req ecosystem.Request) (ecosystem.Evaluation, error) {
	var out ecosystem.Evaluation
	in, err := json.Marshal(req)
	if err != nil {
		return out, fmt.Errorf("cannot evaluate %s: %w", req.Path, err)
	}
	ctx, stop := context.WithTimeout(ctx, childTime)
	defer stop()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = []string{}, bytes.NewReader(in), &stdout, &stderr
	cmd.SysProcAttr = endWithParent()
	err = cmd.Run()
	switch {
	case req.Dialect == ecosystem.YAML && (ctx.Err() != nil || starved.MatchString(stderr.String())):
		// PM2's parser may be quicker, or take less memory.
		out.Unsupported = fmt.Sprintf("YAML that takes more than %v or %d MiB", childTime, childMemory>>20)
		return out, nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		why := explainSlow(computeSpent(cmd.ProcessState))
		out.Failure, out.Unsupported = why.failure, why.unsupported
		return out, nil
	case err != nil && starved.MatchString(stderr.String()):
		out.Failure = &ecosystem.Failure{Class: ecosystem.TooLarge, Message: fmt.Sprintf("loading the file takes more than %d MiB", childMemory>>20)}
		return out, nil
	case err != nil:
		return out, fmt.Errorf("cannot evaluate %s: %w: %.500s", req.Path, err, stderr.String())
	}
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		return out, fmt.Errorf("cannot evaluate %s: %w", req.Path, err)
	}
	return out, nil
}

// computeSpent returns the processor time of a process that has ended; 0 for one that
// never began.
func computeSpent(p *os.ProcessState) time.Duration {
	if p == nil {
		return 0
	}
	return p.UserTime() + p.SystemTime()
}
