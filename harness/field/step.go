package field

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Step is something that happens at a time of the schedule.
type Step struct {
	At time.Duration
	Do Act
}

// Act is what happens: a name, and how it is done to one arm.
type Act struct {
	Name string
	do   func(ctx context.Context, a *arm) error
}

// Start starts a script of the app's folder beside the app, with PORT set to {db}.
func Start(script string, env ...string) Act {
	return Act{"start " + script, func(_ context.Context, a *arm) error { return a.start(script, env) }}
}

// Stop ends a script that was started beside the app, at once.
func Stop(script string) Act {
	return Act{"stop " + script, func(_ context.Context, a *arm) error { return a.stop(script) }}
}

// Create writes a file into the app's folder.
func Create(name string) Act {
	return Act{"create " + name, func(_ context.Context, a *arm) error {
		return os.WriteFile(filepath.Join(a.getAppDir(), name), nil, 0o644)
	}}
}

// Remove removes a file from the app's folder.
func Remove(name string) Act {
	return Act{"remove " + name, func(_ context.Context, a *arm) error {
		return os.Remove(filepath.Join(a.getAppDir(), name))
	}}
}

// Move renames a path below the arm's folder, such as bin/node.
func Move(from, to string) Act {
	return Act{"move " + from + " to " + to, func(_ context.Context, a *arm) error {
		return os.Rename(filepath.Join(a.dir, from), filepath.Join(a.dir, to))
	}}
}

// Get asks the app for a path; no answer is no failure of the step.
func Get(path string) Act {
	return Act{"get " + path, func(ctx context.Context, a *arm) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.buildURL(path), nil)
		if err != nil {
			return err
		}
		if resp, err := a.client.Do(req); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
			resp.Body.Close()
		}
		return nil
	}}
}

// PM2 is an operator's command.
func PM2(args ...string) Act {
	return Act{"pm2 " + strings.Join(args, " "), func(ctx context.Context, a *arm) error {
		return a.runPM2(ctx, args...)
	}}
}

// Restart is an operator's restart of the app with changed variables. PM2 refuses while a
// worker is in backoff (ActionMethods.js:268); the operator repeats it up to ten times.
func Restart(env ...string) Act {
	return Act{"pm2 restart --update-env with " + strings.Join(env, " "), func(ctx context.Context, a *arm) error {
		var err error
		for range 10 {
			if err = a.runPM2With(ctx, env, "restart", a.c.parseName(), "--update-env"); err == nil || ctx.Err() != nil {
				break
			}
			a.mark("pm2 refused: %v", err)
		}
		return err
	}}
}

// Deploy writes other properties of the app into its ecosystem file and has PM2 reload it.
func Deploy(properties string) Act {
	return Act{"deploy " + properties, func(ctx context.Context, a *arm) error {
		if err := a.writeFile(properties); err != nil {
			return err
		}
		go func() { _ = a.runPM2(ctx, "reload", "ecosystem.config.js") }()
		return nil
	}}
}

// RefuseAlerts makes the receiver answer 503, or no more.
func RefuseAlerts(refuse bool) Act {
	return Act{fmt.Sprintf("alerts are refused: %v", refuse), func(_ context.Context, a *arm) error {
		a.refuse.Store(refuse)
		return nil
	}}
}

// Background is an operator's command that is not waited for.
func Background(args ...string) Act {
	return Act{"pm2 " + strings.Join(args, " ") + " &", func(ctx context.Context, a *arm) error {
		go func() { _ = a.runPM2(ctx, args...) }()
		return nil
	}}
}

// Signal sends a signal to the n-th worker of the app that has a process.
func Signal(n int, sig syscall.Signal) Act {
	return Act{fmt.Sprintf("send %s to worker %d", sig, n), func(ctx context.Context, a *arm) error {
		list, err := a.list(ctx)
		if err != nil {
			return err
		}
		left := n // each arm counts anew
		for _, w := range list {
			if w.App != a.c.parseName() || w.PID == 0 {
				continue
			}
			if left--; left < 0 {
				return syscall.Kill(w.PID, sig)
			}
		}
		return fmt.Errorf("cannot find that worker among %d", len(list))
	}}
}

// SignalServer sends a signal to a script that was started beside the app.
func SignalServer(script string, sig syscall.Signal) Act {
	return Act{fmt.Sprintf("send %s to %s", sig, script), func(_ context.Context, a *arm) error {
		cmd := a.servers[script]
		if cmd == nil {
			return fmt.Errorf("cannot signal %s: it does not run", script)
		}
		return cmd.Process.Signal(sig)
	}}
}

// SignalDaemon sends a signal to PM2's daemon.
func SignalDaemon(sig syscall.Signal) Act {
	return Act{fmt.Sprintf("send %s to the daemon", sig), func(_ context.Context, a *arm) error {
		b, err := os.ReadFile(filepath.Join(a.getHome(), "pm2.pid"))
		if err != nil {
			return err
		}
		pid, err := strconv.Atoi(string(bytes.TrimSpace(b)))
		if err != nil {
			return err
		}
		return syscall.Kill(pid, sig)
	}}
}

// Roll asks for a rolling restart of the case's app: the engine, or PM2 where there is none.
func Roll() Act { return RollOf("") }

// RollOf asks for a rolling restart of an app.
func RollOf(app string) Act {
	return Act{"roll " + app, func(ctx context.Context, a *arm) error {
		app := cmp.Or(app, a.c.parseName())
		if a.engine == nil {
			go func() { _ = a.runPM2(ctx, "reload", app) }()
			return nil
		}
		return a.ask(fmt.Sprintf(`{"request":"roll","app":%q}`, app))
	}}
}

// Scale asks for a number of workers: the engine, or PM2 where there is none.
func Scale(workers int) Act {
	return Act{fmt.Sprintf("scale to %d", workers), func(ctx context.Context, a *arm) error {
		if a.engine == nil {
			return a.runPM2(ctx, "scale", a.c.parseName(), strconv.Itoa(workers))
		}
		return a.ask(fmt.Sprintf(`{"request":"scale","app":%q,"workers":%d}`, a.c.parseName(), workers))
	}}
}

// StartEngine starts the engine, which comes late; PM2 alone has none.
func StartEngine() Act {
	return Act{"start the engine", func(ctx context.Context, a *arm) error {
		if !a.withEngine {
			return nil
		}
		return a.startEngine(ctx)
	}}
}

// KillEngine ends the engine with SIGKILL.
func KillEngine() Act {
	return Act{"kill the engine", func(_ context.Context, a *arm) error {
		if a.engine == nil {
			return nil
		}
		return a.engine.kill()
	}}
}

// Run runs a command in the app's folder, with the arm's environment.
func Run(name string, args ...string) Act {
	return Act{name + " " + strings.Join(args, " "), func(ctx context.Context, a *arm) error {
		for i := range args {
			args[i] = a.fill(args[i])
		}
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir, cmd.Env = a.getAppDir(), a.env
		return cmd.Run()
	}}
}
