package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/scenarios"
)

const reproduceSynopsis = `[flags] NAME | --from CAPTURE

Starts the cluster of one scenario, puts load on it, injects the fault, and shows the
state live, with commands to look inside. No engine runs until you start it. Quitting
removes everything.

With --from it reads a file of ` + "`pm2drill capture`" + `, prints the diagnosis of the engine's
rules, and causes the same incident: the same versions of PM2 and Node, number of
workers, timeouts and restart settings, and an app that fails in the same way. With --app
it starts your own app from its folder and injects only faults from outside (another
process on its port, a stopped process). With --image that app runs in your image; without
--app, it is the app that the image has at the path where the host had it. The
reproduction is observed as the host was, and the same rules tell whether the symptom is
the same. Exits with 0 if it is, 1 if not, and 2 if that cannot be told.

  pm2drill reproduce port-taken
  pm2drill reproduce --from pm2drill-web-20260102-150405.tgz
  pm2drill reproduce --from pm2drill-web-20260102-150405.tgz --app ./web --os-env web.env
`

func reproduceCommand(ctx context.Context, c call) int {
	fs := flag.NewFlagSet("reproduce", flag.ContinueOnError)
	f := runFlags{command: "reproduce", repeat: 1, jobs: 1}
	var from source
	fs.StringVar(&from.file, "from", "", "a file that pm2drill capture has written")
	fs.BoolVar(&from.diagnose, "diagnose", false, "of --from, only say what it is, and start nothing")
	fs.StringVar(&from.app, "app", "", "of --from, the folder or the ecosystem file of the app itself, instead of one that fails the same way")
	fs.StringVar(&from.image, "image", "", "of --from, an image with node and pm2 that the app of --app runs in; without --app, one that has the app where the host had it")
	fs.StringVar(&from.env, "env", "", "of --app and --image, environment that pm2 is called with: --env production")
	fs.StringVar(&from.osEnv, "os-env", "", "of --app and --image, file of NAME=value lines: the environment that pm2 is called in; a capture has no values")
	fs.StringVar(&from.path, "path", "", "of --app and --image, what to ask the app for, with its query (default: the path of the capture's health URL; a capture has no query)")
	decoy := fs.Bool("decoy", false, "the scenario's look-alike instead of its fault")
	drawn := fs.Bool("variant", false, "an app that differs from the catalogue's in what the seed draws, as in run --variants 1")
	fs.Int64Var(&f.seed, "seed", 0, "seed of the injection's timing, and of --variant; 0 draws one")
	f.versions(fs)
	f.subject(fs)
	names, code, done := parse(fs, c, reproduceSynopsis)
	if done {
		return code
	}
	switch {
	case (len(names) == 1) == (from.file != ""):
		return complain(c, "reproduce", "name one scenario (`pm2drill list` shows them), or a capture with --from")
	case from.file == "" && from != source{}:
		return complain(c, "reproduce", "--app, --image, --env, --os-env, --path and --diagnose go with --from")
	case from.app == "" && from.image == "" && from.env+from.osEnv+from.path != "":
		return complain(c, "reproduce", "--env, --os-env and --path go with --app or --image")
	case from.path != "" && !strings.HasPrefix(from.path, "/"):
		return complain(c, "reproduce", "--path %s: it begins with /", from.path)
	case from.file != "" && (*decoy || *drawn):
		return complain(c, "reproduce", "--decoy and --variant go with the name of a scenario")
	}
	if wrong := f.wrong(c); wrong != "" {
		return complain(c, "reproduce", "%s", wrong)
	}
	if from.file != "" {
		return reproduceFrom(ctx, c, f, from)
	}
	todo, own, err := selected(names)
	switch {
	case err != nil:
		return misnamed(c, "reproduce", err)
	case len(todo) != 1:
		return complain(c, "reproduce", "%s is %d scenarios: name one", names[0], len(todo))
	case *decoy && todo[0].Decoy == nil:
		return complain(c, "reproduce", "%s has no decoy", names[0])
	}
	if *drawn {
		if todo[0], err = todo[0].Vary(f.seed); err != nil {
			return complain(c, "reproduce", "--variant: %v", err)
		}
	}
	f.names = names
	return holdScenario(ctx, c, f, show{scenario: todo[0], arm: armOf(todo[0], *decoy), own: own})
}

// show is a cluster to be shown.
type show struct {
	scenario scenarios.Scenario
	arm      string
	own      map[string]string // folders of scenarios from outside, by their names
	twin     *twin             // of what was captured elsewhere; nil of other shows
	image    string            // that the app runs in, where it is not one of ours; "" for ours
}

// holdScenario prepares what a scenario needs and shows it.
func holdScenario(ctx context.Context, c call, f runFlags, what show) int {
	s := session{flags: f, screen: newScreen(c.stdout, c.stderr, false), started: time.Now(), own: what.own, fleeting: true, foreign: what.image}
	if err := s.prepare(ctx); err != nil {
		return refuse(c, "reproduce", err)
	}
	return s.hold(ctx, c, what)
}

// armOf is the arm whose cluster and fault are set up.
func armOf(s scenarios.Scenario, decoy bool) string {
	switch {
	case decoy || s.Fault == nil && s.Claim == nil:
		return evidence.ArmDecoy
	case s.Claim != nil:
		return evidence.ArmClaim
	}
	return evidence.ArmControl
}

// hold shows the cluster until somebody has seen enough.
func (s *session) hold(ctx context.Context, c call, what show) int {
	d, _, _ := what.scenario.Arm(what.arm, s.engine())
	d.Engine = s.engine()
	bench := s.bench
	bench.Watch = s.screen.watch(what.scenario.Name)
	console := newConsole(c)
	visit := drill.Visit{Stay: func(ctx context.Context, h *drill.Held) error {
		return console.watch(ctx, h, render.Live{
			Title: s.titleOf(what.scenario.Name, what.arm), Hints: hints(h),
		})
	}}
	if what.twin != nil {
		visit = what.twin.beside(visit, console)
	}
	_, err := d.Hold(ctx, bench, visit)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, errLeft) {
		return refuse(c, "reproduce", err)
	}
	code := exitKept
	if what.twin != nil {
		code = what.twin.tell(console)
	}
	fmt.Fprintln(c.stdout, "what was started has been removed")
	return code
}

// titleOf names what is shown, and on what it runs.
func (s *session) titleOf(scenario, arm string) string {
	return fmt.Sprintf("%s, %s   PM2 %s, Node %s", scenario, arm, s.flags.pm2, s.flags.node)
}

// hints are commands for another terminal.
func hints(h *drill.Held) []string {
	exec := "docker exec -it " + h.Cluster().ID()[:12] + " "
	name, url := h.Subject()
	return []string{
		exec + "sh -c 'ss -tlnp; pm2 logs --nostream --lines 20'",
		exec + "pm2drill engine --dry-run --app " + quoted(name) + " --url " + quoted(url),
		exec + "pm2 monit",
		exec + "sh",
	}
}
