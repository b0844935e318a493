package remedy

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/channel"
)

// Update is what an engine that runs is to change to: all of it, or nothing.
type Update struct {
	Refused error // why there is nothing to change to, which is said; nil if there is
	Apps    []App
	Targets []alert.Target // besides Config.AlertURL
	AtMost  AtMost
	What    string       // what is changed, for people
	Done    chan<- error // gets one value: why nothing was changed, or nil
}

// crew is the engines of all apps.
type crew struct {
	cfg     Config
	webhook []alert.Target // of Config.AlertURL
	notes   *notes
	out     *sync.Mutex

	mu    sync.Mutex
	posts []*station // in the order of the apps
}

// station is a runner at work.
type station struct {
	*runner
	stop context.CancelFunc
	done chan struct{} // closed when it has ended
}

// Run looks after the apps until ctx ends. The end of Stdin only ends requests.
// It returns an error only if it cannot begin; what goes wrong later it says in
// its lines, and goes on.
func Run(ctx context.Context, cfg Config) error {
	if err := CheckOwner(cfg.Home); err != nil {
		return err
	}
	notes, err := takeNotes(cfg.Home, cfg.DryRun, cfg.turn)
	if err != nil {
		return err
	}
	defer notes.close()
	notes.kept = cfg.Audit
	c := &crew{cfg: cfg, notes: notes, out: new(sync.Mutex)}
	if cfg.AlertURL != "" {
		c.webhook = []alert.Target{channel.NewWebhook(cfg.AlertURL)}
	}
	if err := c.change(ctx, Update{Apps: cfg.Apps, Targets: cfg.Targets, AtMost: cfg.AtMost}); err != nil {
		return err
	}
	if cfg.Ready != nil {
		cfg.Ready()
	}
	go c.answerRequests(ctx, cfg.Stdin)
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case u := <-cfg.Updates:
			if u.Refused == nil {
				u.Refused = c.change(ctx, u)
			}
			if u.Refused != nil {
				c.announce(engine.Line{Type: engine.TypeWithheld, Action: "reload", Why: "the configuration before it stays in force", Error: u.Refused.Error()})
			} else {
				c.note(eventConfigured, u.What)
			}
			u.Done <- u.Refused
		}
	}
	for _, p := range c.list() {
		<-p.done
	}
	c.note(eventEnded, "the engine ends; its actions are done")
	return nil
}

// change makes the apps, their settings and the targets those of an update. Every app that is
// new, or has another URL, is looked at first: if one cannot be looked after, nothing changes.
func (c *crew) change(ctx context.Context, u Update) error {
	cfg := c.cfg
	cfg.Apps, cfg.AtMost, cfg.Targets = u.Apps, u.AtMost, slices.Concat(c.webhook, u.Targets)
	old := c.list()
	var fresh []*runner
	var kept []*station
	for _, app := range u.Apps {
		if i := slices.IndexFunc(old, func(p *station) bool { return p.app.isSame(app) }); i >= 0 {
			kept = append(kept, old[i])
			continue
		}
		r := newRunner(cfg, app, c.notes, c.out)
		fresh = append(fresh, r)
		if err := r.look(ctx); err != nil {
			for _, r := range fresh {
				r.watch.Close()
			}
			return err
		}
	}
	for _, p := range old {
		if !slices.Contains(kept, p) {
			p.stop()
			<-p.done
			if cfg.Board != nil && !slices.ContainsFunc(u.Apps, func(a App) bool { return a.Name == p.app.Name }) {
				cfg.Board.Forget(p.app.Name)
			}
		}
	}
	for _, p := range kept {
		i := slices.IndexFunc(u.Apps, p.app.isSame)
		p.adjust(u.Apps[i], u.AtMost)
		p.desk.Retarget(cfg.Targets)
	}
	next := kept
	for _, r := range fresh {
		next = append(next, r.start(ctx))
	}
	c.mu.Lock()
	c.cfg, c.posts = cfg, next
	c.mu.Unlock()
	return nil
}

// isSame reports whether two apps are the same one, asked in the same way.
func (a App) isSame(b App) bool {
	return a.Name == b.Name && a.URL == b.URL && (a.Namespace == b.Namespace || a.Namespace == "" || b.Namespace == "")
}

// start has a runner work until ctx ends, or until it is stopped.
func (r *runner) start(ctx context.Context) *station {
	r.takeBook()
	ctx, stop := context.WithCancel(ctx)
	p := &station{runner: r, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		defer r.watch.Close()
		r.run(ctx)
	}()
	return p
}

func (c *crew) list() []*station {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.posts)
}

// answerRequests takes what an operator asks for on stdin until it ends.
func (c *crew) answerRequests(ctx context.Context, stdin io.Reader) {
	for req, err := range engine.Requests(stdin) {
		posts := c.list()
		i := slices.IndexFunc(posts, func(p *station) bool { return req.App == p.app.Name || req.App == "" && len(posts) == 1 })
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			posts[0].say(engine.Line{Type: engine.TypeWithheld, Why: "the request cannot be read", Error: err.Error()})
		case i < 0:
			posts[0].say(engine.Line{Type: engine.TypeWithheld, Action: req.Request, Why: fmt.Sprintf("this engine looks after %s, not %.80q", formatAppNames(posts), req.App)})
		case req.Request == engine.RequestScale:
			posts[i].newOperator().Scale(ctx, req.Workers)
		default:
			posts[i].newOperator().Roll(ctx, req.Rollback)
		}
	}
}

// formatAppNames returns the names of the apps that are looked after, separated by
// commas.
func formatAppNames(posts []*station) string {
	var names []string
	for _, p := range posts {
		names = append(names, p.app.Name)
	}
	return strings.Join(names, ", ")
}
