package reproduce

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/hold"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/live"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/scenarios"
)

// Appearance says how a scenario is shown.
type Appearance struct {
	Decoy bool // with its look-alike instead of its fault
	Drawn bool // with an app that differs from the catalogue's
}

// Run reproduces the scenario that the call names, or the capture of from, and returns the
// exit code.
func Run(ctx context.Context, c cli.Call, f session.Flags, from Source, as Appearance) int {
	names := c.Args
	switch {
	case (len(names) == 1) == (from.file != ""):
		return c.Complain("name one scenario (`pm2drill list` shows them), or a capture with --from")
	case from.file == "" && from != Source{}:
		return c.Complain("--app, --image, --env, --os-env, --path, --diagnose and --json go with --from")
	case from.asJSON && !from.diagnose:
		return c.Complain("--json goes with --diagnose: the reproduction itself is shown live")
	case from.app == "" && from.image == "" && from.env+from.osEnv+from.path != "":
		return c.Complain("--env, --os-env and --path go with --app or --image")
	case from.path != "" && !strings.HasPrefix(from.path, "/"):
		return c.Complain("--path %s: it begins with /", from.path)
	case from.file != "" && (as.Decoy || as.Drawn):
		return c.Complain("--decoy and --variant go with the name of a scenario")
	}
	if wrong := f.Wrong(c); wrong != "" {
		return c.Complain("%s", wrong)
	}
	if from.file != "" {
		return reproduceCapture(ctx, c, f, from)
	}
	todo, own, err := session.Select(names)
	switch {
	case err != nil:
		return session.RefuseName(c, err)
	case len(todo) != 1:
		return c.Complain("%s is %d scenarios: name one", names[0], len(todo))
	case as.Decoy && todo[0].Decoy == nil:
		return c.Complain("%s has no decoy", names[0])
	}
	if as.Drawn {
		if todo[0], err = todo[0].Vary(f.Seed); err != nil {
			return c.Complain("--variant: %v", err)
		}
	}
	f.Names = names
	return showScenario(ctx, c, f, show{scenario: todo[0], arm: chooseArm(todo[0], as.Decoy), own: own})
}

// show describes a cluster to be shown.
type show struct {
	scenario scenarios.Scenario
	arm      string
	own      map[string]string // folders of scenarios from outside, by their names
	check    *symptomCheck     // of what was captured elsewhere; nil of other shows
	image    string            // that the app runs in, where it is not one of ours; "" for ours
}

// showScenario prepares what a scenario needs and shows it.
func showScenario(ctx context.Context, c cli.Call, f session.Flags, what show) int {
	s := session.Session{Flags: f, Progress: session.NewProgress(c.Stdout, c.Stderr, false), Started: time.Now(), Own: what.own, Fleeting: true, Foreign: what.image}
	if err := s.Prepare(ctx); err != nil {
		return c.Refuse(err)
	}
	return holdCluster(ctx, c, &s, what)
}

// chooseArm returns the arm whose cluster and fault are set up.
func chooseArm(s scenarios.Scenario, decoy bool) string {
	switch {
	case decoy || s.Fault == nil && s.Claim == nil:
		return evidence.ArmDecoy
	case s.Claim != nil:
		return evidence.ArmClaim
	}
	return evidence.ArmControl
}

// hold shows the cluster until somebody has seen enough.
func holdCluster(ctx context.Context, c cli.Call, s *session.Session, what show) int {
	d, _, _ := what.scenario.Arm(what.arm, s.NewEngine())
	d.Engine = s.NewEngine()
	bench := s.Bench
	bench.Watch = s.Progress.Watch(what.scenario.Name)
	console := hold.NewConsole(c)
	visit := drill.Visit{Stay: func(ctx context.Context, h *drill.Held) error {
		return console.Watch(ctx, h, s.Title(what.scenario.Name, what.arm))
	}}
	if what.check != nil {
		visit = what.check.wrapVisit(visit, console)
	}
	_, err := d.Hold(ctx, bench, visit)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, live.ErrLeft) {
		return c.Refuse(err)
	}
	code := cli.ExitKept
	if what.check != nil {
		code = what.check.conclude(console)
	}
	fmt.Fprintln(c.Stdout, "what was started has been removed")
	return code
}
