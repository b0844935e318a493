package drill

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/observer"
)

// Engine is the engine under test: a command that runs in the cluster's
// container. The zero Engine is the bystander that is not even there.
type Engine struct {
	Name    string
	Command []string
	Image   string // a container of it runs beside the cluster's; "" for none. Command may be nil then: its own
	Files   fs.FS  // its folder, copied to cluster.EngineDir, where Command runs; nil for none
	Trace   string // a file of its own in the container, in which it records what it sees; "" for none
}

// Present reports whether there is an engine to ask.
func (e Engine) Present() bool { return len(e.Command) > 0 || e.Image != "" }

// Image is an engine that comes as an image, with a line of shell or its own command.
func Image(image, line string) Engine {
	e := Engine{Name: image, Image: image}
	if line != "" {
		e.Command = Shell("", line, nil).Command
	}
	return e
}

// Shell is an engine that is a line of shell. Its folder is optional.
func Shell(name, line string, files fs.FS) Engine {
	return Engine{Name: name, Command: []string{"sh", "-c", "exec " + line}, Files: files}
}

// Reference is the reference engine of this binary.
func Reference(version string) Engine {
	return Engine{Name: strings.TrimSpace(reference + " engine " + version), Command: []string{reference, "engine"}}
}

// reference is the reference engine's command on the container's PATH.
const reference = "pm2drill"

// isReference reports whether the engine is a command of pm2drill itself.
func (e Engine) isReference() bool {
	return strings.HasPrefix(strings.Join(e.Command, " "), reference+" ") ||
		strings.HasPrefix(strings.Join(e.Command, " "), "sh -c exec "+reference+" ")
}

// EngineError is an engine that cannot be run at all.
type EngineError struct{ what string }

func (e EngineError) Error() string { return e.what }

// startEngine starts the engine under test as production would: the operator's
// user, the contract's environment, no word of the experiment.
func (r *run) startEngine(ctx context.Context) error {
	spec := cluster.StreamSpec{
		Cmd: r.drill.Engine.Command,
		Env: engine.Environment(r.drill.App.Name, r.drill.App.URL(), fmt.Sprintf("http://127.0.0.1:%d/", alertPort)),
	}
	if r.drill.Engine.Files != nil {
		spec.Dir = cluster.EngineDir
	}
	start := r.site.Cluster.Stream
	if r.drill.Engine.Image != "" {
		start = func(ctx context.Context, spec cluster.StreamSpec) (*cluster.Stream, error) {
			return r.site.Cluster.Beside(ctx, r.drill.Engine.Image, spec)
		}
	}
	r.mark(evidence.Mark{Name: evidence.MarkEngine})
	s, err := start(ctx, spec)
	if err != nil {
		return fmt.Errorf("cannot start the engine: %w", err)
	}
	r.engine = s
	var ended atomic.Bool
	r.site.Ask = func(_ context.Context, request engine.Request) error {
		// One that has ended hears nothing, which is the engine's affair.
		if err := engine.EncodeRequest(s.Stdin, request); err != nil && !ended.Load() {
			return err
		}
		return nil
	}
	if err := r.watchEngine(ctx, s); err != nil {
		return err
	}
	began := r.readClock()
	r.readers.Go(func() {
		if r.hear(s.Stdout) {
			ended.Store(true)
			r.recordEngineEnd(ctx, s, r.readClock()-began)
		}
	})
	return nil
}

// watchEngine has the observer tell what the engine uses of the host. One that has ended
// uses nothing.
func (r *run) watchEngine(ctx context.Context, s *cluster.Stream) error {
	pid, err := waitForPID(ctx, s)
	if err == nil && pid > 0 {
		_, err = io.WriteString(r.observer.Stdin, observer.WatchEngine(pid)+"\n")
	}
	if err != nil {
		return fmt.Errorf("cannot watch what the engine uses: %w", err)
	}
	return nil
}

// waitForPID waits for the process that a stream has started. It returns 0 for one that
// Docker has not told of in time: what it uses is not on record then, and nothing is
// ruled of it.
func waitForPID(ctx context.Context, s *cluster.Stream) (int, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, soon, errNotTold)
	defer cancel()
	for tick := time.NewTicker(look); ; {
		pid, err := s.PID(ctx)
		if err != nil || pid > 0 {
			tick.Stop()
			return pid, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			if cause := context.Cause(ctx); !errors.Is(cause, errNotTold) {
				return 0, cause
			}
			return 0, nil
		}
	}
}

var errNotTold = errors.New("the process is not there in time")

// What of an engine's words is kept: it is somebody else's program. An engine that
// says more is not read any further, and in the end it waits for a reader.
const (
	mostHeard = 64 << 20 // bytes
	mostLines = 20000
)

// hear records what the engine says, to its end or to the bound of what is kept,
// and reports whether it has ended.
func (r *run) hear(stdout io.Reader) bool {
	rest := &io.LimitedReader{R: stdout, N: mostHeard}
	n := 0
	for raw, err := range engine.RawLines(rest) {
		if errors.Is(err, io.ErrClosedPipe) {
			break // nobody listens any more
		}
		if n++; n > mostLines {
			break
		}
		if err != nil {
			raw = []byte(err.Error())
		}
		r.recordEngineLine(raw)
	}
	if rest.N > 0 && n <= mostLines {
		return true
	}
	r.mark(evidence.Mark{Name: evidence.MarkEngineMuted,
		Note: fmt.Sprintf("it printed %d bytes in %d lines, and was not read any further", mostHeard-rest.N, n)})
	return false
}

// recordEngineLine records one line of the engine. It is a claim and may be garbage: what
// is no JSON object is kept as a claim without a type, and a line that breaks the
// contract is kept with what is wrong in it.
func (r *run) recordEngineLine(b []byte) {
	c := evidence.Claim{At: r.readClock(), ID: -1}
	var l engine.Line
	if err := json.Unmarshal(b, &l); err != nil {
		c.Raw, _ = json.Marshal(string(b)) // a string always has a JSON form
	} else {
		c.Type, c.Cause, c.Action, c.Phase = l.Type, string(l.Cause), l.Action, l.Phase
		c.PID, c.Why, c.Raw = l.PID, l.Why, bytes.Clone(bytes.TrimSpace(b))
		if l.ID != nil {
			c.ID = *l.ID
		}
	}
	if _, err := engine.DecodeLine(b); err != nil {
		c.Wrong = err.Error()
	}
	r.log.add(evidence.Line{Claim: &c})
}

// Exit codes by which a shell says that there is nothing to run, and how soon it
// says so.
const (
	cannotExecute = 126
	notFound      = 127
	soon          = 5 * time.Second
)

// recordEngineEnd records that the engine has ended before it was told to. That does not
// end the drill: the promises tell what came of it. A command that cannot be run is no
// engine, and ends the drill.
func (r *run) recordEngineEnd(ctx context.Context, s *cluster.Stream, after time.Duration) {
	if r.hasGivenUp(s) || r.ending.Load() {
		return
	}
	code, err := s.Wait(ctx)
	if err != nil {
		r.fail(err)
		return
	}
	said := strings.TrimSpace(s.Stderr())
	if (code == cannotExecute || code == notFound) && after < soon {
		r.fail(EngineError{fmt.Sprintf("cannot run the engine %q in the cluster's container: exit code %d: %s", r.drill.Engine.Name, code, said)})
		return
	}
	note := fmt.Sprintf("exit code %d after %.1f s", code, after.Seconds())
	if said != "" {
		note += ": " + said[max(0, len(said)-mostSaid):]
	}
	r.mark(evidence.Mark{Name: evidence.MarkEngineEnded, Note: note})
}

// mostSaid bounds the last words of an engine that are kept, in bytes.
const mostSaid = 1 << 10

// asks is a fault that is a request: the engine must be able to do what it asks.
type asks interface{ Asks() string }

// waitForDeclared waits for the engine to say that it can do what the fault asks of it,
// and marks the drill as skipped if it does not.
func (r *run) waitForDeclared(ctx context.Context) (bool, error) {
	request, ok := r.drill.Fault.(asks)
	if !ok || request.Asks() == "" || r.site.Ask == nil {
		return true, nil
	}
	ok, err := r.wait(ctx, declareWithin, func(e *evidence.Record) (string, bool) {
		for _, can := range e.Capabilities() {
			if can == request.Asks() {
				return "", true
			}
		}
		return fmt.Sprintf("the engine does not declare %q", request.Asks()), false
	})
	if err == nil && !ok {
		r.mark(evidence.Mark{Name: evidence.MarkSkipped, Note: request.Asks()})
	}
	return ok, err
}

// declareWithin is how long after the steady state an engine may take for its ready
// line.
const declareWithin = 5 * time.Second

// readTrace hands over what the engine has recorded.
func (r *run) readTrace(ctx context.Context) error {
	file := r.drill.Engine.Trace
	if file == "" {
		return nil
	}
	files, err := r.site.Cluster.ReadDir(ctx, file)
	if err != nil {
		return fmt.Errorf("cannot read the engine's trace: %w", err)
	}
	return r.bench.Traced(r.drill.Scenario, r.drill.Arm, files[path.Base(file)])
}
