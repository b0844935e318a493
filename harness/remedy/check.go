package remedy

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/config"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Init writes a configuration for every app of the PM2 of a directory into a new file.
func Init(ctx context.Context, home, name string) error {
	if err := CheckHome(home); err != nil {
		return err
	}
	list, err := listProcesses(ctx, home)
	if err != nil {
		return err
	}
	text, err := config.Draft(home, list)
	if err != nil {
		return err
	}
	return config.Create(name, text)
}

// Check validates a configuration file, by itself and against the PM2 that it is for, and
// prints what the engine would make of it. home is PM2's directory where the file names none.
func Check(ctx context.Context, file string, env func(string) string, home string, out io.Writer) error {
	x := NewCommand(env)
	x.Declare(flag.NewFlagSet("engine", flag.ContinueOnError)) // for what is without a flag
	if home != "" {
		x.cfg.Home = home
	}
	f, err := config.Read(file, env)
	if err != nil {
		return err
	}
	cfg, err := x.useFile(ctx, f, nil)
	if err != nil {
		return err
	}
	doubts, err := findDoubtfulURLs(ctx, cfg)
	if err != nil {
		return err
	}
	list, err := x.list(ctx, cfg.Home)
	if err != nil {
		return err
	}
	chosen, err := f.List(list)
	if err != nil {
		return err
	}
	for _, p := range f.Doubt(chosen, list) {
		doubts = append(doubts, p.Error())
	}
	fmt.Fprintf(out, "%s is right, for PM2 in %s\n", file, cfg.Home)
	for _, doubt := range doubts {
		fmt.Fprintf(out, "WARNING: %s\n", doubt)
	}
	for _, app := range cfg.Apps {
		name := app.Name
		if app.Namespace != "" {
			name += " in namespace " + app.Namespace
		}
		fmt.Fprintf(out, "\n%s\n  %s\n", name, describeHealth(ctx, app))
		least := "all but one"
		if n := app.Limits.MinHealthy; n > 0 {
			least = strconv.Itoa(n)
		}
		fmt.Fprintf(out, "  workers that keep serving whatever is done: %s\n", least)
		fmt.Fprintf(out, "  actions an hour: at most %d, and %d on one worker\n", app.Limits.PerApp, app.Limits.PerWorker)
		fmt.Fprintf(out, "  policy: %s\n", describePolicies(app.Limits.Policies))
	}
	var names []string
	for _, t := range cfg.Targets {
		names = append(names, t.Name())
	}
	if len(names) == 0 {
		names = []string{"nobody: there are no channels"}
	}
	fmt.Fprintf(out, "\ntold: %s\n", strings.Join(names, ", "))
	return nil
}

// findDoubtfulURLs looks at each app as the engine does when it starts. It returns the
// health URLs that may be wrong, and as an error those with which the engine refuses to
// start.
func findDoubtfulURLs(ctx context.Context, cfg Config) (doubts []string, wrong error) {
	for _, app := range cfg.Apps {
		w := observe.NewWatcher(cfg.Home, app.Name, app.URL, app.Port, new(redact.Redactor))
		w.UseNamespace(app.Namespace)
		doubt, sure := findURLDoubt(w, app, w.Look(ctx, observe.Focus{}))
		w.Close()
		switch {
		case sure:
			wrong = errors.Join(wrong, errors.New(doubt))
		case doubt != "":
			doubts = append(doubts, doubt)
		}
	}
	return doubts, wrong
}

// describeHealth asks the health URL once, and says what the answer means.
func describeHealth(ctx context.Context, app App) string {
	if app.URL == "" {
		return "no health URL: a worker that lives counts as serving"
	}
	a := observe.ProbeHealth(ctx, app.URL, app.Port, 1, nil)[0]
	switch {
	case a.Error != "":
		return fmt.Sprintf("WARNING: the health URL does not answer now: %s", a.Error)
	case len(app.Expect) == 0:
		return fmt.Sprintf("the health URL answers %d now; what is usual is learned", a.Status)
	case !slices.ContainsFunc(app.Expect, func(s observe.Statuses) bool { return s.From <= a.Status && a.Status <= s.To }):
		return fmt.Sprintf("WARNING: the health URL answers %d now, which is not expected", a.Status)
	}
	return fmt.Sprintf("the health URL answers %d now, as expected", a.Status)
}

// describePolicies lists policies for people.
func describePolicies(p plan.Policies) string {
	byDefault := p.Default
	if byDefault == "" {
		byDefault = plan.PolicyAct
	}
	out := []string{string(byDefault)}
	for _, cause := range slices.Sorted(maps.Keys(p.Causes)) {
		out = append(out, fmt.Sprintf("%s of %s", p.Causes[cause], cause))
	}
	return strings.Join(out, ", ")
}
