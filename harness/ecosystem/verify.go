package ecosystem

import (
	"fmt"
	"math"
	"path"
	"regexp"
	"strings"
)

// Rejection is why PM2 does nothing at all with a file: one app that its checks do
// not pass keeps every app of the file from being started.
type Rejection struct {
	App    int      // which app, from 0
	Keys   []string // the keys concerned, as PM2 names them
	Errors []string // PM2's words
	Threw  bool     // PM2 itself fails, with a TypeError and a stack
}

// Error is what PM2 says.
func (r *Rejection) Error() string { return strings.Join(r.Errors, "; ") }

// Verify does with the apps what PM2 does on every start, restart, reload and stop
// of a file (Common.verifyConfs, lib/Common.js:699): it fills in, renames and
// checks. What comes out has PM2's own keys alone.
//
// What depends on the host's users (uid, gid, user) and on the packages for tracing
// is left as it stands.
func Verify(apps []Value, t Target) ([]Value, *Rejection) {
	out := make([]Value, 0, len(apps))
	for i, app := range apps {
		ready, r := verify(app.Copy(), t)
		if r != nil {
			r.App = i
			return nil, r
		}
		out = append(out, ready)
	}
	return out, nil
}

// newThrown returns the rejection of a value over which PM2 throws a TypeError.
func newThrown(key, why string, args ...any) *Rejection {
	return &Rejection{Keys: []string{key}, Errors: []string{"TypeError: " + fmt.Sprintf(why, args...)}, Threw: true}
}

func verify(app Value, t Target) (Value, *Rejection) {
	if app.Missing() {
		return app, newThrown("", "Cannot read properties of %s (reading 'exec_mode')", app.getKind())
	}
	for _, step := range []func(*Value) *Rejection{convertExecMode, renameScriptAlias, nameAfterScript, wrapInShell, convertSimple, convertInstances, checkCronSetting} {
		if r := step(&app); r != nil {
			return app, r
		}
	}
	return validate(app, t)
}

func convertExecMode(app *Value) *Rejection {
	mode := app.Get("exec_mode")
	switch {
	case !mode.Truthy():
	case !mode.Is(String):
		return newThrown("exec_mode", "app.exec_mode.replace is not a function")
	case mode.Text == "fork" || mode.Text == "cluster":
		mode.Text += "_mode"
		app.Set("exec_mode", mode)
	}
	return nil
}

func renameScriptAlias(app *Value) *Rejection {
	for _, alias := range []string{"cmd", "command"} {
		if v := app.Get(alias); v.Truthy() && !app.Get("script").Truthy() {
			app.Set("script", v)
			app.Delete(alias)
		}
	}
	if !app.Get("env").Truthy() {
		app.Set("env", Value{Kind: Object})
	}
	return nil
}

// nameAfterScript names an app after its script (Common.js:921).
func nameAfterScript(app *Value) *Rejection {
	script := app.Get("script")
	if app.Get("name").Truthy() || !script.Truthy() {
		return nil
	}
	if !script.Is(String) {
		return newThrown("script", `The "path" argument must be of type string`)
	}
	name := path.Base(script.Text)
	if script.Text == "/" {
		name = ""
	}
	if dot := strings.LastIndex(name, "."); dot > 0 {
		name = name[:dot]
	}
	app.Set("name", Value{Kind: String, Text: name})
	return nil
}

// wrapInShell has a script with a space in it run by bash (Common.js:744).
func wrapInShell(app *Value) *Rejection {
	if v := app.Get("execute_command"); v.Is(Bool) && v.True || v.Is(Number) && v.Num == 1 {
		app.Set("exec_mode", Value{Kind: String, Text: "fork"})
		app.Delete("execute_command")
	}
	script := app.Get("script")
	switch {
	case !script.Truthy():
	case script.Is(Array):
	case !script.Is(String):
		return newThrown("script", "app.script.indexOf is not a function")
	case strings.Contains(script.Text, " "):
		app.Set("script", Value{Kind: String, Text: "bash"})
		app.Set("args", Value{Kind: Array, Items: []Value{{Kind: String, Text: "-c"}, script}})
		if !app.Get("name").Truthy() {
			app.Set("name", script)
		}
	}
	return nil
}

func convertSimple(app *Value) *Rejection {
	app.Delete("username") // PM2 puts the caller's name there
	if app.Get("time").Truthy() {
		app.Set("log_date_format", Value{Kind: String, Text: "YYYY-MM-DDTHH:mm:ss"})
	}
	if app.Get("automation").isLooselyZero() {
		app.Set("pmx", Value{Kind: Bool})
	}
	if app.Get("disable_trace").Truthy() {
		app.Set("trace", Value{Kind: Bool})
		app.Delete("disable_trace")
	}
	return nil
}

// convertInstances makes a number of whatever string is there: "max" and all that does
// not begin with one is 0, which is one worker a core (Common.js:857).
func convertInstances(app *Value) *Rejection {
	if app.Get("instances").isLoosely("max") {
		app.Set("instances", Value{Kind: Number})
	}
	if n := app.Get("instances"); n.Is(String) {
		count := parseInt(n.Text)
		if math.IsNaN(count) {
			count = 0
		}
		app.Set("instances", Value{Kind: Number, Num: count})
	}
	mode := app.Get("exec_mode")
	if !(mode.Is(String) && mode.Text == "cluster_mode") && !app.Get("instances").Truthy() && app.Get("merge_logs").Is(Undefined) {
		app.Set("merge_logs", Value{Kind: Bool, True: true})
	}
	return nil
}

// checkCronSetting checks the pattern of cron_restart, and of no alias of it
// (Common.js:873).
func checkCronSetting(app *Value) *Rejection {
	v := app.Get("cron_restart")
	if !v.Truthy() || v.isLooselyZero() {
		return nil
	}
	if err := CheckCron(v); err != nil {
		return &Rejection{Keys: []string{"cron_restart"}, Errors: []string{"Cron pattern error: " + err.Error()}}
	}
	return nil
}

// validate copies what the schema knows, and nothing else (Config.validateJSON,
// lib/tools/Config.js:83).
func validate(app Value, t Target) (Value, *Rejection) {
	conf := app.Copy()
	res := Value{Kind: Object}
	var bad Rejection
	for _, s := range Settings() {
		// A key that is its own camel-cased form is looked up last of all, so that a
		// value that counts as false comes back.
		for _, alias := range append(s.Aliases[:len(s.Aliases):len(s.Aliases)], s.camel) {
			if !conf.Get(s.Key).Truthy() {
				conf.Set(s.Key, app.Get(alias))
			}
		}
		v := conf.Get(s.Key)
		conf.Delete(s.Key)
		if !v.Missing() {
			var wrong string
			if v, wrong = s.read(s.Key, v, t); wrong != "" {
				bad.Keys, bad.Errors = append(bad.Keys, s.Key), append(bad.Errors, wrong)
				v = Value{}
			}
		}
		switch {
		case !v.Missing():
			res.Set(s.Key, v)
		case !s.Default.Missing():
			res.Set(s.Key, s.Default)
		}
	}
	env := Setting{Types: []Kind{Object, String}}
	for _, f := range conf.Fields {
		if !envKey.MatchString(f.Key) || f.Value.Is(Undefined) {
			continue
		}
		v, wrong := env.read(f.Key, f.Value, t)
		if wrong != "" {
			bad.Keys, bad.Errors = append(bad.Keys, f.Key), append(bad.Errors, wrong)
		} else if v.Truthy() {
			res.Set(f.Key, f.Value)
		}
	}
	if len(bad.Errors) > 0 {
		return res, &bad
	}
	return res, nil
}

var envKey = regexp.MustCompile(`^env_\S*$`)
