package lint

import (
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func e002() Rule {
	return Rule{
		ID: "E002", Severity: Error,
		Title:  "an environment variable that overwrites a setting of PM2's",
		Why:    "PM2 lays the app's environment over its own record of the process. A variable called name renames the process, one called instances, exec_mode, max_restarts or status replaces that setting in the record, with text for a number. `pm2 reload APP` then finds no such app. PM2 knows no settings per environment: exec_mode: \"cluster\" and instances: 2 in env started one process in fork mode, which pm2 ls shows as \"cluster\"; watch: true in env did start watching. The same on 5.4.3 and 6.0.14. watch and ignore_watch there are a remark: on 7.0.4 the paths in them worked, also.",
		Fix:    "Give the variable another name, such as APP_NAME.",
		Source: "lib/God.js:178",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, env := range a.listEnvs() {
				for _, f := range a.Raw.Get(env).Fields {
					if recordField(f.Key) {
						out = append(out, a.reportOverwrite(env, f))
					}
				}
			}
			return out
		},
	}
}

// reportOverwrite returns the finding of a variable with the name of a setting. What
// cannot be meant for the app's own code is a setting in the wrong place.
func (a App) reportOverwrite(env string, f ecosystem.Field) Finding {
	key := env + "." + f.Key
	switch {
	case (f.Key == "watch" || f.Key == "ignore_watch") && (f.Value.Is(ecosystem.Bool) || isSetting(f)):
		out := a.report(key, "PM2 documents no settings per environment; %s in %s does set what is watched.", f.Key, env).setFix("Nothing, where files are meant to restart the app; else move %s out of %s, into the app.", f.Key, env)
		if f.Key == "watch" && f.Value.Truthy() && !a.isDevelopment() && (env == "env" || a.Raw.Get(env).Get("NODE_ENV").Text == "production") {
			return out.setSeverity(Warning)
		}
		return out.setSeverity(Info)
	case isSetting(f):
		return a.report(key, "PM2 takes no settings from %s: %s there is a variable, which overwrites PM2's record of the process.", env, f.Key).
			setFix("Move %s out of %s, into the app; a second app, or a file for each environment, can have another value.", f.Key, env)
	}
	return a.report(key, "The variable %s overwrites PM2's own %s of the process.", f.Key, f.Key)
}

// isSetting reports whether a variable is a setting of PM2 with a value that PM2 takes
// for it.
func isSetting(f ecosystem.Field) bool {
	if !slices.Contains([]string{
		"instances", "exec_mode", "watch", "ignore_watch", "args", "node_args", "script", "max_restarts", "min_uptime", "kill_timeout",
		"listen_timeout", "wait_ready", "autorestart", "max_memory_restart", "restart_delay", "exp_backoff_restart_delay", "cron_restart",
		"merge_logs", "treekill", "instance_var", "increment_var",
	}, f.Key) {
		return false
	}
	app := ecosystem.Value{Kind: ecosystem.Object}
	app.Set("script", ecosystem.Value{Kind: ecosystem.String, Text: "app.js"})
	app.Set(f.Key, f.Value)
	_, rejected := ecosystem.Verify([]ecosystem.Value{app}, ecosystem.Target{CPUs: 1})
	return rejected == nil && strings.TrimSpace(f.Value.String()) != ""
}

// recordField reports whether PM2's record of a process has a field of that name
// that something depends on. Nothing in PM2 reads port, version and username there.
func recordField(key string) bool {
	return slices.Contains([]string{
		"name", "namespace", "instances", "exec_mode", "exec_interpreter", "watch", "ignore_watch", "cwd", "pm_cwd", "status", "args", "node_args",
		"script", "env", "pm_id", "pm_uptime", "pm_exec_path", "pm_out_log_path", "pm_err_log_path", "pm_pid_path", "pm_log_path", "created_at",
		"restart_time", "unstable_restarts", "max_restarts", "min_uptime", "kill_timeout", "listen_timeout", "wait_ready", "autorestart",
		"max_memory_restart", "restart_delay", "exp_backoff_restart_delay", "cron_restart", "merge_logs", "treekill", "vizion", "uid", "gid",
		"stop_exit_codes", "shutdown_with_message", "instance_var", "increment_var", "pmx", "unique_id",
	}, key)
}
