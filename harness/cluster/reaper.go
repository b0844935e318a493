package cluster

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// reaper is a process that outlives this one for as long as it takes to remove
// what the run has created.
//
//	harness --(pipe)--> reaper: reads until the pipe ends, then removes by owner
//
// The pipe ends when the harness closes it, crashes, or is killed. The reaper
// has a session of its own, so that neither Ctrl-C nor a closed terminal
// reaches it. All its descriptors are pipes to the harness: who waits for the end
// of the harness's output does not wait for the reaper.
type reaper struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
	said *bytes.Buffer // on stderr; to be read when cmd has ended
}

// ready is the line by which the reaper says that it watches.
const ready = "ready\n"

// startReaper starts binary as the reaper of a run, and waits until it watches: nothing
// is made before.
func startReaper(binary, run, owner string, engines []string) (*reaper, error) {
	args := []string{"agent", "reap", "--run", run, "--owner", owner}
	for _, engine := range engines {
		args = append(args, "--engine", engine)
	}
	r := &reaper{cmd: exec.Command(binary, args...), said: &bytes.Buffer{}}
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	r.cmd.Stderr = r.said
	said, err := r.cmd.StdoutPipe()
	if err == nil {
		r.pipe, err = r.cmd.StdinPipe()
	}
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("cannot start the reaper: %w", err)
	}
	if line, err := bufio.NewReader(said).ReadString('\n'); line != ready {
		err = errors.Join(err, r.pipe.Close(), r.cmd.Wait())
		return nil, fmt.Errorf("cannot start the reaper: it said %q: %w", line+r.said.String(), err)
	}
	return r, nil
}

// close lets the reaper do its work. One that waits for an engine is left to it.
func (r *reaper) close() error {
	ended := make(chan error, 1)
	err := r.pipe.Close()
	go func() { ended <- r.cmd.Wait() }()
	select {
	case failed := <-ended:
		if err := errors.Join(err, failed); err != nil {
			return fmt.Errorf("cannot finish the reaper's work: %w: %s", err, strings.TrimSpace(r.said.String()))
		}
		return nil
	case <-time.After(removeWithin):
		return fmt.Errorf("cannot wait for the reaper: after %s it still removes what the run has made, and goes on with that", removeWithin)
	}
}

// Patience is for how long a reaper waits for an engine that is away.
const Patience = 10 * time.Minute

// How often the reaper looks, for how long it must have found nothing, and how long it
// goes on when it is told to end. A container that the engine was still creating
// when the harness died shows up late.
const (
	lookEvery = 300 * time.Millisecond
	quietFor  = 2 * time.Second
	grace     = 10 * time.Second
)

// Reaper removes what a run has made when its process is gone.
type Reaper struct {
	Run      string
	Owner    string // the process
	Engines  []*Docker
	Patience time.Duration // for an engine that does not answer
}

// Reap declares what is going to be made, says on out that it watches, waits until in
// ends, which is when the process that holds its other end is gone, and then removes
// everything of that run and its owner. An engine that does not answer may be about to:
// it is waited for, up to Patience. When ctx ends it comes to an end too, within seconds.
// The error says what could not be removed; it is kept in the owner's folder as well, for
// nobody may be there to hear it.
func (r Reaper) Reap(ctx context.Context, in io.Reader, out io.Writer) error {
	var addresses []string
	for _, d := range r.Engines {
		addresses = append(addresses, d.address)
	}
	if err := declare(r.Owner, addresses...); err != nil {
		return err
	}
	_, _ = io.WriteString(out, ready) // who does not hear it is gone: in has ended, too
	if err := r.watch(ctx, in); err != nil {
		return err
	}
	errs := make([]error, len(r.Engines))
	var under sync.WaitGroup
	for i, d := range r.Engines {
		under.Go(func() { errs[i] = r.empty(ctx, d) })
	}
	under.Wait()
	for i, d := range r.Engines {
		if errs[i] == nil {
			errs[i] = strike(r.Owner, d.address)
		}
	}
	left := errors.Join(errs...)
	if left == nil {
		return nil
	}
	return errors.Join(left, os.WriteFile(filepath.Join(findFolder(r.Owner), fileLeft), []byte(left.Error()), 0o600))
}

// watch waits until in ends. If it is told to end, the run may be about to as well.
func (r Reaper) watch(ctx context.Context, in io.Reader) error {
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, in)
		ended <- err
	}()
	var late <-chan time.Time
	told := ctx.Done()
	for {
		select {
		case err := <-ended:
			if err != nil {
				return fmt.Errorf("cannot watch over run %s: %w", r.Run, err)
			}
			return nil
		case <-told:
			told, late = nil, time.After(grace)
		case <-late:
			return fmt.Errorf("cannot watch over run %s any longer: the reaper was told to end, and the run goes on; what that leaves the next run removes", r.Run)
		}
	}
}

// empty removes what the run has on one engine, and its processes here.
func (r Reaper) empty(ctx context.Context, d *Docker) error {
	began := time.Now()
	for busy := began; time.Since(busy) < quietFor; time.Sleep(lookEvery) {
		n, err := r.round(ctx, d)
		if n > 0 || err != nil {
			busy = time.Now()
		}
		if err == nil {
			continue
		}
		because := ""
		switch {
		case ctx.Err() != nil:
			because = "the reaper was told to end"
		case time.Since(began) > r.Patience:
			because = fmt.Sprintf("the reaper has tried it for %s", r.Patience)
		default:
			continue
		}
		return fmt.Errorf("what run %s has made at %s is not removed, or not all of it: %s (%w). The next run there removes it, or `DOCKER_HOST=%s pm2drill clean`",
			r.Run, d.address, because, err, d.address)
	}
	return nil
}

// round removes what it finds, and counts it. When ctx ends it has a few seconds left.
func (r Reaper) round(ctx context.Context, d *Docker) (n int, err error) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeWithin)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(answersWithin, cancel) })()
	theirs := func(of string) bool { return of == r.Owner }
	// Processes first: they need no engine, and go on making things.
	n, err = remove(bounded, listProcesses, theirs)
	more, engineErr := remove(bounded, d.listLabelled(labelRun+"="+r.Run), theirs)
	return n + more, errors.Join(err, engineErr)
}
