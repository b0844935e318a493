package ecosystem

import (
	"regexp"
	"strings"
	"sync"
)

// Setting is a key that PM2 knows of an app.
type Setting struct {
	Key     string
	Types   []Kind   // that PM2 takes; the first may change how a string is read
	Aliases []string // in the order that PM2 looks for them; the camel-cased key comes last of all
	Pattern string   // regular expression that a string must match, "" for any
	Unit    string   // "sbyte" or "stime": what the letter at a string's end multiplies
	Min     *float64 // least number
	Default Value    // that PM2 sets where the key is missing
	Says    string   // what it is for; "" where PM2 says nothing either

	others  []string       // AllAliases
	camel   string         // the key in its camel-cased form
	pattern *regexp.Regexp // Pattern, nil for any
}

const (
	memPattern  = `^\d+(G|M|K)?$`
	timePattern = `^\d+(h|m|s)?$`
	modePattern = `^(cluster|fork)(_mode)?$`
)

// EnvPrefix begins the name of every env_NAME: any key so named is accepted (the
// pattern ^env_\S*$ in lib/API/schema.json).
const EnvPrefix = "env_"

// Settings are the keys that PM2 knows, in the order of its schema
// (lib/API/schema.json; the same in 5.4.3, 6.0.14 and 7.0.4). They are to be read only.
func Settings() []Setting { return settings() }

// settings and byName are made once: a file of thousands of apps asks millions of times.
var (
	settings = sync.OnceValue(makeSettings)
	byName   = sync.OnceValue(indexSettings)
)

func makeSettings() []Setting {
	out := listSchema()
	for i := range out {
		s := &out[i]
		s.others = append([]string{}, s.Aliases...)
		if s.camel = formatCamelCase(s.Key); s.camel != s.Key {
			s.others = append(s.others, s.camel)
		}
		if s.Pattern != "" {
			s.pattern = regexp.MustCompile(s.Pattern)
		}
	}
	return out
}

// indexSettings returns each setting by its key and its other names; where two settings
// have a name, the first has it.
func indexSettings() map[string]Setting {
	out := map[string]Setting{}
	for _, s := range settings() {
		for _, name := range append([]string{s.Key}, s.others...) {
			if _, taken := out[name]; !taken {
				out[name] = s
			}
		}
	}
	return out
}

func listSchema() []Setting {
	return []Setting{
		{Key: "script", Types: []Kind{String}, Aliases: []string{"exec"}, Says: `What to run: a path, or a program on PATH.`},
		{Key: "name", Types: []Kind{String}, Says: `What the process is called; the script's name without its extension if nothing is said.`},
		{Key: "name_prefix", Types: []Kind{String}},
		{Key: "filter_env", Types: []Kind{Bool, Array, String}, Says: `Variables of the caller's environment that are kept from the app: by name, or each whose name contains one of a list.`},
		{Key: "namespace", Types: []Kind{String}, Says: `A group that commands can name.`},
		{Key: "install_url", Types: []Kind{String}},
		{Key: "cwd", Types: []Kind{String}, Says: `The directory that the app runs in and that its paths are resolved against; the one that pm2 is called in if nothing is said.`},
		{Key: "args", Types: []Kind{Array, String}, Says: `Arguments of the script.`},
		{Key: "exec_interpreter", Types: []Kind{String}, Aliases: []string{"interpreter"}, Says: `What runs the script; "none" for a program.`},
		{Key: "node_args", Types: []Kind{Array, String}, Aliases: []string{"interpreter_args", "interpreterArgs"}, Says: `Arguments of the interpreter.`},
		{Key: "out_file", Types: []Kind{String}, Aliases: []string{"out_log", "output", "out"}, Says: `File that standard output is appended to.`},
		{Key: "error_file", Types: []Kind{String}, Aliases: []string{"err_log", "err_file", "err", "error"}, Says: `File that standard error is appended to.`},
		{Key: "log_file", Types: []Kind{Bool, String}, Aliases: []string{"log"}, Says: `File that both are appended to.`},
		{Key: "disable_logs", Types: []Kind{Bool}, Says: `Keep no logs.`},
		{Key: "log_type", Types: []Kind{String}, Says: `"json" for a line of JSON for each.`},
		{Key: "log_date_format", Types: []Kind{String}, Says: `day.js format of the time before each line.`},
		{Key: "time", Types: []Kind{Bool}, Says: `Put the time before each line; overrides log_date_format.`},
		{Key: "env", Types: []Kind{Object, String}, Says: `Variables of the app's environment.`},
		{Key: "max_memory_restart", Types: []Kind{String, Number}, Pattern: memPattern, Unit: "sbyte", Says: `Resident memory over which the app is reloaded: bytes, or with K, M or G.`},
		{Key: "pid_file", Types: []Kind{String}, Aliases: []string{"pid"}, Says: `File that the pid is written to.`},
		{Key: "restart_delay", Types: []Kind{Number}, Says: `Milliseconds between a crash and the restart.`},
		{Key: "exp_backoff_restart_delay", Types: []Kind{Number}, Says: `Milliseconds of the first delay, which grows by half with each crash, up to 15 s.`},
		{Key: "source_map_support", Types: []Kind{Bool}},
		{Key: "disable_source_map_support", Types: []Kind{Bool}},
		{Key: "wait_ready", Types: []Kind{Bool}, Says: `Take a worker for ready when it has sent "ready", not when it listens.`},
		{Key: "instances", Types: []Kind{Number}, Says: `Number of workers; 0 or "max" for one a core, negative for that many fewer.`},
		{Key: "kill_timeout", Types: []Kind{Number}, Says: `Milliseconds from SIGINT to SIGKILL.`},
		{Key: "shutdown_with_message", Types: []Kind{Bool}, Says: `Send the message "shutdown" in place of SIGINT.`},
		{Key: "listen_timeout", Types: []Kind{Number}, Says: `Milliseconds after which a reload goes on, whether the worker is ready or not.`},
		{Key: "cron_restart", Types: []Kind{String, Number}, Aliases: []string{"cron"}, Says: `When to restart, as a cron pattern.`},
		{Key: "merge_logs", Types: []Kind{Bool}, Aliases: []string{"combine_logs"}, Says: `One log file for all workers.`},
		{Key: "vizion", Types: []Kind{Bool}, Default: Value{Kind: Bool, True: true}, Says: `Read what version control says of the app's directory.`},
		{Key: "autostart", Types: []Kind{Bool}, Default: Value{Kind: Bool, True: true}, Says: `Start the app when it is added.`},
		{Key: "autorestart", Types: []Kind{Bool}, Default: Value{Kind: Bool, True: true}, Says: `Restart the app when it exits.`},
		{Key: "stop_exit_codes", Types: []Kind{Array, Number}, Says: `Exit codes after which the app is left stopped.`},
		{Key: "watch_delay", Types: []Kind{Number}},
		{Key: "watch", Types: []Kind{Bool, Array, String}, Says: `Restart when files change: all, or those paths.`},
		{Key: "ignore_watch", Types: []Kind{Array, String}, Says: `Paths that are not watched.`},
		{Key: "watch_options", Types: []Kind{Object}, Says: `Options of chokidar.`},
		{Key: "min_uptime", Types: []Kind{Number, String}, Pattern: timePattern, Unit: "stime", Min: new(100.0), Says: `Milliseconds (or with s, m, h) that a start must survive not to count as unstable.`},
		{Key: "max_restarts", Types: []Kind{Number}, Min: new(0.0), Says: `Unstable restarts after which PM2 gives up.`},
		{Key: "execute_command", Types: []Kind{Bool}},
		{Key: "exec_mode", Types: []Kind{String}, Pattern: modePattern, Says: `"cluster" or "fork".`},
		{Key: "force", Types: []Kind{Bool}},
		{Key: "append_env_to_name", Types: []Kind{Bool}, Says: `Append the name of --env to the app's.`},
		{Key: "post_update", Types: []Kind{Array}},
		{Key: "trace", Types: []Kind{Bool}},
		{Key: "disable_trace", Types: []Kind{Bool}},
		{Key: "v8", Types: []Kind{Bool}},
		{Key: "event_loop_inspector", Types: []Kind{Bool}},
		{Key: "deep_monitoring", Types: []Kind{Bool}},
		{Key: "increment_var", Types: []Kind{String}, Says: `Variable that is one higher for each worker.`},
		{Key: "instance_var", Types: []Kind{String}, Default: Value{Kind: String, Text: "NODE_APP_INSTANCE"}, Says: `What NODE_APP_INSTANCE is called.`},
		{Key: "pmx", Types: []Kind{Bool, String}, Default: Value{Kind: Bool, True: true}},
		{Key: "automation", Types: []Kind{Bool}, Default: Value{Kind: Bool, True: true}},
		{Key: "treekill", Types: []Kind{Bool}, Default: Value{Kind: Bool, True: true}, Says: `Kill the children of a process with it.`},
		{Key: "port", Types: []Kind{Number}, Says: `Sets PORT.`},
		{Key: "username", Types: []Kind{String}},
		{Key: "uid", Types: []Kind{Number, String}, Aliases: []string{"user"}, Says: `User that the app runs as.`},
		{Key: "gid", Types: []Kind{Number, String}, Says: `Group that the app runs as.`},
		{Key: "windowsHide", Types: []Kind{Bool}, Default: Value{Kind: Bool, True: true}},
		{Key: "kill_retry_time", Types: []Kind{Number}, Default: Value{Kind: Number, Num: 100}},
		{Key: "write", Types: []Kind{Bool}},
		{Key: "io", Types: []Kind{Object}},
	}
}

// AllAliases are the names that PM2 takes for the key beside its own, first come
// first served: its aliases, then its camel-cased form (lib/tools/Config.js:33).
func (s Setting) AllAliases() []string { return s.others }

func formatCamelCase(key string) string {
	parts := strings.Split(key, "_")
	for i, p := range parts {
		if i > 0 && len(p) > 1 {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "")
}

// SettingOf is the setting of that name or alias.
func SettingOf(name string) (Setting, bool) {
	s, ok := byName()[name]
	return s, ok
}
