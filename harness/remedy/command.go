package remedy

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Exit codes of the command (sysexits.h).
const (
	exitOK    = 0
	exitUsage = 64 // something the engine needs is missing or wrong
)

// Command runs the reference engine as `pm2drill engine`. Flags default to the
// contract's environment. It ends with ctx, SIGTERM or SIGINT, and not with
// stdin, which a service manager may connect to /dev/null.
func Command(ctx context.Context, args []string, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	cfg, trace, err := configure(args, env, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err == nil {
		err = CheckHome(cfg.Home)
	}
	if err != nil {
		fmt.Fprintf(stderr, "pm2drill engine: %v\n", err)
		return exitUsage
	}
	cfg.Stdin, cfg.Stdout, cfg.Stderr, cfg.Guard = stdin, stdout, stderr, drain.GuardBy("/proc/self/exe", "agent", GuardAgent)
	if trace != "" {
		f, err := createPrivate(trace)
		if err != nil {
			fmt.Fprintf(stderr, "pm2drill engine: cannot record observations: %v\n", err)
			return exitUsage
		}
		defer f.Close()
		cfg.Trace = f
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := Run(ctx, cfg); err != nil {
		fmt.Fprintf(stderr, "pm2drill engine: %v\n", err)
		return exitUsage
	}
	return exitOK
}

// createPrivate makes a file anew that its owner alone may read. A symbolic link is an
// error, and so is a FIFO that nobody reads: they may have been planted.
func createPrivate(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o600); err != nil { // it may have been there
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// GuardAgent is the agent of this program (`pm2drill agent guard ...`) that finishes with
// a worker when the engine has died over it. It calls drain.StandGuard.
const GuardAgent = "guard"

// HomeOf is PM2's directory, as the environment has it; "" if nothing tells.
func HomeOf(env func(string) string) string {
	home := env(engine.EnvHome)
	if home == "" && env("HOME") != "" {
		home = filepath.Join(env("HOME"), ".pm2")
	}
	return home
}

// synopsis is what --help says above the flags.
const synopsis = `usage: pm2drill engine --app NAME [--url URL] [flags]
       pm2drill engine --app NAME=URL --app NAME=URL ... [flags]

Looks after one app of PM2 on this host, or after several of one PM2, as the user that PM2
runs as, until SIGTERM or SIGINT. It prints one JSON object a line and reads requests from
stdin; both are described in harness/engine/CONTRACT.md. The app must be in PM2's list when
the engine starts. Of an app without a health URL, such as a consumer of a queue, a worker
that lives counts as well.

In PM2's directory it writes pm2drill-engine.lock, pm2drill-engine.audit.jsonl and
pm2drill-engine.intents.json. While pm2drill-engine.off exists there, it changes nothing.

  pm2drill engine --app web --url http://127.0.0.1:3000/healthz --dry-run
  pm2drill engine --app web --url http://127.0.0.1:3000/healthz --alert-url https://alerts.example/pm2
  pm2drill engine --app web=http://127.0.0.1:3000/healthz --app mailer

`

// configure reads the flags over the environment. Where help is asked for it prints that
// and returns flag.ErrHelp.
func configure(args []string, env func(string) string, stdout io.Writer) (cfg Config, trace string, err error) {
	home := HomeOf(env)
	cfg = Config{Limits: plan.DefaultLimits(), Version: version()}
	fs := flag.NewFlagSet("pm2drill engine", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	fs.StringVar(&cfg.Home, "home", home, "PM2's directory ("+engine.EnvHome+", or ~/.pm2)")
	var only App
	fs.Func("app", "PM2's name of the app to look after ("+engine.EnvApp+"); repeated for several apps, each as NAME or NAME=URL", func(s string) error {
		cfg.Apps = append(cfg.Apps, parseApp(s))
		return nil
	})
	fs.StringVar(&only.Namespace, "namespace", "", "PM2's namespace of the app; needed only where several have an app of that name")
	fs.StringVar(&only.URL, "url", engine.Lookup(env, engine.EnvURL), "health URL of the app, http or https ("+engine.EnvURL+"); without it the app counts as one that serves no network")
	fs.StringVar(&cfg.AlertURL, "alert-url", engine.Lookup(env, engine.EnvAlertURL), "where to POST alerts ("+engine.EnvAlertURL+"); without it none are sent")
	fs.BoolVar(&cfg.DryRun, "dry-run", false, "say what would be done, without doing it; nothing is written in PM2's directory, and alerts are sent")
	fs.TextVar(&cfg.Inspector, "inspector", drain.Private, "where a process's inspector may be opened for a moment, which controls the process:\n"+
		"never, private (where no other user can be seen who could reach it) or always")
	fs.DurationVar(&cfg.StreamDeadline, "stream-deadline", 10*time.Second, "how long a worker that is replaced is given to end event streams and WebSockets; PM2's kill_timeout if that is longer")
	fs.DurationVar(&cfg.Limits.Stall, "stall", cfg.Limits.Stall, "silence after which an event loop counts as blocked")
	fs.DurationVar(&cfg.Limits.Outage, "outage-deadline", cfg.Limits.Outage, "time without anybody served after which people are told, whatever the cause;\nof lesser symptoms after two and three times as long")
	fs.IntVar(&cfg.Limits.MinHealthy, "min-healthy", 0, "workers that must go on serving whatever is done; 0 for all but one")
	fs.StringVar(&trace, "trace", "", "record every observation in this file, as JSON lines; an existing file is replaced")
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, synopsis)
		fs.SetOutput(stdout)
		fs.PrintDefaults()
		return Config{}, "", err
	case err != nil:
		return Config{}, "", fmt.Errorf("%w: `pm2drill engine --help` lists the flags", err)
	case fs.NArg() > 0:
		return Config{}, "", fmt.Errorf("%q is not expected: `pm2drill engine --help` lists the flags", fs.Arg(0))
	}
	if name := engine.Lookup(env, engine.EnvApp); len(cfg.Apps) == 0 && name != "" {
		cfg.Apps = []App{{Name: name}}
	}
	if len(cfg.Apps) == 1 {
		app := &cfg.Apps[0]
		app.Namespace, app.URL = only.Namespace, cmp.Or(app.URL, only.URL)
	}
	switch {
	case len(cfg.Apps) > 1 && (only.URL != "" || only.Namespace != ""):
		err = errors.New("--url and --namespace go with a single app: give the URLs of several as --app NAME=URL")
	case len(cfg.Apps) > 1 && trace != "":
		err = errors.New("--trace records a single app")
	default:
		err = check(cfg)
	}
	return cfg, trace, err
}

// parseApp reads NAME or NAME=URL. A name may hold an equals sign.
func parseApp(s string) App {
	for _, scheme := range []string{"=http://", "=https://"} {
		if name, rest, ok := strings.Cut(s, scheme); ok {
			return App{Name: name, URL: scheme[1:] + rest}
		}
	}
	return App{Name: s}
}

// check looks for what is missing, and finds the apps' ports.
func check(cfg Config) error {
	switch {
	case cfg.Home == "":
		return fmt.Errorf("PM2's directory is not known: give --home or set %s", engine.EnvHome)
	case len(cfg.Apps) == 0:
		return fmt.Errorf("the app is not known: give --app or set %s", engine.EnvApp)
	case cfg.Limits.Stall <= 0:
		return fmt.Errorf("--stall %s is not a positive time", cfg.Limits.Stall)
	case cfg.Limits.Outage <= 0:
		return fmt.Errorf("--outage-deadline %s is not a positive time", cfg.Limits.Outage)
	case cfg.StreamDeadline <= 0:
		return fmt.Errorf("--stream-deadline %s is not a positive time", cfg.StreamDeadline)
	case cfg.Limits.MinHealthy < 0:
		return fmt.Errorf("--min-healthy %d is negative", cfg.Limits.MinHealthy)
	}
	if cfg.AlertURL != "" {
		if _, err := PortOf(cfg.AlertURL); err != nil {
			return fmt.Errorf("cannot use the alert URL: %w", err)
		}
	}
	named := map[string]bool{}
	for i := range cfg.Apps {
		app := &cfg.Apps[i]
		if app.Name == "" || named[app.Name] {
			return fmt.Errorf("--app %q: each app is named once", app.Name)
		}
		named[app.Name] = true
		if app.URL == "" {
			continue
		}
		var err error
		if app.Port, err = PortOf(app.URL); err != nil {
			return fmt.Errorf("cannot use the health URL of %s: %w", app.Name, err)
		}
	}
	return nil
}

// PortOf is the port of an HTTP URL.
func PortOf(s string) (int, error) {
	const form = "give one like http://127.0.0.1:3000/healthz"
	u, err := url.Parse(s)
	if bad := new(url.Error); errors.As(err, &bad) {
		return 0, fmt.Errorf("%w: %s", bad.Err, form) // without the URL, which may be a secret
	}
	switch {
	case u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return 0, fmt.Errorf("%q is not an http or https URL: %s", redact.URL(s), form)
	case u.Port() != "":
		port, err := strconv.Atoi(u.Port())
		if err != nil || port < 1 || port > 65535 {
			return 0, fmt.Errorf("%q is not a port", u.Port())
		}
		return port, nil
	case u.Scheme == "https":
		return 443, nil
	}
	return 80, nil
}

// version is that of the build.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// record writes an observation into the trace, without its secrets.
func (r *runner) record(o observe.Observation) {
	text, err := json.Marshal(o)
	if err == nil {
		text, _, err = r.veil.Document(text, "")
	}
	if err == nil {
		_, err = r.cfg.Trace.Write(text)
	}
	if err != nil {
		r.say(engine.Line{Type: engine.TypeWithheld, Action: "trace", Error: err.Error()})
		r.cfg.Trace = nil
	}
}
