package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/pm2drill/pm2drill/harness/capture"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/harness/report"
)

const captureSynopsis = `--app NAME --url URL [flags]

Takes down what this host looks like, while an incident goes on, into one file: PM2's
list, what the engine sees in a while, the ends of PM2's and the app's logs, ecosystem
and dump files, sockets, versions and limits. It changes nothing. Values of environment
variables and whatever looks like a secret are left out; what was is listed.

  pm2drill capture --app web --url http://127.0.0.1:3000/healthz
  pm2drill reproduce --from pm2drill-web-20260102-150405.tgz
`

// longestCapture is how long the engine looks at most.
const longestCapture = 10 * time.Minute

func captureCommand(ctx context.Context, c call) int {
	fs := flag.NewFlagSet("capture", flag.ContinueOnError)
	cfg := capture.Config{Version: version()}
	fs.StringVar(&cfg.Home, "home", remedy.HomeOf(os.Getenv), "PM2's directory")
	fs.StringVar(&cfg.App, "app", engine.Lookup(os.Getenv, engine.EnvApp), "PM2's name of the app")
	fs.StringVar(&cfg.URL, "url", engine.Lookup(os.Getenv, engine.EnvURL), "health URL of the app")
	fs.DurationVar(&cfg.For, "for", 30*time.Second, "how long to look")
	fs.BoolVar(&cfg.Secrets, "keep-secrets", false, "leave in what looks like a secret; values of variables are left out all the same")
	configs := fs.String("config", "", "ecosystem files, separated by commas, besides those found beside the app")
	out := fs.String("out", "", "the file to write (default: pm2drill-APP-TIME.tgz)")
	asJSON := fs.Bool("json", false, "print the manifest on stdout")
	names, code, done := parse(fs, c, captureSynopsis)
	switch {
	case done:
		return code
	case len(names) > 0:
		return complain(c, "capture", "%q is not expected: the app is named with --app", names[0])
	case cfg.App == "" || !strings.HasPrefix(cfg.URL, "http"):
		return complain(c, "capture", "name the app with --app, and where it answers with --url http://...")
	case cfg.For < 5*time.Second || cfg.For > longestCapture:
		return complain(c, "capture", "--for %s: look for 5 s to 10 m", cfg.For)
	}
	if info, err := os.Stat(cfg.Home); err != nil || !info.IsDir() {
		return complain(c, "capture", "%s is no directory: say with --home where PM2's is (PM2_HOME)", cfg.Home)
	}
	if *configs != "" {
		cfg.Configs = strings.Split(*configs, ",")
	}
	if *out == "" {
		*out = fmt.Sprintf("pm2drill-%s-%s.tgz", filepath.Base(cfg.App), time.Now().UTC().Format("20060102-150405"))
	}
	return writeCapture(ctx, c, cfg, *out, *asJSON)
}

func writeCapture(ctx context.Context, c call, cfg capture.Config, out string, asJSON bool) int {
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return complain(c, "capture", "cannot write the capture: %v", err)
	}
	seen := func() {}
	if !asJSON {
		seen = countdown(c, cfg)
	}
	m, err := capture.Take(ctx, cfg, f)
	seen()
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = os.Remove(out) // half of one is none
		return fail(c, "capture", err)
	}
	if asJSON {
		enc := json.NewEncoder(c.stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(m); err != nil {
			return fail(c, "capture", err)
		}
		return exitKept
	}
	if err := tellTaken(c, m, out); err != nil {
		return fail(c, "capture", err)
	}
	return exitKept
}

// countdown says that it looks, on a terminal for how much longer, until seen is called.
func countdown(c call, cfg capture.Config) (seen func()) {
	what := fmt.Sprintf("looking at %s, without touching it, for %s", cfg.App, cfg.For)
	if !terminal(c.stdout) {
		fmt.Fprintln(c.stdout, what)
		return func() {}
	}
	end := time.Now().Add(cfg.For)
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			fmt.Fprintf(c.stdout, "\r\x1b[2K%s: another %.0f s", what, max(0, time.Until(end).Seconds()))
			select {
			case <-stop:
				fmt.Fprintf(c.stdout, "\r\x1b[2K")
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

// tellTaken says what was taken, what of it was left out, what it shows and what to do
// with it.
func tellTaken(c call, m capture.Manifest, out string) error {
	b, err := capture.Open(out)
	if err != nil {
		return err
	}
	r, err := b.Review()
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%-34s %5s %9s  %s\n", "took", "files", "bytes", "secrets replaced")
	for _, p := range m.Parts() {
		fmt.Fprintf(c.stdout, "  %-32s %5d %9d  %s\n", p.What, p.Files, p.Bytes, orDash(p.Redacted))
	}
	for _, x := range m.Missing {
		labelled(c, "not there", x)
	}
	labelled(c, "left out", "the values of all variables but "+strings.Join(capture.Plain(), ", "))
	if !m.Redacted {
		labelled(c, "left in", "what looks like a secret, as --keep-secrets asks")
	}
	labelled(c, "it shows", b.Symptom(r).String())
	labelled(c, "file", out+", which only you can read: look into it before you give it away (tar -xzf)")
	switch {
	case len(r.Found) > 0:
		labelled(c, "next", "pm2drill reproduce --from "+quoted(out))
	case len(r.Dying) > 0:
		labelled(c, "next", "PM2 had given up before anybody looked, and nobody has seen why: take another one, and `pm2 restart "+quoted(m.App)+"` meanwhile")
	default:
		labelled(c, "next", "the rules find nothing wrong: take another one while it happens, or a longer one (--for 2m)")
	}
	return nil
}

// labelled prints a text beside its label, folded on a terminal.
func labelled(c call, label, text string) {
	const indent = 11
	lines := []string{text}
	if f, ok := c.stdout.(*os.File); ok && terminal(f) {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 2*indent {
			lines = report.Folded(text, width-indent)
		}
	}
	for _, line := range lines {
		fmt.Fprintf(c.stdout, "%-*s%s\n", indent, label, line)
		label = ""
	}
}

func orDash(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}
