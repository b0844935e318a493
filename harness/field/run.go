package field

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Tools are the programs that a run uses.
type Tools struct {
	Node   string                 // Node's binary
	PM2    string                 // PM2's script
	Engine string                 // pm2drill
	Dir    string                 // folder of the run; short, for it holds sockets
	Apps   func(app string) fs.FS // the folder of an app
	Ports  func() (int, error)    // a free port
}

// settle is how long app and engine are left alone before the schedule begins.
const settle = 3 * time.Second

func (c Case) getProbeURL() string {
	if c.Probe != "" {
		return c.Probe
	}
	return "http://127.0.0.1:{port}/"
}

// parseName returns PM2's name of the app: that of its properties.
func (c Case) parseName() string {
	_, rest, _ := strings.Cut(c.PM2, "name: '")
	name, _, _ := strings.Cut(rest, "'")
	return name
}

// Do runs a case with PM2 alone and with the engine, side by side and on one schedule.
// Whatever happens, nothing of it runs when Do returns.
func Do(ctx context.Context, tools Tools, c Case, folder string) (alone, with *Record, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var arms [2]*arm
	for i, suffix := range []string{"a", "b"} {
		if arms[i], err = newArm(tools, c, filepath.Join(tools.Dir, folder+suffix), i == 1); err != nil {
			return nil, nil, err
		}
	}
	m := meeting{arrived: make(chan struct{}, len(arms)), begin: make(chan struct{})}
	var failures [2]error
	var both sync.WaitGroup
	for i, a := range arms {
		both.Go(func() {
			if failures[i] = a.run(ctx, &m); failures[i] != nil {
				cancel()
			}
			failures[i] = errors.Join(failures[i], os.RemoveAll(a.dir))
		})
	}
	m.open(ctx, len(arms))
	both.Wait()
	return &arms[0].rec, &arms[1].rec, errors.Join(failures[:]...)
}

func newArm(tools Tools, c Case, dir string, withEngine bool) (*arm, error) {
	a := &arm{c: c, tools: tools, withEngine: withEngine, dir: dir}
	a.zero = time.Now().Add(time.Hour) // until it is known, all is long before
	a.names.Dir = a.getAppDir()
	for _, port := range []*int{&a.names.Port, &a.names.DB, &a.names.Alt} {
		var err error
		if *port, err = tools.Ports(); err != nil {
			return nil, err
		}
	}
	a.rec.Names = a.names
	return a, nil
}

// meeting is where the arms wait for each other, so that their schedules begin together.
type meeting struct {
	arrived, begin chan struct{}
	zero           time.Time // when the schedules begin; set before begin is closed
}

// open waits for as many arms and lets them begin.
func (m *meeting) open(ctx context.Context, arms int) {
	for range arms {
		select {
		case <-m.arrived:
		case <-ctx.Done():
			return
		}
	}
	m.zero = time.Now().Add(settle)
	close(m.begin)
}

// wait returns when the schedules begin.
func (m *meeting) wait(ctx context.Context) (time.Time, error) {
	m.arrived <- struct{}{}
	select {
	case <-m.begin:
		return m.zero, nil
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
}

// run runs an arm from its begin to its end.
func (a *arm) run(ctx context.Context, m *meeting) error {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	defer func() {
		cancel()
		watching.Wait()
		if err := endProcesses(a.dir); err != nil {
			a.mark("cannot end: %v", err)
		}
	}()
	if err := a.bringUp(ctx); err != nil {
		return err
	}
	zero, err := m.wait(ctx)
	if err != nil {
		return err
	}
	a.note(func(r *Record) { a.shift(r, zero) })
	a.watchAll(ctx, &watching)
	if err := a.follow(ctx); err != nil {
		return err
	}
	waitUntil(ctx, zero.Add(a.c.Watch))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	cancel()
	watching.Wait()
	a.keepLog()
	a.close()
	return nil
}

// watchAll begins to send requests and to look at PM2's list.
func (a *arm) watchAll(ctx context.Context, watching *sync.WaitGroup) {
	if !a.c.Silent {
		watching.Go(func() { tick(ctx, probeEvery, func(due time.Time) { a.probe(ctx, a.buildURL(""), due, false, true) }) })
	}
	watching.Go(func() { a.watchLists(ctx) })
	for _, l := range a.c.Lanes {
		watching.Go(func() { a.send(ctx, l) })
	}
}

// close asks the engine to end. What it says and does then is not on the record, but for
// an exit code that tells of a failure.
func (a *arm) close() {
	if a.engine == nil {
		return
	}
	a.mu.Lock()
	kept := a.rec
	a.mu.Unlock()
	a.engine.end()
	a.note(func(r *Record) {
		kept.Stderr = r.Stderr
		if kept.Ended == nil && r.Ended != nil && r.Ended.Code != 0 {
			kept.Failed = fmt.Sprintf("the engine ended with exit code %d when it was asked to", r.Ended.Code)
		}
		*r = kept
	})
}

// shift sets the clock to the beginning of the schedule.
func (a *arm) shift(r *Record, zero time.Time) {
	d := a.zero.Sub(zero)
	a.zero = zero
	for _, said := range [][]Said{r.Lines, r.Alerts, r.Marks} {
		for i := range said {
			said[i].At += d
		}
	}
	if r.Ended != nil {
		r.Ended.At += d
	}
}

// bringUp starts what the case needs, the app, and the engine once the app serves.
func (a *arm) bringUp(ctx context.Context) error {
	if err := a.prepare(); err != nil {
		return err
	}
	if err := a.receiveAlerts(ctx); err != nil {
		return err
	}
	for _, s := range a.c.Servers {
		if err := a.start(s, nil); err != nil {
			return err
		}
	}
	if err := a.runPM2(ctx, "start", "ecosystem.config.js"); err != nil {
		return err
	}
	if err := a.waitForUp(ctx); err != nil {
		return err
	}
	if a.withEngine && !a.c.Engine.Absent {
		return a.startEngine(ctx)
	}
	return nil
}

// waitForUp waits until the app serves and each of its workers is online.
func (a *arm) waitForUp(ctx context.Context) error {
	var last Request
	for deadline := time.Now().Add(60 * time.Second); !a.c.NeverUp && time.Now().Before(deadline) && ctx.Err() == nil; {
		last = Request{Status: 200}
		if !a.c.Silent {
			last = a.sendRequest(ctx, a.buildURL(""))
		}
		list, err := a.list(ctx)
		on := err == nil
		for _, w := range list {
			on = on && w.Status == "online"
		}
		if last.OK() && on {
			return nil
		}
		waitUntil(ctx, time.Now().Add(100*time.Millisecond))
	}
	if a.c.NeverUp || ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("cannot start %s: it does not serve after 60 s: %+v", a.c.Name, last)
}

// follow does the steps of the schedule. One that begins late, because the one before it took
// long, makes the host a noisy one.
func (a *arm) follow(ctx context.Context) error {
	for _, s := range a.c.Steps {
		waitUntil(ctx, a.zero.Add(s.At))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		late := time.Since(a.zero.Add(s.At))
		a.note(func(r *Record) { r.Lag = max(r.Lag, late) })
		a.mark("%s", s.Do.Name)
		if err := s.Do.do(ctx, a); err != nil {
			a.mark("%s failed: %v", s.Do.Name, err)
			a.note(func(r *Record) { r.Failed = fmt.Sprintf("cannot %s: %v", s.Do.Name, err) })
		}
	}
	return nil
}

func waitUntil(ctx context.Context, until time.Time) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Until(until)):
	}
}

// keepLog copies PM2's log into the record of marks, for people.
func (a *arm) keepLog() {
	log, err := os.ReadFile(filepath.Join(a.getHome(), "pm2.log"))
	if err == nil {
		a.mark("pm2.log:\n%s", log)
	}
}
