package field

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// process is a running engine: a command, its lines and its end.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	ready chan struct{} // closed by its ready line
	ended chan struct{}
	code  int // after ended
	// killed: the schedule has ended it.
	killed atomic.Bool
}

func (p *process) kill() error {
	p.killed.Store(true)
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.ended
	return nil
}

// end asks the engine to end, and waits for at most 20 s.
func (p *process) end() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// startEngine starts `pm2drill engine` and waits until it is ready or has ended.
func (a *arm) startEngine(ctx context.Context) error {
	args := []string{"engine", "--home", a.getHome(), "--alert-url", a.alertURL}
	app := a.c.Engine.App
	if app == "" {
		app = a.c.parseName()
	}
	args = append(args, "--app", a.fill(app))
	if !a.c.Engine.NoURL {
		url := a.c.Engine.URL
		if url == "" {
			url = a.c.getProbeURL()
		}
		args = append(args, "--url", a.fill(url))
	}
	for _, arg := range a.c.Engine.Args {
		args = append(args, a.fill(arg))
	}
	p := &process{cmd: exec.Command(a.tools.Engine, args...), ready: make(chan struct{}), ended: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir = a.env, a.dir
	var stderr bytes.Buffer
	p.cmd.Stderr = &stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("cannot start the engine: %w", err)
	}
	began := time.Now()
	var once sync.Once
	go func() {
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			at, text := time.Now(), lines.Text()
			a.note(func(r *Record) { r.Lines = append(r.Lines, Said{a.computeSince(at), text}) })
			if strings.Contains(text, `"type":"ready"`) {
				once.Do(func() { close(p.ready) })
			}
		}
		_ = p.cmd.Wait()
		p.code = p.cmd.ProcessState.ExitCode()
		at := time.Now()
		a.note(func(r *Record) {
			r.Stderr += stderr.String()
			if !p.killed.Load() {
				r.Ended = &Ending{a.computeSince(at), p.code}
			}
		})
		close(p.ended)
	}()
	a.engine = p
	select {
	case <-p.ready:
		a.note(func(r *Record) { r.Ready = time.Since(began) })
	case <-p.ended:
	case <-ctx.Done():
	case <-time.After(15 * time.Second):
	}
	return nil
}

// ask writes a request to the engine's stdin. That the engine has ended is no failure of
// the test: the record says it.
func (a *arm) ask(request string) error {
	select {
	case <-a.engine.ended:
		return nil
	default:
	}
	_, err := io.WriteString(a.engine.stdin, request+"\n")
	return err
}

// receiveAlerts serves the engine's alerts until ctx ends.
func (a *arm) receiveAlerts(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	a.alertURL = "http://" + l.Addr().String() + "/alerts"
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		at := time.Now()
		if a.refuse.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(io.LimitReader(q.Body, 1<<20))
		if err != nil {
			return
		}
		a.note(func(r *Record) { r.Alerts = append(r.Alerts, Said{a.computeSince(at), string(body)}) })
	})}
	go func() { _ = srv.Serve(l) }()
	context.AfterFunc(ctx, func() { srv.Close() })
	return nil
}
