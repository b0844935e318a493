package capture

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// reducer takes the secrets out of the settings of an app: those of an ecosystem file, of
// PM2's list or of its dump.
type reducer struct{ veil *redact.Redactor }

// listToldSettings returns the settings beside those of PM2's schema that PM2 keeps with
// an app and that say how it runs (God.prepare, lib/God.js:109; Common.prepareAppConf,
// lib/Common.js:105).
func listToldSettings() []string {
	return []string{"pm_exec_path", "pm_cwd", "pm_out_log_path", "pm_err_log_path", "pm_log_path", "pm_pid_path", "exec_mode", "status", "pm_id", "pm_uptime", "created_at", "restart_time", "unstable_restarts", "node_version", "version", "vizion_running", "treekill"}
}

// reduceApp returns an app without its values: names of variables without their values
// except those of redact.Variable, options of Node that are harmless, one Mark for each
// other argument. Settings of PM2 stay. Of what is no setting of PM2 only the name stays.
func (r reducer) reduceApp(settings map[string]any) map[string]any {
	out := map[string]any{}
	for key, v := range settings {
		out[r.veil.Clean(key)] = r.reduceSetting(key, v)
	}
	return out
}

func (r reducer) reduceSetting(key string, v any) any {
	known, ok := ecosystem.SettingOf(key)
	name := key
	if ok {
		name = known.Key
	}
	switch {
	case name == "env" || strings.HasPrefix(key, ecosystem.EnvPrefix):
		return reduceVariables(v)
	case slices.Contains([]string{"args", "node_args", "interpreter_args"}, name):
		return reduceArguments(v)
	case !ok && !slices.Contains(listToldSettings(), key):
		return redact.Mark
	}
	switch name {
	case "script", "exec_interpreter", "pm_exec_path":
		if s, isText := v.(string); isText && strings.Contains(s, " -") {
			return r.veil.Clean(redact.Command(s))
		}
	case "post_update", "pre_setup", "cmd", "command", "trace", "disable_trace":
		return redact.Mark
	}
	return r.cleanValue(v)
}

// cleanValue returns the value of a setting: texts without secrets, and of an object its
// names.
func (r reducer) cleanValue(v any) any {
	switch v := v.(type) {
	case string:
		return r.veil.Clean(v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = r.cleanValue(x)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for key := range v {
			out[r.veil.Clean(key)] = redact.Mark
		}
		return out
	}
	return v
}

func reduceVariables(v any) any {
	env, ok := v.(map[string]any)
	if !ok {
		return redact.Mark
	}
	out := map[string]any{}
	for name, value := range env {
		out[name] = redact.Variable(name, fmt.Sprint(value))
	}
	return out
}

func reduceArguments(v any) any {
	var words []string
	switch v := v.(type) {
	case string:
		words = strings.Fields(v)
	case []any:
		for _, x := range v {
			words = append(words, fmt.Sprint(x))
		}
	default:
		return redact.Mark
	}
	return redact.Arguments(words)
}

// reduceApps returns a list of apps in JSON, such as PM2's dump, without their values.
func (r reducer) reduceApps(text []byte) ([]byte, error) {
	var apps []map[string]any
	if err := json.Unmarshal(text, &apps); err != nil {
		return nil, fmt.Errorf("it is no list of apps in JSON")
	}
	for i, a := range apps {
		apps[i] = r.reduceApp(a)
	}
	return encodeIndented(apps)
}

// reduceRows returns the settings of the rows of PM2's list that are of the manifest's
// app.
func (r reducer) reduceRows(list []byte, m Manifest) ([]byte, error) {
	var rows []struct {
		Name string         `json:"name"`
		Env  map[string]any `json:"pm2_env"`
	}
	if err := json.Unmarshal(list, &rows); err != nil {
		return nil, fmt.Errorf("PM2's list is no JSON of rows")
	}
	var out []map[string]any
	for _, row := range rows {
		space, _ := row.Env["namespace"].(string)
		if m.has(pm2.Process{Name: row.Name, Namespace: space}) {
			out = append(out, r.reduceApp(row.Env))
		}
	}
	return encodeIndented(out)
}

func encodeIndented(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}
