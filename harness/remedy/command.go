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
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/config"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Exit codes of the command (sysexits.h).
const (
	exitOK    = 0
	exitUsage = 64 // something the engine needs is missing or wrong
)

// Command is what `pm2drill engine` was asked for.
type Command struct {
	cfg    Config
	only   App    // URL and namespace of a single app
	trace  string // file of the observations; "" for none
	app    string // that the environment names; "" for none
	file   string // configuration; "" for none
	listen string // host:port of metrics and incidents; "" for none
	beyond bool   // other hosts may reach listen
	waits  bool   // for another engine of the same PM2 to end
	served string // the listen that is served now; "" for none, and then unserve may be nil
	env    func(string) string
	list   func(ctx context.Context, home string) ([]pm2.Process, error)
	// unserve ends what serves served.
	unserve context.CancelFunc

	// Given reports whether a flag was given: it then wins over the file. nil is no flag.
	Given func(flag string) bool
}

// NewCommand returns the command by the contract's environment, which the flags override.
func NewCommand(env func(string) string) *Command {
	x := &Command{app: engine.Lookup(env, engine.EnvApp), env: env, list: listProcesses, Given: func(string) bool { return false }}
	x.cfg = Config{Home: HomeOf(env), Limits: plan.DefaultLimits(), Version: readVersion(), AlertURL: engine.Lookup(env, engine.EnvAlertURL)}
	x.only.URL = engine.Lookup(env, engine.EnvURL)
	return x
}

// Declare adds the flags of the command.
func (x *Command) Declare(fs *flag.FlagSet) {
	cfg := &x.cfg
	fs.Func("app", "`NAME` that PM2 has for the app to look after (variable "+engine.EnvApp+"); repeat it for several apps, each as NAME or NAME=URL", func(s string) error {
		cfg.Apps = append(cfg.Apps, parseApp(s))
		return nil
	})
	fs.StringVar(&x.only.URL, "url", x.only.URL, "health `URL` of the app, http or https (variable "+engine.EnvURL+"); without it a worker that lives counts as serving")
	fs.StringVar(&x.only.Namespace, "namespace", "", "PM2's `NAMESPACE` of the app; needed only if several have an app of that name")
	fs.StringVar(&cfg.Home, "home", cfg.Home, "`DIRECTORY` of PM2 (variable "+engine.EnvHome+", or ~/.pm2)")
	fs.StringVar(&cfg.AlertURL, "alert-url", cfg.AlertURL, "`URL` to POST alerts to (variable "+engine.EnvAlertURL+"); without it none are sent")
	fs.BoolVar(&cfg.DryRun, "dry-run", false, "print what would be done, without doing it; nothing is written in PM2's directory, and alerts are sent")
	fs.TextVar(&cfg.Inspector, "inspector", drain.Private, "`WHEN` a process's inspector, which controls the process, may be opened for a moment: never, private (if no other user can reach it) or always")
	fs.BoolVar(&cfg.Surge, "surge", false, "add a spare worker before a roll and remove it at its end, so that no capacity is missing meanwhile; in cluster mode, as rolls are")
	fs.DurationVar(&cfg.StreamDeadline, "stream-deadline", 10*time.Second, "how long a worker that is replaced may take to end event streams and WebSockets; PM2's kill_timeout if that is longer")
	fs.DurationVar(&cfg.Limits.Stall, "stall", cfg.Limits.Stall, "silence after which an event loop counts as blocked")
	fs.DurationVar(&cfg.Limits.Outage, "outage-deadline", cfg.Limits.Outage, "time without a served request after which people are alerted, whatever the cause; lesser symptoms after two and three times as long")
	fs.IntVar(&cfg.Limits.MinHealthy, "min-healthy", 0, "`N` workers that must keep serving whatever is done; 0 means all but one")
	fs.StringVar(&x.file, "config", "", "configuration `FILE`, read again when it changes and at SIGHUP; a flag that is given besides wins")
	fs.StringVar(&x.listen, "listen", "", "`HOST:PORT` of the loopback to serve /metrics, /incidents and /healthz on; without it they are not served")
	fs.BoolVar(&x.beyond, "listen-beyond-loopback", false, "let --listen name an address that other hosts can reach")
	fs.BoolVar(&x.waits, "standby", false, "while another engine looks after apps of this PM2, wait, and take over within seconds when it ends; without it a second engine is refused")
	fs.StringVar(&x.trace, "trace", "", "record every observation in this `FILE`, as JSON lines; an existing file is replaced")
}

// Run runs the reference engine, once the flags are parsed. It ends with ctx, SIGTERM, SIGINT
// or, without a configuration file, SIGHUP, and not with stdin, which a service manager may connect to /dev/null. It returns 0,
// or 64 if something that the engine needs is missing or wrong. args are what was given
// besides flags, of which there is none.
func (x *Command) Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	refuse := func(err error) int {
		for _, line := range strings.Split(err.Error(), "\n") {
			fmt.Fprintf(stderr, "pm2drill engine: %s\n", line)
		}
		return exitUsage
	}
	ends := []os.Signal{syscall.SIGTERM, syscall.SIGINT}
	if x.file == "" {
		ends = append(ends, syscall.SIGHUP) // with a file it asks for that to be read again
	}
	ctx, stop := signal.NotifyContext(ctx, ends...)
	defer stop()
	cfg, err := x.prepare(ctx, args, stdout, stderr)
	if ctx.Err() != nil {
		return exitOK
	}
	if err != nil {
		return refuse(err)
	}
	if x.waits && !cfg.DryRun {
		if cfg, err = x.standBy(ctx, cfg, args, stdout, stderr); err != nil && ctx.Err() != nil {
			return exitOK
		} else if err != nil {
			return refuse(err)
		}
	}
	cfg.Stdin, cfg.Stdout, cfg.Stderr, cfg.Guard = stdin, stdout, stderr, drain.GuardBy("/proc/self/exe", "agent", GuardAgent)
	if x.trace != "" {
		f, err := createPrivate(x.trace)
		if err != nil {
			fmt.Fprintf(stderr, "pm2drill engine: cannot record observations: %v\n", err)
			return exitUsage
		}
		defer f.Close()
		cfg.Trace = f
	}
	if err := x.attend(ctx, &cfg, stderr); err != nil {
		return refuse(err)
	}
	if err := Run(ctx, cfg); err != nil {
		return refuse(err)
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

// configure returns the configuration by the file, if there is one, and by the flags, and
// reports what of it cannot be used. What stderr gets is for people to know.
func (x *Command) configure(ctx context.Context, args []string, stderr io.Writer) (Config, error) {
	if x.file != "" && len(args) == 0 {
		return x.readFile(ctx, stderr)
	}
	cfg, err := x.configureByFlags(args)
	if err != nil {
		return Config{}, err
	}
	return cfg, CheckHome(cfg.Home)
}

// configureByFlags does the same without a file, and does not look at PM2's directory.
func (x *Command) configureByFlags(args []string) (Config, error) {
	if len(args) > 0 {
		return Config{}, fmt.Errorf("%q is not expected: `pm2drill engine --help` lists the flags", args[0])
	}
	cfg := x.cfg
	cfg.Apps = slices.Clone(cfg.Apps)
	if len(cfg.Apps) == 0 && x.app != "" {
		cfg.Apps = []App{{Name: x.app}}
	}
	cfg.Limits.Home = x.findHomeName(cfg.Home)
	return cfg, x.completeApps(&cfg, x.only.URL)
}

// completeApps takes in what the flags say of a single app, and checks the configuration. url
// is the health URL of a single app, "" for none.
func (x *Command) completeApps(cfg *Config, url string) error {
	if len(cfg.Apps) == 1 {
		app := &cfg.Apps[0]
		app.Namespace, app.URL = cmp.Or(app.Namespace, x.only.Namespace), cmp.Or(app.URL, url)
	}
	switch {
	case len(cfg.Apps) > 1 && (url != "" || x.only.Namespace != ""):
		return errors.New("--url and --namespace go with a single app: give the URLs of several as --app NAME=URL")
	case len(cfg.Apps) > 1 && x.trace != "":
		return errors.New("--trace records a single app")
	}
	if x.listen != "" {
		if err := config.CheckListen(x.listen, x.beyond); err != nil {
			return fmt.Errorf("cannot serve metrics and incidents: %w", err)
		}
	}
	return checkConfig(cfg)
}

// parseApp reads NAME or NAME=URL. A name may hold an equals sign.
func parseApp(s string) App {
	for _, scheme := range []string{"=http://", "=https://"} {
		if name, rest, ok := strings.Cut(s, scheme); ok {
			return App{Name: name, URL: scheme[1:] + rest, From: "--app " + name}
		}
	}
	return App{Name: s}
}

// checkConfig looks for what is missing, and finds the apps' ports.
func checkConfig(cfg *Config) error {
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
	named := map[[2]string]bool{}
	for i := range cfg.Apps {
		app := &cfg.Apps[i]
		key := [2]string{app.Name, app.Namespace}
		if app.Name == "" || named[key] {
			return fmt.Errorf("--app %q: each app is named once", app.Name)
		}
		named[key] = true
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

// readVersion returns the version of the build.
func readVersion() string {
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
