package reproduce

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/capture"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/scenarios"
)

// Source says where an incident is reproduced from.
type Source struct {
	file     string // of the capture
	diagnose bool   // and no more
	asJSON   bool   // the diagnosis
	app      string // folder or ecosystem file of the app itself; "" for none
	image    string // that the app runs in, or is in; "" for none
	env      string // what pm2 is called with
	osEnv    string // file of the environment that pm2 is called in
	path     string // to ask the app for, with its query; "" for the capture's
}

// Declare adds the flags of a reproduction from a capture.
func (from *Source) Declare(fs *pflag.FlagSet) {
	fs.StringVar(&from.file, "from", "", "a `FILE` that pm2drill capture has written")
	fs.BoolVar(&from.diagnose, "diagnose", false, "only print what the incident is, and start nothing")
	fs.BoolVar(&from.asJSON, "json", false, "with --diagnose, print what the incident is as JSON")
	fs.StringVar(&from.app, "app", "", "`FOLDER` or ecosystem file of the app itself, to run instead of one that fails in the same way")
	fs.StringVar(&from.image, "image", "", "`IMAGE` with node and pm2 that the app of --app runs in; without --app, one that has the app where the host had it")
	fs.StringVar(&from.env, "env", "", "of --app and --image, `NAME` of the environment that pm2 is called with, as in pm2 start --env production")
	fs.StringVar(&from.osEnv, "os-env", "", "of --app and --image, `FILE` of NAME=value lines: the environment variables that pm2 is called with; a capture has no values")
	fs.StringVar(&from.path, "path", "", "of --app and --image, `PATH` to request from the app, with its query (default: the path of the capture's health URL; a capture has no query)")
}

// reproduceCapture prints what a capture shows, and causes the same incident. Versions of PM2 and Node
// that f does not name are those of the host.
func reproduceCapture(ctx context.Context, c cli.Call, f session.Flags, from Source) int {
	b, err := capture.Open(from.file)
	if err != nil {
		return c.Complain("%v", err)
	}
	seen, err := b.Review()
	if err != nil {
		return c.Complain("%s: %v", from.file, err)
	}
	symptom := b.Symptom(seen)
	if from.asJSON {
		return printDiagnosis(c, b, seen.Found, symptom)
	}
	printCapture(c, b, seen.Found, symptom)
	own := from.app != "" || from.image != ""
	if len(seen.Found) == 0 && !own {
		cli.PrintLabelled(c, "scenario", "none: the rules find no cause, so there is nothing to reproduce; --app shows your own app")
		return cli.ExitInconclusive
	}
	sc, ok := scenarios.OfCause(string(symptom.Cause))
	printScenario(c, sc, ok, symptom)
	if f.Node == "" {
		f.Node = b.Manifest.Node
	}
	if f.PM2 == "" {
		f.PM2 = b.Manifest.PM2
	}
	switch {
	case !ok && (from.diagnose || !own):
		return cli.ExitInconclusive
	case from.diagnose:
		return cli.ExitKept
	case own:
		return showOwnApp(ctx, c, f, from, b, symptom, sc)
	}
	f.Names = []string{sc.Name}
	sc.App.Settings = applyCaptured(&sc, b)
	tw := newSymptomCheck(b, symptom, sc.App.Name, sc.App.URL())
	return showScenario(ctx, c, f, show{scenario: sc, arm: chooseArm(sc, false), check: tw})
}

// printCapture says what was taken down and what it shows.
func printCapture(c cli.Call, b capture.Bundle, found []diagnose.Diagnosis, symptom capture.Symptom) {
	m, workers := b.Manifest, "1 worker"
	if n := len(b.Processes); n != 1 {
		workers = fmt.Sprintf("%d workers", n)
	}
	cli.PrintLabelled(c, "captured", fmt.Sprintf("%s, %s, PM2 %s, Node %s, %d cores, %s", m.App, workers, m.PM2, m.Node, m.Cores, m.Taken.Format("2006-01-02 15:04:05 MST")))
	cli.PrintLabelled(c, "symptom", symptom.String())
	for _, h := range m.Health {
		cli.PrintLabelled(c, "health URL", h.String())
	}
	for _, x := range m.Left {
		cli.PrintLabelled(c, "left out", x.What+": "+x.Why)
	}
	for _, x := range found {
		cli.PrintLabelled(c, "diagnosis", fmt.Sprintf("%s %s", x.Cause, x.Subject))
		for _, e := range x.Evidence {
			cli.PrintLabelled(c, "", fmt.Sprintf("- %s: %s", e.Source, e.Text))
		}
		for _, r := range x.RuledOut {
			cli.PrintLabelled(c, "", fmt.Sprintf("- not %s: %s", r.Cause, r.Fact))
		}
	}
}

// printScenario says which scenario is about the cause, if there is one.
func printScenario(c cli.Call, sc scenarios.Scenario, ok bool, symptom capture.Symptom) {
	if !ok {
		cli.PrintLabelled(c, "scenario", fmt.Sprintf("none of the catalogue is about %s", cmp.Or(string(symptom.Cause), "it")))
		return
	}
	cli.PrintLabelled(c, "scenario", fmt.Sprintf("%s: it is about %s", sc.Name, symptom.Cause))
	cli.PrintLabelled(c, "", strings.ReplaceAll(sc.Story, "\n", " "))
}

// applyCaptured gives the scenario's app as many workers as the captured one has, and
// returns its settings with those of the captured one that decide how PM2 starts, ends
// and restarts it. What the host did not configure is not configured.
func applyCaptured(sc *scenarios.Scenario, b capture.Bundle) map[string]any {
	if len(b.Processes) == 0 {
		return sc.App.Settings
	}
	p := b.Processes[0]
	settings := map[string]any{"autorestart": p.Autorestart, "max_restarts": nil}
	maps.Copy(settings, sc.App.Settings)
	if p.MaxRestarts > 0 {
		settings["max_restarts"] = p.MaxRestarts
	}
	for key, d := range map[string]time.Duration{
		"kill_timeout": p.KillTimeout, "listen_timeout": p.ListenTimeout, "min_uptime": p.MinUptime,
		"restart_delay": p.RestartDelay, "exp_backoff_restart_delay": p.Backoff,
	} {
		settings[key] = nil
		if d > 0 {
			settings[key] = d.Milliseconds()
		}
	}
	if p.Mode == "cluster" {
		settings["instances"] = len(b.Processes)
		sc.App.Workers = len(b.Processes)
	}
	return settings
}
