// Package watch shows an app of this host live, as the engine sees it, and turns the engine's
// kill switch.
package watch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/live"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// App is what is watched.
type App struct {
	Home      string // PM2_HOME
	Name      string // PM2's name of the app
	Namespace string // "" where only one has an app of that name
	URL       string // its health URL; "" for none
}

// Run shows the app until somebody leaves, and returns the exit code.
func Run(ctx context.Context, c cli.Call, app App) int {
	port := 0
	if app.URL != "" {
		var err error
		if port, err = remedy.PortOf(app.URL); err != nil {
			return c.Complain("cannot use the health URL: %v", err)
		}
	}
	if err := remedy.CheckHome(app.Home); err != nil {
		return c.Complain("%v", err)
	}
	veil := new(redact.Redactor)
	veil.Keep(app.Name)
	veil.LearnURL(app.URL)
	w := observe.NewWatcher(app.Home, app.Name, app.URL, port, veil)
	defer w.Close()
	if app.Namespace != "" {
		w.UseNamespace(app.Namespace)
	}
	err := live.Run(ctx, c, &source{app: app, watcher: w, veil: veil, past: map[int]*past{}})
	switch {
	case errors.Is(err, live.ErrLeft):
		return cli.ExitKept
	case ctx.Err() != nil:
		return cli.ExitInterrupted
	case errors.Is(err, remedy.ErrNoApp):
		return c.Complain("%v", err)
	}
	return c.Fail(err)
}

// source is the app as the view shows it. Look is called by one goroutine.
type source struct {
	app     App
	watcher *observe.Watcher
	veil    *redact.Redactor
	asked   time.Duration // when the health URL was asked last
	past    map[int]*past // by pm_id
}

// Keys is the kill switch.
func (s *source) Keys() []live.Key {
	return []live.Key{{Name: "e", Help: "engine's actions on/off", Do: func(context.Context) error { return remedy.TurnSwitch(s.app.Home) }}}
}

// askEvery is how often each worker gets a request for the health URL.
const askEvery = time.Second

// Look observes the app once.
func (s *source) Look(ctx context.Context) (live.Picture, error) {
	var wants observe.Focus
	if now := host.Now(); s.app.URL != "" && now-s.asked >= askEvery {
		s.asked = now
		wants.Answers = max(1, len(s.past))
	}
	o := s.watcher.Look(ctx, wants)
	procs := s.watcher.Processes()
	if o.Daemon.Alive && procs != nil && len(o.Workers) == 0 {
		return live.Picture{}, fmt.Errorf("%w: %s", remedy.ErrNoApp, s.app.Name)
	}
	p := buildPicture(s.app, o, s.learn(o, procs))
	p.State = s.describeEngine(o.Paused) + " · " + p.State
	p.Brief = p.State
	said, err := remedy.ReadAudit(s.app.Home, s.app.Name)
	if err != nil {
		p.Notes = append(p.Notes, err.Error())
	}
	p.News = listNews(said)
	for i := range p.Workers {
		p.Workers[i].Stderr = s.readStderr(procs, p.Workers[i].ID)
	}
	return p, nil
}

// describeEngine says whether an engine looks after the app, and whether it may act.
func (s *source) describeEngine(paused bool) string {
	words := "no engine runs"
	switch pid, err := remedy.FindEngine(s.app.Home); {
	case err != nil:
		words = err.Error()
	case pid != 0:
		words = fmt.Sprintf("the engine runs (pid %d)", pid)
	}
	if paused {
		words += ", the kill switch is on: it changes nothing"
	}
	return words
}

// readStderr returns the end of what a worker has written to stderr, without known secrets.
func (s *source) readStderr(procs []pm2.Process, id int) []string {
	for _, p := range procs {
		if p.ID != id || p.ErrLog == "" {
			continue
		}
		text, _, err := host.Tail(p.ErrLog, stderrBytes)
		if err != nil {
			return []string{"cannot read it: " + err.Error()}
		}
		if len(text) == 0 {
			return nil
		}
		return strings.Split(strings.TrimRight(s.veil.Clean(string(text)), "\n"), "\n")
	}
	return nil
}

// stderrBytes is how much of the end of a log is read.
const stderrBytes = 4 << 10
