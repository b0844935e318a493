package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/capture"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy"
)

// longestCapture is how long the engine looks at most.
const longestCapture = 10 * time.Minute

// captureFlags are what capture was asked for besides its configuration.
type captureFlags struct {
	configs string // ecosystem files, separated by commas; "" for what is beside the app
	out     string // "" for a name of its own
	list    bool   // and write nothing
	asJSON  bool
}

// newCapture returns `pm2drill capture`.
func newCapture() *cobra.Command {
	cmd := &cobra.Command{
		Use: "capture --app NAME [--url URL] [flags]", Short: "record the state of a host in an incident, for reproduce --from", GroupID: groupIncident,
		Long: `Records the state of this host during an incident in one file: PM2's list, what the
engine observes for a while, how each worker answers the health URL, the ends of PM2's and the app's logs, the app's settings, PM2's
dump, sockets, versions and limits. It changes nothing. Run it as the user that PM2 runs
as. It is an error if PM2 does not have the app. If the app has no health URL, such as a
consumer of a queue, a worker that lives counts as serving.

It leaves out values of environment variables, except NODE_ENV, PORT and a few others;
arguments, except a few options of Node; userinfo, query and fragment of URLs; and, in
any text, known secrets and what looks like one. Of the ecosystem file that PM2 has
used it takes the app's settings alone, and of other files beside the app nothing. It
lists what it takes and leaves out before it writes anything; --list writes nothing.`,
		Example: `  pm2drill capture --list --app web --url http://127.0.0.1:3000/healthz
  pm2drill capture --app web --url http://127.0.0.1:3000/healthz
  pm2drill capture --app mailer --namespace eu
  pm2drill reproduce --from pm2drill-web-20260102-150405.tgz`,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cfg := capture.Config{Version: cli.Version()}
	var f captureFlags
	cli.Section(cmd, "What is captured", func(fs *pflag.FlagSet) {
		fs.StringVar(&cfg.App, "app", engine.Lookup(os.Getenv, engine.EnvApp), "PM2's `NAME` of the app (variable "+engine.EnvApp+")")
		fs.StringVar(&cfg.URL, "url", engine.Lookup(os.Getenv, engine.EnvURL), "health `URL` of the app (variable "+engine.EnvURL+"); leave it out for an app that serves no network")
		fs.StringVar(&cfg.Namespace, "namespace", "", "PM2's `NAMESPACE` of the app; needed only if several have an app of that name")
		fs.StringVar(&cfg.Home, "home", remedy.HomeOf(os.Getenv), "`DIRECTORY` of PM2 (variable "+engine.EnvHome+", or ~/.pm2)")
		cli.HideDefaults(fs, "app", "url", "home")
		fs.DurationVar(&cfg.For, "for", 30*time.Second, "how long to observe, 5s to 10m")
		fs.StringVar(&f.configs, "config", "", "the ecosystem `FILES` that PM2 was given, separated by commas (default: the one beside the app that starts its script)")
	})
	cli.Section(cmd, "What is written", func(fs *pflag.FlagSet) {
		fs.BoolVar(&f.list, "list", false, "list what would be written and what would be left out, and write nothing")
		fs.StringVar(&f.out, "out", "", "`FILE` to write (default pm2drill-APP-TIME.tgz)")
		fs.BoolVar(&f.asJSON, "json", false, "print the manifest on stdout")
	})
	cli.Completions{"home": cli.CompleteFolders, "out": cli.FilesNamed("tgz")}.Register(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int { return captureHost(ctx, c, cfg, f) })
	return cmd
}

func captureHost(ctx context.Context, c cli.Call, cfg capture.Config, f captureFlags) int {
	names := c.Args
	switch {
	case len(names) > 0:
		return c.Complain("%q is not expected: the app is named with --app", names[0])
	case cfg.App == "":
		return c.Complain("name the app with --app, and where it answers, if it does, with --url http://...")
	case cfg.For < 5*time.Second || cfg.For > longestCapture:
		return c.Complain("--for %s: look for 5 s to 10 m", cfg.For)
	}
	if cfg.URL != "" {
		if _, err := remedy.PortOf(cfg.URL); err != nil {
			return c.Complain("cannot use the health URL: %v", err)
		}
	}
	if info, err := os.Stat(cfg.Home); err != nil || !info.IsDir() {
		return c.Complain("%s is no directory: say with --home where PM2's is (PM2_HOME)", cfg.Home)
	}
	if err := remedy.CheckOwner(cfg.Home); err != nil {
		return c.Complain("%v", err)
	}
	if f.configs != "" {
		cfg.Configs = strings.Split(f.configs, ",")
	}
	if f.out == "" {
		f.out = fmt.Sprintf("pm2drill-%s-%s.tgz", filepath.Base(cfg.App), time.Now().UTC().Format("20060102-150405"))
	}
	evaluate, err := newEvaluator()
	if err != nil {
		return c.Fail(err)
	}
	cfg.Evaluate = evaluate
	if f.list {
		f.out = ""
	}
	return writeCapture(ctx, c, cfg, f.out, f.asJSON)
}

// newEvaluator returns a function that evaluates ecosystem files in a process of its own.
func newEvaluator() (capture.Evaluate, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot find this program to evaluate ecosystem files with: %w", err)
	}
	return func(ctx context.Context, req ecosystem.Request) (ecosystem.Evaluation, error) {
		return sandbox.Run(ctx, []string{binary, "agent", "evaluate"}, req)
	}, nil
}

// writeCapture takes a capture, lists it, and writes it to out; nowhere if that is "".
func writeCapture(ctx context.Context, c cli.Call, cfg capture.Config, out string, asJSON bool) int {
	if _, err := os.Lstat(out); err == nil {
		return c.Complain("cannot write the capture: %s is there already: name another file with --out", out)
	}
	seen := func() {}
	if !asJSON {
		seen = startCountdown(c, cfg)
	}
	taken, err := capture.Take(ctx, cfg)
	seen()
	switch {
	case ctx.Err() != nil:
		return c.Fail(ctx.Err())
	case err != nil:
		return c.Complain("%v", err)
	}
	if asJSON {
		enc := json.NewEncoder(c.Stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(taken.Manifest); err != nil {
			return c.Fail(err)
		}
	} else {
		all, err := taken.Contents()
		if err != nil {
			return c.Fail(err)
		}
		tellContents(c, all, taken.Manifest)
	}
	if out == "" {
		cli.PrintLabelled(cli.Call{Stdout: c.Stderr}, "written", "nothing, as --list asks")
		return cli.ExitKept
	}
	if err := writeTo(out, taken); err != nil {
		return c.Fail(err)
	}
	if asJSON {
		return cli.ExitKept
	}
	if err := tellTaken(c, taken.Manifest, out); err != nil {
		return c.Fail(err)
	}
	return cli.ExitKept
}

// writeTo writes an archive into a new file that its owner alone may read.
func writeTo(out string, taken *capture.Taken) error {
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("cannot write the capture: %w", err)
	}
	if err := errors.Join(taken.Write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(out)) // half of one is none
	}
	return nil
}

// startCountdown says that the command looks, on a terminal also for how much longer,
// until seen is called.
func startCountdown(c cli.Call, cfg capture.Config) (seen func()) {
	what := fmt.Sprintf("looking at %s, without touching it, for %s", cfg.App, cfg.For)
	if !cli.IsTerminal(c.Stdout) {
		fmt.Fprintln(c.Stdout, what)
		return func() {}
	}
	end := time.Now().Add(cfg.For)
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			fmt.Fprintf(c.Stdout, "\r\x1b[2K%s: another %.0f s", what, max(0, time.Until(end).Seconds()))
			select {
			case <-stop:
				fmt.Fprintf(c.Stdout, "\r\x1b[2K")
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

// tellContents lists a capture file by file, what could not be read, and what was left out.
func tellContents(c cli.Call, all []capture.File, m capture.Manifest) {
	fmt.Fprintf(c.Stdout, "%-40s %9s  %s\n", "takes", "bytes", "secrets replaced")
	for _, f := range all {
		fmt.Fprintf(c.Stdout, "  %-38s %9d  %s\n", f.Name, f.Bytes, formatOrDash(f.Redacted))
	}
	for _, x := range m.Missing {
		cli.PrintLabelled(c, "not there", x)
	}
	for _, x := range m.Left {
		cli.PrintLabelled(c, "left out", x.What+": "+x.Why)
	}
	cli.PrintLabelled(c, "left out", "the values of all variables but "+strings.Join(redact.Variables(), ", ")+", and of those what is no number or usual word")
	cli.PrintLabelled(c, "left out", "all arguments but harmless options of Node; userinfo, query and fragment of all URLs")
}

// tellTaken says what a capture shows and what to do with it.
func tellTaken(c cli.Call, m capture.Manifest, out string) error {
	b, err := capture.Open(out)
	if err != nil {
		return err
	}
	r, err := b.Review()
	if err != nil {
		return err
	}
	symptom := b.Symptom(r)
	cli.PrintLabelled(c, "it shows", symptom.String())
	for _, h := range m.Health {
		cli.PrintLabelled(c, "health URL", h.String())
	}
	cli.PrintLabelled(c, "file", out+", which only you can read: look into it before you give it away (tar -xzf)")
	switch {
	case len(r.Found) > 0:
		cli.PrintLabelled(c, "next", "pm2drill reproduce --from "+cli.QuoteWord(out))
	case len(r.Dying) > 0:
		cli.PrintLabelled(c, "next", "PM2 had given up before anybody looked, and nobody has seen why: take another one, and `pm2 restart "+cli.QuoteWord(m.App)+"` meanwhile")
	case symptom.Failing > 0:
		cli.PrintLabelled(c, "next", "workers answer with failures, and the rules find no cause: look at the ends of their logs in the capture (logs/ID-err.log)")
	default:
		cli.PrintLabelled(c, "next", "the rules find nothing wrong: take another one while it happens, or a longer one (--for 2m)")
	}
	return nil
}

func formatOrDash(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}
