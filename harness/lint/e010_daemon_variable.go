package lint

import "slices"

func e010() Rule {
	return Rule{
		ID: "E010", Severity: Warning,
		Title:  "a variable of PM2's daemon in an app's environment",
		Why:    "PM2's daemon reads these variables from its own environment, once, when it starts. In the environment of an app they reach the app, and PM2 goes by its default: with PM2_KILL_SIGNAL: \"SIGTERM\" in env the app got SIGINT on PM2 7.0.4, and SIGTERM with the variable before the first pm2 command.",
		Fix:    "Set it where the daemon is started: before the first pm2 command (then pm2 kill), by ENV in an image, by Environment= in the unit of systemd, which hands on nothing but PATH and PM2_HOME.",
		Source: "constants.js:82, lib/templates/init-scripts/systemd.tpl",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, env := range a.listEnvs() {
				for _, f := range a.Raw.Get(env).Fields {
					if !slices.Contains(daemonVariables, f.Key) || a.of.Target.OS[f.Key] == f.Value.String() {
						continue
					}
					found := a.report(env+"."+f.Key, "PM2's daemon reads %s from its own environment: in an app's it has no effect.", f.Key)
					if setting := appSettings[f.Key]; setting != "" {
						found = found.setFix("%s, a setting of the app.", setting)
					}
					out = append(out, found)
				}
			}
			return out
		},
	}
}

// daemonVariables are variables that PM2 reads when its daemon starts, and that mean nothing
// to an app.
var daemonVariables = []string{
	"PM2_KILL_SIGNAL", "PM2_KILL_TIMEOUT", "PM2_KILL_RETRY_TIME", "PM2_KILL_USE_MESSAGE", "PM2_GRACEFUL_TIMEOUT", "PM2_GRACEFUL_LISTEN_TIMEOUT",
	"PM2_WORKER_INTERVAL", "PM2_CONCURRENT_ACTIONS", "PM2_RELOAD_LOCK_TIMEOUT", "PM2_LOG_DATE_FORMAT", "EXP_BACKOFF_RESET_TIMER",
}

// appSettings are the settings of an app that do what such a variable does.
var appSettings = map[string]string{
	"PM2_KILL_TIMEOUT": "kill_timeout", "PM2_KILL_USE_MESSAGE": "shutdown_with_message", "PM2_GRACEFUL_LISTEN_TIMEOUT": "listen_timeout", "PM2_LOG_DATE_FORMAT": "log_date_format",
}
