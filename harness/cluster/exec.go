package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
)

// Output is what a finished process left.
type Output struct {
	Stdout string
	Stderr string
	Code   int
}

// Failed is an error with the exit code and the last words of a process that ended
// with another code than 0; nil of one that did not.
func (o Output) Failed() error {
	if o.Code == 0 {
		return nil
	}
	return fmt.Errorf("exit code %d: %s", o.Code, strings.TrimSpace(o.Stderr+o.Stdout))
}

// Exec runs a command in the cluster's container as its user and waits for it.
// A command that fails is no error: Output has its code, and Failed makes one of it.
func (c *Cluster) Exec(ctx context.Context, cmd ...string) (Output, error) {
	return c.docker.exec(ctx, c.id, cmd...)
}

func (d *Docker) exec(ctx context.Context, id string, cmd ...string) (Output, error) {
	return d.runToEnd(ctx, id, StreamSpec{Cmd: cmd})
}

// runToEnd runs a process to its end.
func (d *Docker) runToEnd(ctx context.Context, id string, spec StreamSpec) (Output, error) {
	cmd := spec.Cmd
	s, err := d.startStream(ctx, id, spec)
	if err != nil {
		return Output{}, err
	}
	if err := s.Stdin.Close(); err != nil {
		return Output{}, errors.Join(fmt.Errorf("cannot run %s: %w", cmd[0], err), s.hang(err))
	}
	stop := context.AfterFunc(ctx, func() { s.attached.Close() })
	defer stop()
	stdout, err := io.ReadAll(s.Stdout)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return Output{}, errors.Join(fmt.Errorf("cannot run %s: %w", cmd[0], err), s.hang(err))
	}
	code, err := s.Wait(ctx)
	return Output{Stdout: string(stdout), Stderr: s.Stderr(), Code: code}, err
}

// StreamSpec is a process to run beside PM2.
type StreamSpec struct {
	Cmd []string
	Env map[string]string
	Dir string // where it runs, "" for the image's own
}

// listEnv returns the environment as Docker takes it.
func (s StreamSpec) listEnv() []string {
	var env []string
	for name, value := range s.Env {
		env = append(env, name+"="+value)
	}
	return env
}

// Stream is a process under way. Read Stdout until it ends, then Wait.
type Stream struct {
	Stdin  io.WriteCloser // closing it is how the process is told to end
	Stdout io.Reader

	name     string
	code     func(context.Context) (code int, running bool, err error)
	pid      func(context.Context) (int, error)
	attached client.HijackedResponse
	out      *io.PipeReader // Stdout
	in       *io.PipeWriter // its other end
	stderr   tail
	done     chan struct{}
}

// Stream starts a process in the cluster's container and returns at once. It
// must end when its stdin does: that is also what happens when this process
// dies.
func (c *Cluster) Stream(ctx context.Context, spec StreamSpec) (*Stream, error) {
	return c.docker.startStream(ctx, c.id, spec)
}

func (d *Docker) startStream(ctx context.Context, id string, spec StreamSpec) (*Stream, error) {
	made, err := d.api.ExecCreate(ctx, id, client.ExecCreateOptions{
		Cmd: spec.Cmd, Env: spec.listEnv(), WorkingDir: spec.Dir, AttachStdin: true, AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		return nil, fmt.Errorf("cannot run %s: %w", spec.Cmd[0], err)
	}
	attached, err := d.api.ExecAttach(ctx, made.ID, client.ExecAttachOptions{})
	if err != nil {
		return nil, fmt.Errorf("cannot run %s: %w", spec.Cmd[0], err)
	}
	s := newStream(spec.Cmd[0], attached.HijackedResponse)
	s.code = func(ctx context.Context) (int, bool, error) {
		r, err := d.api.ExecInspect(ctx, made.ID, client.ExecInspectOptions{})
		return r.ExitCode, r.Running, err
	}
	s.pid = func(ctx context.Context) (int, error) {
		r, err := d.api.ExecInspect(ctx, made.ID, client.ExecInspectOptions{})
		return r.PID, err
	}
	go s.read()
	return s, nil
}

func newStream(name string, attached client.HijackedResponse) *Stream {
	s := &Stream{Stdin: stdin{attached}, name: name, attached: attached, done: make(chan struct{})}
	s.out, s.in = io.Pipe()
	s.Stdout = s.out
	return s
}

// read takes the connection's two outputs apart until it ends.
func (s *Stream) read() {
	defer close(s.done)
	_, err := stdcopy.StdCopy(s.in, &s.stderr, s.attached.Reader)
	if errors.Is(err, net.ErrClosed) {
		err = nil // we have given it up ourselves
	}
	s.in.CloseWithError(err) // nil reads as EOF
}

// stdin is the half of the connection that leads to the process.
type stdin struct{ client.HijackedResponse }

func (s stdin) Write(b []byte) (int, error) { return s.Conn.Write(b) }
func (s stdin) Close() error                { return s.CloseWrite() }

// Stderr is the end of what the process has said there.
func (s *Stream) Stderr() string { return s.stderr.String() }

// Wait returns the exit code once Stdout has been read to its end.
func (s *Stream) Wait(ctx context.Context) (int, error) {
	select {
	case <-s.done:
	case <-ctx.Done():
		return 0, fmt.Errorf("cannot wait for %s: %w", s.name, ctx.Err())
	}
	s.attached.Close()
	// The engine closes the stream a moment before it has the exit code.
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		code, running, err := s.code(ctx)
		if err != nil {
			return 0, fmt.Errorf("cannot learn how %s ended: %w", s.name, err)
		}
		if !running {
			tick.Stop()
			return code, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return 0, fmt.Errorf("cannot learn how %s ended: %w", s.name, ctx.Err())
		}
	}
}

// PID is the process in the pid namespace of the Docker host, 0 if it has ended.
func (s *Stream) PID(ctx context.Context) (int, error) {
	pid, err := s.pid(ctx)
	if err != nil {
		err = fmt.Errorf("cannot learn which process %s is: %w", s.name, err)
	}
	return pid, err
}

// Running reports whether the process has not ended.
func (s *Stream) Running(ctx context.Context) (bool, error) {
	_, running, err := s.code(ctx)
	if err != nil {
		err = fmt.Errorf("cannot learn whether %s runs: %w", s.name, err)
	}
	return running, err
}

// Close tells the process to end, by closing its stdin, and waits a while for
// it. Nobody need read Stdout any more. One that does not end goes with its
// container.
func (s *Stream) Close(ctx context.Context) error {
	defer s.attached.Close()
	if err := s.Stdin.Close(); err != nil {
		return s.hang(err)
	}
	select {
	case <-s.done:
		return nil
	case <-time.After(closeWithin):
	case <-ctx.Done():
	}
	return s.out.Close() // what it may still say is for nobody
}

// hang gives the connection up.
func (s *Stream) hang(error) error {
	s.attached.Close()
	return nil
}

const closeWithin = 2 * time.Second

// Signal sends a signal, such as TERM, to the process, which may run in any container of
// the cluster. One that has ended is no error.
func (c *Cluster) Signal(ctx context.Context, s *Stream, signal string) error {
	pid, err := s.PID(ctx)
	if err != nil || pid == 0 {
		return err
	}
	kill, err := c.docker.startStream(ctx, c.outside, StreamSpec{Cmd: []string{"sh", "-c", fmt.Sprintf("kill -%s %d", signal, pid)}})
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, kill.Stdout); err != nil {
		return fmt.Errorf("cannot signal %s: %w", s.name, err)
	}
	code, err := kill.Wait(ctx)
	if running, look := s.Running(ctx); look == nil && !running {
		return nil
	}
	if err == nil {
		err = Output{Code: code, Stderr: kill.Stderr()}.Failed()
	}
	return err
}

// tail keeps the last bytes that were written to it.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const tailSize = 64 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(b)
	if over := t.buf.Len() - tailSize; over > 0 {
		t.buf.Next(over)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
