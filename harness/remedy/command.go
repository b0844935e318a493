package remedy

import (
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
	"syscall"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
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
	cfg, trace, err := configure(args, env, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err == nil {
		err = checkHome(cfg.Home)
	}
	if err != nil {
		fmt.Fprintf(stderr, "pm2drill engine: %v\n", err)
		return exitUsage
	}
	cfg.Stdin, cfg.Stdout = stdin, stdout
	if trace != "" {
		f, err := os.Create(trace)
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

// HomeOf is PM2's directory, as the environment has it; "" if nothing tells.
func HomeOf(env func(string) string) string {
	home := env(engine.EnvHome)
	if home == "" && env("HOME") != "" {
		home = filepath.Join(env("HOME"), ".pm2")
	}
	return home
}

// configure reads the flags over the environment.
func configure(args []string, env func(string) string, stderr io.Writer) (cfg Config, trace string, err error) {
	home := HomeOf(env)
	cfg = Config{Limits: DefaultLimits(), Version: version()}
	fs := flag.NewFlagSet("pm2drill engine", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&cfg.Home, "home", home, "PM2's directory ("+engine.EnvHome+", or ~/.pm2)")
	fs.StringVar(&cfg.App, "app", engine.Lookup(env, engine.EnvApp), "PM2's name of the app to look after ("+engine.EnvApp+")")
	fs.StringVar(&cfg.URL, "url", engine.Lookup(env, engine.EnvURL), "health URL of the app ("+engine.EnvURL+")")
	fs.StringVar(&cfg.AlertURL, "alert-url", engine.Lookup(env, engine.EnvAlertURL), "where to POST alerts ("+engine.EnvAlertURL+"); none if empty")
	fs.BoolVar(&cfg.DryRun, "dry-run", false, "say what would be done, and do and write nothing")
	fs.DurationVar(&cfg.Limits.Stall, "stall", cfg.Limits.Stall, "silence after which an event loop counts as blocked")
	fs.IntVar(&cfg.Limits.MinHealthy, "min-healthy", 0, "workers that must go on serving whatever is done; 0 for all but one")
	fs.StringVar(&trace, "trace", "", "record every observation in this file, as JSON lines")
	if err := fs.Parse(args); err != nil {
		return Config{}, "", err
	}
	if fs.NArg() > 0 {
		return Config{}, "", fmt.Errorf("%q is not expected; see --help", fs.Arg(0))
	}
	cfg.Port, err = check(cfg)
	return cfg, trace, err
}

// check looks for what is missing, and finds the app's port.
func check(cfg Config) (port int, err error) {
	switch {
	case cfg.Home == "":
		return 0, fmt.Errorf("PM2's directory is not known: give --home or set %s", engine.EnvHome)
	case cfg.App == "":
		return 0, fmt.Errorf("the app is not known: give --app or set %s", engine.EnvApp)
	case cfg.URL == "":
		return 0, fmt.Errorf("the app's health URL is not known: give --url or set %s", engine.EnvURL)
	case cfg.Limits.Stall <= 0:
		return 0, fmt.Errorf("--stall %s is not a positive time", cfg.Limits.Stall)
	case cfg.Limits.MinHealthy < 0:
		return 0, fmt.Errorf("--min-healthy %d is negative", cfg.Limits.MinHealthy)
	}
	if cfg.AlertURL != "" {
		if _, err := PortOf(cfg.AlertURL); err != nil {
			return 0, fmt.Errorf("cannot use the alert URL: %w", err)
		}
	}
	if port, err = PortOf(cfg.URL); err != nil {
		return 0, fmt.Errorf("cannot use the health URL: %w", err)
	}
	return port, nil
}

// PortOf is the port of an HTTP URL.
func PortOf(s string) (int, error) {
	u, err := url.Parse(s)
	if err != nil {
		return 0, err
	}
	switch {
	case u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return 0, fmt.Errorf("%q is not an http or https URL", u.Redacted())
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

// checkHome says what is wrong with PM2_HOME before anything is written there.
func checkHome(home string) error {
	if st, err := os.Stat(home); err != nil || !st.IsDir() {
		return fmt.Errorf("%s is not a directory: is PM2 installed, and did this user ever start it?", home)
	}
	if _, err := pm2.DaemonPID(home); err != nil {
		return fmt.Errorf("no PM2 daemon has run in %s: start the app first", home)
	}
	return nil
}

// version is that of the build.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// record writes an observation into the trace.
func (r *runner) record(o Observation) {
	if err := json.NewEncoder(r.cfg.Trace).Encode(o); err != nil {
		r.say(engine.Line{Type: engine.TypeWithheld, Action: "trace", Error: err.Error()})
		r.cfg.Trace = nil
	}
}
