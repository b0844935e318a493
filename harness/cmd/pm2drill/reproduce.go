package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/scenarios"
)

// newReproduce returns `pm2drill reproduce`.
func newReproduce() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reproduce [flags] NAME|--from CAPTURE", Short: "cause one incident, or a captured one, and show it live", GroupID: groupIncident,
		Long: `Starts the cluster of one scenario, sends load to it, injects the fault, and shows the
state live, with commands to inspect it. No engine runs until you start it. Leaving
removes everything.

With --from it reads a file of ` + "`pm2drill capture`" + `, prints the diagnosis of the engine's
rules, and causes the same incident: with the same versions of PM2 and Node, number of
workers, timeouts and restart settings, and an app that fails in the same way. With --app
it starts your own app from its folder and injects only faults from outside (another
process on its port, a stopped process). With --image that app runs in your image; without
--app, it is the app that the image has at the path where the host had it. The
reproduction is captured as the host was, and the same rules compare the symptoms.
Exits with 0 if they are the same, 1 if not, and 2 if that cannot be told.`,
		Example: `  pm2drill reproduce port-taken
  pm2drill reproduce --from pm2drill-web-20260102-150405.tgz
  pm2drill reproduce --from pm2drill-web-20260102-150405.tgz --app ./web --os-env web.env`,
		ValidArgsFunction: completeOneScenario,
	}
	f := runFlags{command: "reproduce", repeat: 1, jobs: 1}
	var from source
	var as appearance
	cli.Section(cmd, "A captured incident", from.add)
	cli.Section(cmd, "A scenario", func(fs *pflag.FlagSet) {
		fs.BoolVar(&as.decoy, "decoy", false, "inject the scenario's look-alike instead of its fault")
		fs.BoolVar(&as.drawn, "variant", false, "run an app that differs from the catalogue's in what the seed draws, as in run --variants 1")
		fs.Int64Var(&f.seed, "seed", 0, "seed `N` of the injection's timing and of --variant; 0 draws one")
	})
	cli.Section(cmd, "Versions", f.versions)
	cli.Section(cmd, "Engine that you may start", f.subject)
	cli.Completions{"from": cli.FilesNamed("tgz"), "engine-dir": cli.CompleteFolders}.Register(cmd)
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int { return reproduce(ctx, c, f, from, as) })
	return cmd
}

// appearance is how a scenario is shown.
type appearance struct {
	decoy bool // with its look-alike instead of its fault
	drawn bool // with an app that differs from the catalogue's
}

func reproduce(ctx context.Context, c cli.Call, f runFlags, from source, as appearance) int {
	names := c.Args
	switch {
	case (len(names) == 1) == (from.file != ""):
		return c.Complain("name one scenario (`pm2drill list` shows them), or a capture with --from")
	case from.file == "" && from != source{}:
		return c.Complain("--app, --image, --env, --os-env, --path and --diagnose go with --from")
	case from.app == "" && from.image == "" && from.env+from.osEnv+from.path != "":
		return c.Complain("--env, --os-env and --path go with --app or --image")
	case from.path != "" && !strings.HasPrefix(from.path, "/"):
		return c.Complain("--path %s: it begins with /", from.path)
	case from.file != "" && (as.decoy || as.drawn):
		return c.Complain("--decoy and --variant go with the name of a scenario")
	}
	if wrong := f.wrong(c); wrong != "" {
		return c.Complain("%s", wrong)
	}
	if from.file != "" {
		return reproduceFrom(ctx, c, f, from)
	}
	todo, own, err := selected(names)
	switch {
	case err != nil:
		return misnamed(c, err)
	case len(todo) != 1:
		return c.Complain("%s is %d scenarios: name one", names[0], len(todo))
	case as.decoy && todo[0].Decoy == nil:
		return c.Complain("%s has no decoy", names[0])
	}
	if as.drawn {
		if todo[0], err = todo[0].Vary(f.seed); err != nil {
			return c.Complain("--variant: %v", err)
		}
	}
	f.names = names
	return holdScenario(ctx, c, f, show{scenario: todo[0], arm: armOf(todo[0], as.decoy), own: own})
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
func holdScenario(ctx context.Context, c cli.Call, f runFlags, what show) int {
	s := session{flags: f, screen: newScreen(c.Stdout, c.Stderr, false), started: time.Now(), own: what.own, fleeting: true, foreign: what.image}
	if err := s.prepare(ctx); err != nil {
		return c.Refuse(err)
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
func (s *session) hold(ctx context.Context, c cli.Call, what show) int {
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
		return c.Refuse(err)
	}
	code := cli.ExitKept
	if what.twin != nil {
		code = what.twin.tell(console)
	}
	fmt.Fprintln(c.Stdout, "what was started has been removed")
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
		exec + "pm2drill engine --dry-run --app " + cli.QuoteWord(name) + " --url " + cli.QuoteWord(url),
		exec + "pm2 monit",
		exec + "sh",
	}
}
