package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/capture"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy"
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
	fs.StringVar(&cfg.App, "app", os.Getenv(engine.EnvApp), "PM2's name of the app")
	fs.StringVar(&cfg.URL, "url", os.Getenv(engine.EnvURL), "health URL of the app")
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
	if !asJSON {
		fmt.Fprintf(c.stdout, "looking at %s for %s\n", cfg.App, cfg.For)
	}
	m, err := capture.Take(ctx, cfg, f)
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
	for _, x := range m.Files {
		note := ""
		if x.Redacted > 0 {
			note = fmt.Sprintf("  %d secrets left out", x.Redacted)
		}
		fmt.Fprintf(c.stdout, "  %-40s %9d bytes%s\n", x.Name, x.Bytes, note)
	}
	for _, x := range m.Missing {
		fmt.Fprintf(c.stdout, "  not there: %s\n", x)
	}
	fmt.Fprintf(c.stdout, "%s\nnext: pm2drill reproduce --from %s\n", out, quoted(out))
	return exitKept
}
