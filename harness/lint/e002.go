package lint

import "slices"

func e002() Rule {
	return Rule{
		ID: "E002", Severity: Error,
		Title:  "an environment variable that overwrites a setting of PM2's",
		Why:    "PM2 lays the app's environment over its own record of the process. A variable called name renames the process, one called instances, exec_mode, max_restarts or status replaces that setting, with text for a number. `pm2 reload APP` then finds no such app. The same on 5.4.3 and 6.0.14.",
		Fix:    "Give the variable another name, such as APP_NAME.",
		Source: "lib/God.js:178",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, env := range a.envs() {
				for _, f := range a.Raw.Get(env).Fields {
					if recordField(f.Key) {
						out = append(out, a.says(env+"."+f.Key, "The variable %s overwrites PM2's own %s of the process.", f.Key, f.Key))
					}
				}
			}
			return out
		},
	}
}

// recordField reports whether PM2's record of a process has a field of that name
// that something depends on.
func recordField(key string) bool {
	return slices.Contains([]string{
		"name", "namespace", "instances", "exec_mode", "exec_interpreter", "watch", "ignore_watch", "cwd", "pm_cwd", "status", "args", "node_args",
		"script", "env", "pm_id", "pm_uptime", "pm_exec_path", "pm_out_log_path", "pm_err_log_path", "pm_pid_path", "pm_log_path", "created_at",
		"restart_time", "unstable_restarts", "max_restarts", "min_uptime", "kill_timeout", "listen_timeout", "wait_ready", "autorestart",
		"max_memory_restart", "restart_delay", "exp_backoff_restart_delay", "cron_restart", "merge_logs", "treekill", "vizion", "uid", "gid",
		"username", "port", "stop_exit_codes", "shutdown_with_message", "instance_var", "increment_var", "pmx", "version", "unique_id",
	}, key)
}
