package remedy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/config"
	"github.com/pm2drill/pm2drill/harness/remedy/status"
)

// lookEvery is how often the configuration's file is looked at. A look is one stat.
const lookEvery = 2 * time.Second

// growEvery is after how many looks PM2's list is asked whether it has an app that the entries
// fit by now: after a minute.
const growEvery = 30

// attend prepares what goes on beside the engine: what is shown of it, what the service manager
// is told, and the file by which it is changed. All of it ends with ctx.
func (x *Command) attend(ctx context.Context, cfg *Config, stderr io.Writer) error {
	if cfg.Board == nil { // nothing has been waited for
		cfg.Board = status.NewBoard(cfg.Version)
	}
	x.attendService(ctx, cfg, stderr)
	if err := x.offerLinks(cfg); err != nil {
		return err
	}
	if err := x.serve(ctx, cfg.Board, stderr); err != nil {
		return err
	}
	if x.file == "" {
		return nil
	}
	cfg.Board.NoteReload(true, time.Now())
	updates := make(chan Update)
	cfg.Updates = updates
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	r := &reloader{command: x, now: *cfg, watch: config.NewWatch(x.file), updates: updates, stderr: stderr}
	go func() {
		defer signal.Stop(hangups)
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		for n := 1; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
				r.watch.Changed() // it is read now
				r.reload(ctx)
			case <-ticker.C:
				if r.watch.Changed() || n%growEvery == 0 && r.hasGrown(ctx) {
					r.reload(ctx)
				}
			}
		}
	}()
	return nil
}

// serve serves a board on --listen until ctx ends. Where it is served there already, as while the
// engine waits for PM2, it stays; where another address is wanted by now, that one is left.
func (x *Command) serve(ctx context.Context, board *status.Board, stderr io.Writer) error {
	if x.listen == x.served {
		return nil
	}
	if x.unserve != nil {
		x.unserve()
	}
	x.served = ""
	if x.listen == "" {
		return nil
	}
	if err := config.CheckListen(x.listen, x.beyond); err != nil {
		return fmt.Errorf("cannot serve metrics and incidents: %w", err)
	}
	ctx, x.unserve = context.WithCancel(ctx)
	addr, err := board.Serve(ctx, x.listen, time.Now)
	if err != nil {
		x.unserve()
		return err
	}
	x.served = x.listen
	fmt.Fprintf(stderr, "pm2drill engine: metrics and incidents are on http://%s\n", addr)
	return nil
}

// reloader takes over another configuration while the engine runs, all of it or nothing.
type reloader struct {
	command *Command
	now     Config // that is in force
	watch   *config.Watch
	updates chan<- Update
	stderr  io.Writer
}

// reload reads the file and has the engine change to it. Whatever is wrong, the configuration
// that is in force stays, and people are told.
func (r *reloader) reload(ctx context.Context) {
	what, err := r.try(ctx)
	if ctx.Err() != nil {
		return // the engine ends
	}
	r.now.Board.NoteReload(err == nil, time.Now())
	if err == nil {
		fmt.Fprintf(r.stderr, "pm2drill engine: %s\n", what)
		return
	}
	for _, line := range strings.Split(err.Error(), "\n") {
		fmt.Fprintf(r.stderr, "pm2drill engine: %s\n", line)
	}
	fmt.Fprintf(r.stderr, "pm2drill engine: %s is refused, and the configuration before it stays in force\n", r.command.file)
}

// hasGrown reports whether PM2 has an app that the file's entries fit and that is not looked
// after. What is wrong with the file now is said when it changes.
func (r *reloader) hasGrown(ctx context.Context) bool {
	f, err := config.Read(r.command.file, r.command.env)
	if err != nil || r.command.Given("app") {
		return false
	}
	list, err := r.command.list(ctx, r.now.Home)
	if err != nil {
		return false
	}
	apps, err := chooseApps(r.now.Limits, f, list)
	return err == nil && len(listMissing(apps, r.now.Apps)) > 0
}

// try does the same, and says what is in force now.
func (r *reloader) try(ctx context.Context) (what string, err error) {
	next, err := r.read(ctx)
	what = r.command.file + " is in force" + describeChange(r.now.Apps, next.Apps)
	done := make(chan error, 1)
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r.updates <- Update{Refused: err, Apps: next.Apps, Targets: next.Targets, AtMost: next.AtMost, What: what, Done: done}:
	}
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case err = <-done:
	}
	if err == nil {
		next.Board, next.Links = r.now.Board, r.now.Links
		r.now = next
	}
	return what, err
}

// read returns the configuration as it is to be, or why it cannot be.
func (r *reloader) read(ctx context.Context) (Config, error) {
	listen, beyond := r.command.listen, r.command.beyond
	f, err := config.Read(r.command.file, r.command.env)
	if err != nil {
		return Config{}, err
	}
	next, err := r.command.useFile(ctx, f, r.stderr)
	fixed := r.listFixed(next, listen)
	r.command.listen, r.command.beyond = listen, beyond
	if err != nil {
		return Config{}, err
	}
	for _, key := range fixed {
		err = errors.Join(err, fmt.Errorf("%s: it cannot change while the engine runs: take the change back, or restart the engine", f.Locate(key)))
	}
	return next, err
}

// listFixed lists the keys that differ and that an engine cannot change while it runs. listen
// is the address that is listened on.
func (r *reloader) listFixed(next Config, listen string) (keys []string) {
	for _, c := range []struct {
		key    string
		differ bool
	}{
		{"home", next.Home != r.now.Home},
		{"listen", r.command.listen != listen},
		{"dry_run", next.DryRun != r.now.DryRun},
		{"stall", next.Limits.Stall != r.now.Limits.Stall},
		{"surge", next.Surge != r.now.Surge},
		{"inspector", next.Inspector != r.now.Inspector},
		{"stream_deadline", next.StreamDeadline != r.now.StreamDeadline},
		{"audit", next.Audit != r.now.Audit},
		{"approval_links", !next.Links.isSame(r.now.Links)},
	} {
		if c.differ {
			keys = append(keys, c.key)
		}
	}
	return keys
}
