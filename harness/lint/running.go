package lint

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// RolloutOnto is Rollout onto what a PM2 daemon runs, by its list as `pm2 jlist` prints
// it.
//
// A daemon has an app's settings as they were prepared: paths are absolute, the mode is
// decided, logs have names. Such a one counts as the new file's own where the new file
// would be prepared to the same. What a daemon does not tell is in the plan's notes.
func RolloutOnto(jlist []byte, new *Subject) (Plan, error) {
	list, err := rowsOf(string(jlist))
	if err != nil {
		return Plan{}, err
	}
	old := &Subject{Target: new.Target}
	notes := []string{"A variable that runs and that the file does not set is not seen: PM2 does not tell it from the caller's own."}
	var others []string
	for _, name := range namesOf(list) {
		a, wanted := named(new.Apps, name)
		if !wanted {
			others = append(others, name)
			continue
		}
		rows := slices.DeleteFunc(slices.Clone(list), func(r gjson.Result) bool { return r.Get("name").Str != name })
		was := old.running(a, rows)
		old.Apps = append(old.Apps, was)
		if a.Plan.Cluster && !was.Ready.Get("cron_restart").Missing() {
			notes = append(notes, fmt.Sprintf("%s: PM2 shows the cron_restart of the last reload; its job may still wait for an older one (R004).", name))
		}
	}
	if len(others) > 0 {
		notes = append(notes, "Other apps run there, and are left alone: "+strings.Join(others, ", ")+".")
	}
	p := Rollout(old, new)
	p.Notes = append(p.Notes, notes...)
	return p, nil
}

// rowsOf finds the list in what pm2 jlist has printed, which may say other things before
// it (">>>> In-memory PM2 is out-of-date").
func rowsOf(printed string) ([]gjson.Result, error) {
	for line := range strings.Lines(printed) {
		if list := strings.TrimSpace(line); strings.HasPrefix(list, "[") && gjson.Valid(list) {
			return slices.DeleteFunc(gjson.Parse(list).Array(), func(r gjson.Result) bool { return r.Get("pm2_env.pmx_module").Bool() }), nil
		}
	}
	return nil, fmt.Errorf("cannot find PM2's list in %d bytes that begin with %.60q: hand over what `pm2 jlist` prints", len(printed), printed)
}

func namesOf(rows []gjson.Result) []string {
	var out []string
	for _, r := range rows {
		if name := r.Get("name").Str; !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// running is the app of those rows, as what would have to stand in a file to get it;
// the new file has a of the same name.
func (s *Subject) running(a App, rows []gjson.Result) App {
	env := jsonValue(rows[0].Get("pm2_env"))
	out := App{Index: a.Index, Name: a.Name, of: s, Plan: a.Plan, Ready: ecosystem.Value{Kind: ecosystem.Object}}
	out.Plan.Cluster, out.Plan.Workers = env.Get("exec_mode").Text == "cluster_mode", len(rows)
	for _, setting := range ecosystem.Settings() {
		if v := running(setting.Key, env, a, out.Plan); !v.Missing() {
			out.Ready.Set(setting.Key, v)
		}
	}
	vars := ecosystem.Value{Kind: ecosystem.Object}
	for _, f := range a.env().Fields {
		switch was := env.Get("env").Get(f.Key); {
		case was.Missing():
		case was.String() == f.Value.String(): // 3000 and "3000" are one to a process
			vars.Set(f.Key, f.Value)
		default:
			vars.Set(f.Key, was)
		}
	}
	out.Raw = ecosystem.Value{Kind: ecosystem.Object, Fields: []ecosystem.Field{{Key: "env", Value: vars}}}
	for _, key := range out.envKeys()[1:] { // env laid under --env's would hide what runs
		out.Raw.Set(key, vars)
	}
	return out
}

// running is a setting of what runs: the new file's own value where it comes to the same.
func running(key string, env ecosystem.Value, a App, plan ecosystem.Prepared) ecosystem.Value {
	now, was := a.Ready.Get(key), env.Get(key)
	as := func(same bool, otherwise ecosystem.Value) ecosystem.Value {
		if same {
			return now
		}
		return otherwise
	}
	switch key {
	case "env", "username":
		return ecosystem.Value{}
	case "name", "append_env_to_name": // by these it was found
		return now
	case "script":
		return as(a.starts(env.Get("pm_exec_path").Text, env.Get("pm_cwd").Text), env.Get("pm_exec_path"))
	case "cwd":
		// Where the file does not say, it is the directory that pm2 is called in: on another
		// host that is not this one.
		elsewhere := now.Missing() && !a.of.exists(env.Get("pm_cwd").Text)
		return as(elsewhere || env.Get("pm_cwd").Text == a.Plan.Cwd, env.Get("pm_cwd"))
	case "exec_mode":
		return as(plan.Cluster == a.Plan.Cluster, was)
	case "instances":
		return as(plan.Workers == a.Plan.Workers, ecosystem.Value{Kind: ecosystem.Number, Num: float64(plan.Workers)})
	case "exec_interpreter":
		return as(a.Plan.Assumed || a.interprets(was.Text, now.Text, env.Get("pm_cwd").Text), was)
	case "uid", "gid": // the command line has looked names up; the daemon has the numbers
		return as(!was.Missing() && now.Is(ecosystem.String), was)
	case "instance_var": // what PM2 shows is the last reload's, what a worker has is the first start's
		return as(env.Has(now.Text), text("another"))
	case "merge_logs": // the same
		merged := !workerMark.MatchString(env.Get(keptAs("out_file")).Text)
		return as(merged == now.True || !strings.HasSuffix(env.Get(keptAs("out_file")).Text, ".log"), ecosystem.Value{Kind: ecosystem.Bool, True: merged})
	case "out_file", "error_file", "log_file", "pid_file":
		return as(a.keeps(key, env), env.Get(keptAs(key)))
	}
	return as(unsaid(key, was) && now.Missing() || was.Inspect() == now.Inspect(), was)
}

// keptAs is where the daemon has a file's path (Common.prepareAppConf, lib/Common.js:197).
func keptAs(key string) string {
	return map[string]string{"out_file": "pm_out_log_path", "error_file": "pm_err_log_path", "log_file": "pm_log_path", "pid_file": "pm_pid_path"}[key]
}

// workerMark is what PM2 puts into the names of a worker's own files
// (God.executeApp, lib/God.js:204).
var workerMark = regexp.MustCompile(`-\d+(\.log|\.pid)$`)

// keeps reports whether the file that runs is the one that the new configuration asks
// for. Where it asks for none, PM2 names it by the app, in a directory of its own.
func (a App) keeps(key string, env ecosystem.Value) bool {
	has, wants := env.Get(keptAs(key)).Text, a.Ready.Get(key)
	unmarked := func(name string) string { return workerMark.ReplaceAllString(name, "$1") }
	switch {
	case wants.Is(ecosystem.String) && (wants.Text == "NULL" || wants.Text == "/dev/null"):
		return has == "/dev/null" || has == ""
	case wants.Is(ecosystem.String) && wants.Text != "" && !strings.HasPrefix(wants.Text, "~"):
		full := joined(env.Get("pm_cwd").Text, wants.Text)
		return has == full || unmarked(has) == unmarked(full)
	case wants.Is(ecosystem.String) && wants.Text != "":
		return base(unmarked(has)) == base(unmarked(wants.Text))
	case key == "log_file" && !wants.Truthy():
		return has == ""
	}
	dir := base(filepath.Dir(has))
	return (dir == "logs" || dir == "pids") && strings.HasPrefix(base(has), oddInName.ReplaceAllString(a.Name, "-"))
}

// oddInName is what PM2 does not want in a file's name (lib/Common.js:192).
var oddInName = regexp.MustCompile(`[^a-zA-Z0-9\\.-]`)

// unsaid reports whether PM2 itself has put the value there, for an app whose file says
// nothing of it.
func unsaid(key string, v ecosystem.Value) bool {
	switch {
	case v.Is(ecosystem.Array):
		return len(v.Items) == 0
	case key == "namespace":
		return v.Text == "default"
	}
	return !v.Truthy()
}

// starts reports whether the file starts the script that runs, in the directory that it
// runs in. A script that is no file in the app's directory is a program on PATH, and what
// runs has its whole path (Common.prepareAppConf, lib/Common.js:133).
func (a App) starts(script, cwd string) bool {
	if samePath(cwd, script, a.Plan.Cwd, a.Plan.Script) {
		return true
	}
	name := a.text("script")
	if strings.Contains(name, "/") || base(script) != name || a.of.exists(a.Plan.Script) {
		return false
	}
	programs := slices.Contains([]string{"bin", "sbin", ".bin", "shims"}, base(filepath.Dir(script)))
	return programs || strings.HasPrefix(beneath(cwd, script), "..")
}

// interprets reports whether the file's interpreter, "" where it has none, comes to the one
// that runs. PM2 keeps one that is given as it is written, takes python3 for scripts in
// Python where there is no python, and has whole paths of its own Node, lsc and coffee
// (Common.sink.resolveInterpreter, lib/Common.js:415).
func (a App) interprets(runs, given, cwd string) bool {
	wants := a.Plan.Interpreter
	switch {
	case runs == wants:
		return true
	case given == "" && wants == "python":
		return runs == "python3"
	case given == "" || given == "lsc" || given == "coffee" || strings.Contains(given, "node@"):
		return base(runs) == base(wants)
	}
	return strings.Contains(runs, "/") && strings.Contains(wants, "/") && samePath(cwd, joined(cwd, runs), a.Plan.Cwd, joined(a.Plan.Cwd, wants))
}

// samePath reports whether two paths are one, or lie alike beneath two directories.
func samePath(cwd, path, otherCwd, other string) bool {
	return path == other || beneath(cwd, path) == beneath(otherCwd, other)
}

// beneath is a path as seen from a directory.
func beneath(dir, name string) string {
	if rel, err := filepath.Rel(dir, name); err == nil {
		return rel
	}
	return name
}

func text(s string) ecosystem.Value { return ecosystem.Value{Kind: ecosystem.String, Text: s} }

// jsonValue is JSON as the value that it is in JavaScript.
func jsonValue(r gjson.Result) ecosystem.Value {
	switch {
	case r.IsObject():
		out := ecosystem.Value{Kind: ecosystem.Object}
		r.ForEach(func(key, v gjson.Result) bool {
			out.Set(key.Str, jsonValue(v))
			return true
		})
		return out
	case r.IsArray():
		out := ecosystem.Value{Kind: ecosystem.Array}
		for _, v := range r.Array() {
			out.Items = append(out.Items, jsonValue(v))
		}
		return out
	case r.Type == gjson.String:
		return text(r.Str)
	case r.Type == gjson.Number:
		return ecosystem.Value{Kind: ecosystem.Number, Num: r.Num}
	case r.IsBool():
		return ecosystem.Value{Kind: ecosystem.Bool, True: r.Bool()}
	case r.Type == gjson.Null && r.Raw != "":
		return ecosystem.Value{Kind: ecosystem.Null}
	}
	return ecosystem.Value{}
}
