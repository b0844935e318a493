package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// Plan is what `pm2 reload FILE` would do to what runs, and what has to be done
// beside it.
type Plan struct {
	Applied  []string  // "web: kill_timeout 1600 -> 5000"
	Findings []Finding // what the reload leaves as it was
	Steps    []Step    // what brings everything into force, in order
	Notes    []string  // what else there is to know
}

// Step is a command.
type Step struct {
	Command string
	Why     string
	Drops   bool // requests may be lost
}

// listKeptByReload returns the settings that a running process keeps: Common.js:654
// deletes the mode, and the others are read when the process is made (measured on 7.0.4).
func listKeptByReload() []string {
	return []string{"script", "exec_mode", "cwd", "exec_interpreter", "out_file", "error_file", "log_file", "pid_file", "merge_logs", "uid", "gid", "instance_var"}
}

// Rollout compares what runs, as the old file has it, with what the new file wants.
func Rollout(old, new *Subject) Plan {
	p := Plan{}
	reload, restarts, together := false, false, 1
	for _, a := range new.Apps {
		was, runs := findByProcess(old.Apps, a.formatProcessName())
		if !runs {
			p.Steps = append(p.Steps, Step{fmt.Sprintf("pm2 start %s --only %s%s", new.Path, a.Name, new.formatEnvFlag()), "it does not run yet", false})
			continue
		}
		applied, steps, found := len(p.Applied), len(p.Steps), len(p.Findings)
		remake := p.compare(was, a)
		switch {
		case remake:
			p.Steps = append(p.Steps[:steps], a.listRecreation(was)...)
		case len(p.Applied) > applied, slices.ContainsFunc(p.Findings[found:], func(f Finding) bool { return f.Rule == "R004" }):
			reload, restarts, together = true, restarts || !a.Plan.Cluster, max(together, a.countAtOnce())
		}
	}
	for _, a := range old.Apps {
		if _, wanted := findByProcess(new.Apps, a.formatProcessName()); !wanted {
			p.Steps = append(p.Steps, Step{"pm2 delete " + a.formatProcessName(), "the new file has it no more, and a reload leaves it running", true})
		}
	}
	if reload {
		why := "what a reload applies, worker by worker"
		if together > 1 {
			why = fmt.Sprintf("what a reload applies, %d workers at a time", together)
		}
		if restarts {
			why = "what a reload applies; in fork mode it is a restart"
		}
		p.Steps = slices.Insert(p.Steps, 0, Step{fmt.Sprintf("pm2 reload %s%s", new.Path, new.formatEnvFlag()), why, restarts})
	}
	for i, f := range p.Findings {
		r, _ := Find(f.Rule)
		p.Findings[i] = new.complete(r, f)
	}
	return p
}

// listRecreation returns the steps that replace an app's processes. Two apps of one
// daemon share a port in cluster mode, as two workers of one app do, so that the new one
// can serve before the old one goes (R002's proof does so under load).
func (a App) listRecreation(was App) []Step {
	start := fmt.Sprintf("pm2 start %s --only %s%s", a.of.Path, a.Name, a.of.formatEnvFlag())
	shares := was.Plan.Cluster && a.Plan.Cluster
	if !shares || a.of.Config.Under == "" || a.of.Dialect == ecosystem.YAML {
		why := "until it has booted, nobody serves"
		if shares {
			why += "; name the app anew in the file, start that first, and none is lost"
		}
		return []Step{{"pm2 delete " + a.formatProcessName(), "a reload keeps what is said above", true}, {start, why, true}}
	}
	next := a.Name + "-next"
	return []Step{
		{fmt.Sprintf("node -p 'JSON.stringify({ apps: require(%q).%s.filter(a => a.name === %q).map(a => ({ ...a, name: %q })) })' > %s.json", joinPath(a.of.findDir(), getBase(a.of.Path)), a.of.Config.Under, a.Name, next, next), "the same app by another name", false},
		{fmt.Sprintf("pm2 start %s.json%s", next, a.of.formatEnvFlag()), "in cluster mode both serve the port", false},
		{"pm2 delete " + a.formatProcessName(), "its workers end as they do in a reload; the app is called " + next + " from now on", false},
	}
}

func (s *Subject) formatEnvFlag() string {
	if s.Target.Env == "" {
		return ""
	}
	return " --env " + s.Target.Env
}

// formatProcessName returns what PM2 calls the app's processes (API._startJson,
// lib/API.js:1020).
func (a App) formatProcessName() string {
	if env := a.of.Target.Env; env != "" && a.is("append_env_to_name") {
		return a.Name + "-" + env
	}
	return a.Name
}

func findByProcess(apps []App, process string) (App, bool) {
	i := slices.IndexFunc(apps, func(a App) bool { return a.formatProcessName() == process })
	if i < 0 {
		return App{}, false
	}
	return apps[i], true
}

// compare puts an app's changes into the plan, and reports whether it has to be made
// anew.
func (p *Plan) compare(was, a App) (remake bool) {
	for _, s := range ecosystem.Settings() {
		old, now := was.Ready.Get(s.Key), a.Ready.Get(s.Key)
		if s.Key == "cwd" && now.Missing() && !old.Missing() {
			now = newText(a.Plan.Cwd) // where pm2 is called
		}
		if s.Key == "env" || s.Key == "username" || isSameValue(old, now) {
			continue
		}
		change := fmt.Sprintf("%s -> %s", formatPlanned(s.Key, old), formatPlanned(s.Key, now))
		switch {
		case s.Key == "instances":
			p.add("R001", a.report(s.Key, "%s: a reload starts or stops no worker.", change))
			p.Steps = append(p.Steps, Step{fmt.Sprintf("pm2 scale %s %d", a.formatProcessName(), a.Plan.Workers), "a reload does not change the number of workers", a.Plan.Workers < was.Plan.Workers})
		case slices.Contains(listKeptByReload(), s.Key):
			p.add("R002", a.report(s.Key, "%s: a running process keeps what it has.", change))
			remake = true
		case s.Key == "cron_restart" && a.Plan.Cluster && !old.Missing() && !now.Missing():
			p.add("R004", a.report(s.Key, "%s: the job goes on as it was made.", change))
			p.Steps = append(p.Steps, a.buildOneByOne())
		case now.Missing():
			p.add("R003", a.report(s.Key, "It was %s, and stays so: the new file does not say.", formatPlanned(s.Key, old)))
			remake = true
		default:
			p.Applied = append(p.Applied, fmt.Sprintf("%s: %s %s", a.Name, s.Key, change))
		}
	}
	return p.compareEnv(was, a) || remake
}

// formatPlanned returns a value as the plan shows it: as people write it in a file.
func formatPlanned(key string, v ecosystem.Value) string {
	setting, _ := ecosystem.SettingOf(key)
	switch {
	case v.Missing():
		return "not set"
	case setting.Unit == "sbyte" && v.Is(ecosystem.Number):
		if size := formatSize(v.Num); size != "" {
			return size
		}
	}
	return formatValue(key, v)
}

// buildOneByOne returns the step that restarts an app's workers, each while the others
// serve (measured on 7.0.4 with three that drain: none of 4,500 requests on connections
// of their own lost, nor of as many on kept ones).
func (a App) buildOneByOne() Step {
	s := Step{fmt.Sprintf("pm2 restart %s --only %s%s", a.of.Path, a.Name, a.of.formatEnvFlag()), "only a restart makes the job anew", true}
	if a.hasManyWorkers() {
		s.Command, s.Drops = fmt.Sprintf("for id in $(pm2 id %s | tr -d '[],'); do pm2 restart $id; done", a.formatProcessName()), false
	}
	return s
}

func (p *Plan) compareEnv(was, a App) (remake bool) {
	old, now := was.buildEnv(), a.buildEnv()
	for _, f := range old.Fields {
		switch {
		case now.Has(f.Key):
		case !a.Plan.Cluster:
			p.Applied = append(p.Applied, fmt.Sprintf("%s: env.%s is gone", a.Name, f.Key))
		default:
			p.add("R003", a.report("env", "The variable %s stays as it was: the new file does not set it.", f.Key))
			remake = true
		}
	}
	for _, f := range now.Fields {
		switch {
		case !old.Has(f.Key):
			p.Applied = append(p.Applied, fmt.Sprintf("%s: env.%s is new", a.Name, f.Key))
		case !isSameValue(old.Get(f.Key), f.Value):
			p.Applied = append(p.Applied, fmt.Sprintf("%s: env.%s %s -> %s", a.Name, f.Key, formatPlanned("env."+f.Key, old.Get(f.Key)), formatPlanned("env."+f.Key, f.Value)))
		}
	}
	return remake
}

func (p *Plan) add(rule string, f Finding) {
	f.Rule = rule
	p.Findings = append(p.Findings, f)
}

// Text is the plan for a terminal.
func (p Plan) Text() string {
	var b strings.Builder
	section := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&b, "%s\n  %s\n\n", title, strings.Join(lines, "\n  "))
		}
	}
	section("A reload applies", p.Applied)
	var ignored, steps []string
	for _, f := range p.Findings {
		ignored = append(ignored, fmt.Sprintf("%s  %s, %s: %s", f.Rule, f.Name, f.Key, f.Message))
	}
	section("It reports success and leaves as it was", ignored)
	for _, s := range p.Steps {
		why := "# " + s.Why
		if s.Drops {
			why += " (may drop requests)"
		}
		if len(s.Command) > 60 {
			steps = append(steps, why, s.Command)
			continue
		}
		steps = append(steps, fmt.Sprintf("%-60s %s", s.Command, why))
	}
	section("All of it comes into force by", steps)
	if b.Len() == 0 {
		b.WriteString("Nothing changes.\n\n")
	}
	section("To know", p.Notes)
	return strings.TrimSuffix(b.String(), "\n")
}
