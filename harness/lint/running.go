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
	list, err := parseRows(string(jlist))
	if err != nil {
		return Plan{}, err
	}
	old := &Subject{Target: new.Target}
	notes := []string{"A variable that runs and that the file does not set is not seen: PM2 does not tell it from the caller's own."}
	var others []string
	for _, name := range listNames(list) {
		a, wanted := findByProcess(new.Apps, name)
		if !wanted {
			others = append(others, name)
			continue
		}
		rows := slices.DeleteFunc(slices.Clone(list), func(r gjson.Result) bool { return r.Get("name").Str != name })
		was := old.buildRunning(a, rows)
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

// parseRows finds the list in what pm2 jlist has printed, which may say other things
// before it (">>>> In-memory PM2 is out-of-date"). It leaves out modules of PM2.
func parseRows(printed string) ([]gjson.Result, error) {
	for line := range strings.Lines(printed) {
		if list := strings.TrimSpace(line); strings.HasPrefix(list, "[") && gjson.Valid(list) {
			return slices.DeleteFunc(gjson.Parse(list).Array(), func(r gjson.Result) bool { return r.Get("pm2_env.pmx_module").Bool() }), nil
		}
	}
	return nil, fmt.Errorf("cannot find PM2's list in %d bytes that begin with %.60q: hand over what `pm2 jlist` prints", len(printed), printed)
}

func listNames(rows []gjson.Result) []string {
	var out []string
	for _, r := range rows {
		if name := r.Get("name").Str; !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// buildRunning returns the app of those rows, as what would have to be in a file to get
// it; the new file has a of the same name.
func (s *Subject) buildRunning(a App, rows []gjson.Result) App {
	env := parseJSON(rows[0].Get("pm2_env"))
	out := App{Index: a.Index, Name: a.Name, of: s, Plan: a.Plan, Ready: ecosystem.Value{Kind: ecosystem.Object}}
	out.Plan.Cluster, out.Plan.Workers = env.Get("exec_mode").Text == "cluster_mode", len(rows)
	for _, setting := range ecosystem.Settings() {
		if v := convertRunning(setting.Key, env, a, out.Plan); !v.Missing() {
			out.Ready.Set(setting.Key, v)
		}
	}
	vars := ecosystem.Value{Kind: ecosystem.Object}
	for _, f := range a.buildEnv().Fields {
		switch was := env.Get("env").Get(f.Key); {
		case was.Missing():
		case was.String() == f.Value.String(): // 3000 and "3000" are one to a process
			vars.Set(f.Key, f.Value)
		default:
			vars.Set(f.Key, was)
		}
	}
	out.Raw = ecosystem.Value{Kind: ecosystem.Object, Fields: []ecosystem.Field{{Key: "env", Value: vars}}}
	for _, key := range out.listEnvKeys()[1:] { // env laid under --env's would hide what runs
		out.Raw.Set(key, vars)
	}
	return out
}

// convertRunning returns a setting of what runs: the new file's own value where it comes
// to the same.
func convertRunning(key string, env ecosystem.Value, a App, plan ecosystem.Prepared) ecosystem.Value {
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
		return as(a.isScript(env.Get("pm_exec_path").Text, env.Get("pm_cwd").Text), env.Get("pm_exec_path"))
	case "cwd":
		// Where the file does not say, it is the directory that pm2 is called in: on another
		// host that is not this one.
		elsewhere := now.Missing() && !a.of.hasFile(env.Get("pm_cwd").Text)
		return as(elsewhere || env.Get("pm_cwd").Text == a.Plan.Cwd, env.Get("pm_cwd"))
	case "exec_mode":
		return as(plan.Cluster == a.Plan.Cluster, was)
	case "instances":
		return as(plan.Workers == a.Plan.Workers, ecosystem.Value{Kind: ecosystem.Number, Num: float64(plan.Workers)})
	case "exec_interpreter":
		return as(a.Plan.Assumed || a.isInterpreter(was.Text, now.Text, env.Get("pm_cwd").Text), was)
	case "uid", "gid": // the command line has looked names up; the daemon has the numbers
		return as(!was.Missing() && now.Is(ecosystem.String), was)
	case "instance_var": // what PM2 shows is the last reload's, what a worker has is the first start's
		return as(env.Has(now.Text), newText("another"))
	case "merge_logs": // the same
		merged := !workerMark.MatchString(env.Get(findPM2Key("out_file")).Text)
		return as(merged == now.True || !strings.HasSuffix(env.Get(findPM2Key("out_file")).Text, ".log"), ecosystem.Value{Kind: ecosystem.Bool, True: merged})
	case "out_file", "error_file", "log_file", "pid_file":
		return as(a.isFileKept(key, env), env.Get(findPM2Key(key)))
	}
	return as(isPM2Default(key, was) && now.Missing() || was.Inspect() == now.Inspect(), was)
}

// findPM2Key returns the key under which the daemon has a file's path
// (Common.prepareAppConf, lib/Common.js:197), "" for other keys.
func findPM2Key(key string) string {
	return map[string]string{"out_file": "pm_out_log_path", "error_file": "pm_err_log_path", "log_file": "pm_log_path", "pid_file": "pm_pid_path"}[key]
}

// workerMark is what PM2 puts into the names of a worker's own files
// (God.executeApp, lib/God.js:204).
var workerMark = regexp.MustCompile(`-\d+(\.log|\.pid)$`)

// isFileKept reports whether the file that runs is the one that the new configuration
// asks for. Where it asks for none, PM2 names it by the app, in a directory of its own.
func (a App) isFileKept(key string, env ecosystem.Value) bool {
	has, wants := env.Get(findPM2Key(key)).Text, a.Ready.Get(key)
	unmarked := func(name string) string { return workerMark.ReplaceAllString(name, "$1") }
	switch {
	case wants.Is(ecosystem.String) && (wants.Text == "NULL" || wants.Text == "/dev/null"):
		return has == "/dev/null" || has == ""
	case wants.Is(ecosystem.String) && wants.Text != "" && !strings.HasPrefix(wants.Text, "~"):
		full := joinPath(env.Get("pm_cwd").Text, wants.Text)
		return has == full || unmarked(has) == unmarked(full)
	case wants.Is(ecosystem.String) && wants.Text != "":
		return getBase(unmarked(has)) == getBase(unmarked(wants.Text))
	case key == "log_file" && !wants.Truthy():
		return has == ""
	}
	dir := getBase(filepath.Dir(has))
	return (dir == "logs" || dir == "pids") && strings.HasPrefix(getBase(has), oddInName.ReplaceAllString(a.Name, "-"))
}

// oddInName is what PM2 does not want in a file's name (lib/Common.js:192).
var oddInName = regexp.MustCompile(`[^a-zA-Z0-9\\.-]`)

// isPM2Default reports whether PM2 itself has put the value there, for an app whose file
// does not have it.
func isPM2Default(key string, v ecosystem.Value) bool {
	switch {
	case v.Is(ecosystem.Array):
		return len(v.Items) == 0
	case key == "namespace":
		return v.Text == "default"
	}
	return !v.Truthy()
}

// isScript reports whether the file starts the script that runs, in the directory that it
// runs in. A script that is no file in the app's directory is a program on PATH, and what
// runs has its whole path (Common.prepareAppConf, lib/Common.js:133).
func (a App) isScript(script, cwd string) bool {
	if isSamePath(cwd, script, a.Plan.Cwd, a.Plan.Script) {
		return true
	}
	name := a.getText("script")
	if strings.Contains(name, "/") || getBase(script) != name || a.of.hasFile(a.Plan.Script) {
		return false
	}
	programs := slices.Contains([]string{"bin", "sbin", ".bin", "shims"}, getBase(filepath.Dir(script)))
	return programs || strings.HasPrefix(makeRelative(cwd, script), "..")
}

// isInterpreter reports whether the file's interpreter, "" where it has none, comes to
// the one that runs. PM2 keeps one that is given as it is written, takes python3 for
// scripts in Python where there is no python, and has whole paths of its own Node, lsc
// and coffee (Common.sink.resolveInterpreter, lib/Common.js:415).
func (a App) isInterpreter(runs, given, cwd string) bool {
	wants := a.Plan.Interpreter
	switch {
	case runs == wants:
		return true
	case given == "" && wants == "python":
		return runs == "python3"
	case given == "" || given == "lsc" || given == "coffee" || strings.Contains(given, "node@"):
		return getBase(runs) == getBase(wants)
	}
	return strings.Contains(runs, "/") && strings.Contains(wants, "/") && isSamePath(cwd, joinPath(cwd, runs), a.Plan.Cwd, joinPath(a.Plan.Cwd, wants))
}

// isSamePath reports whether two paths are one, or are alike relative to two directories.
func isSamePath(cwd, path, otherCwd, other string) bool {
	return path == other || makeRelative(cwd, path) == makeRelative(otherCwd, other)
}

// makeRelative returns a path as seen from a directory.
func makeRelative(dir, name string) string {
	if rel, err := filepath.Rel(dir, name); err == nil {
		return rel
	}
	return name
}

func newText(s string) ecosystem.Value { return ecosystem.Value{Kind: ecosystem.String, Text: s} }

// parseJSON returns JSON as the value that it is in JavaScript.
func parseJSON(r gjson.Result) ecosystem.Value {
	switch {
	case r.IsObject():
		out := ecosystem.Value{Kind: ecosystem.Object}
		r.ForEach(func(key, v gjson.Result) bool {
			out.Set(key.Str, parseJSON(v))
			return true
		})
		return out
	case r.IsArray():
		out := ecosystem.Value{Kind: ecosystem.Array}
		for _, v := range r.Array() {
			out.Items = append(out.Items, parseJSON(v))
		}
		return out
	case r.Type == gjson.String:
		return newText(r.Str)
	case r.Type == gjson.Number:
		return ecosystem.Value{Kind: ecosystem.Number, Num: r.Num}
	case r.IsBool():
		return ecosystem.Value{Kind: ecosystem.Bool, True: r.Bool()}
	case r.Type == gjson.Null && r.Raw != "":
		return ecosystem.Value{Kind: ecosystem.Null}
	}
	return ecosystem.Value{}
}
