package variant

import (
	"fmt"
	"strconv"
)

// Names of the dimensions, as reports and records have them.
const (
	dimMode      = "mode"
	dimWorkers   = "workers"
	dimName      = "name"
	dimPort      = "port"
	dimInstance  = "instance number"
	dimWords     = "words of the error"
	dimLog       = "log format"
	dimStream    = "log stream"
	dimPM2Log    = "PM2's logs"
	dimFramework = "framework"
	dimRestarts  = "restart settings"
	dimKill      = "kill_timeout"
	dimReady     = "wait_ready"
	dimHealth    = "health URL"
	dimLoad      = "load"
)

// Modes is fork or cluster mode. It stands before the workers in a space, for fork mode
// has one.
func Modes() Dimension {
	return Dimension{dimMode, []Value{
		{"cluster", func(*Variant) {}},
		{"fork", func(v *Variant) { v.Fork, v.Settings["exec_mode"] = true, "fork" }},
	}}
}

// Workers is how many there are, least and most included.
func Workers(least, most int) Dimension {
	d := Dimension{Name: dimWorkers}
	for n := least; n <= most; n++ {
		d.Values = append(d.Values, Value{strconv.Itoa(n), func(v *Variant) { v.Workers, v.Settings["instances"] = n, n }})
	}
	return d
}

// Names is PM2's name of the app. One that begins with a dash, or is a number, is an
// option or an id to PM2's own commands, and nobody has it.
func Names() Dimension {
	d := Dimension{Name: dimName}
	for _, name := range []string{
		"web", "shop-api", "My Shop", "api.v2--blue", "worker_01", "Bücher & Café", "注文サービス", "x", "it's live", "billing (eu-west)",
		"app [old]", "the-service-that-answers-every-order-of-every-customer",
	} {
		d.Values = append(d.Values, Value{name, func(v *Variant) { v.Name, v.Settings["name"] = name, name }})
	}
	return d
}

// Ports is where the app listens: below the range of which the kernel gives ports away.
func Ports() Dimension {
	d := Dimension{Name: dimPort}
	for _, port := range []int{1337, 3000, 3001, 4000, 5000, 8000, 8080, 9000, 10080, 28017} {
		d.Values = append(d.Values, Value{strconv.Itoa(port), func(v *Variant) { v.Port, v.Env["PORT"] = port, strconv.Itoa(port) }})
	}
	return d
}

// InstanceNumbers is how a worker learns its number (Common.js, God.js of PM2:
// instance_var, increment_var).
func InstanceNumbers() Dimension {
	set := func(key, value string) func(*Variant) { return func(v *Variant) { v.Settings[key] = value } }
	return Dimension{dimInstance, []Value{
		{"NODE_APP_INSTANCE", func(*Variant) {}},
		{"instance_var INSTANCE_ID", set("instance_var", "INSTANCE_ID")},
		{"instance_var WORKER", set("instance_var", "WORKER")},
		{"increment_var SLOT", func(v *Variant) { v.Settings["increment_var"], v.Env["SLOT"] = "SLOT", "100" }},
	}}
}

// Logs is the shape of the app's log lines, as the loggers of that name write them.
func Logs() Dimension {
	d := Dimension{dimLog, []Value{{"plain", func(*Variant) {}}}}
	for _, format := range []string{"pino", "winston", "winston-text", "bunyan"} {
		d.Values = append(d.Values, Value{format, func(v *Variant) { v.Env["LOG_FORMAT"] = format }})
	}
	return d
}

// LogStreams is where the app writes its log.
func LogStreams() Dimension {
	to := func(stream string) func(*Variant) { return func(v *Variant) { v.Env["LOG_STREAM"] = stream } }
	return Dimension{dimStream, []Value{
		{"errors on stderr", func(*Variant) {}},
		{"all on stdout", to("stdout")},
		{"all on stderr", to("stderr")},
	}}
}

// PM2Logs is what PM2 makes of it (Common.js, God.js: merge_logs, log_date_format,
// log_type).
func PM2Logs() Dimension {
	set := func(key string, value any) func(*Variant) { return func(v *Variant) { v.Settings[key] = value } }
	return Dimension{dimPM2Log, []Value{
		{"a file for each worker", func(*Variant) {}},
		{"merge_logs", set("merge_logs", true)},
		{"log_date_format", set("log_date_format", "YYYY-MM-DD HH:mm:ss.SSS Z")},
		{"log_date_format and merge_logs", func(v *Variant) {
			v.Settings["log_date_format"], v.Settings["merge_logs"] = "YYYY-MM-DDTHH:mm:ss", true
		}},
		{"log_type json", set("log_type", "json")},
		{"one file for both outputs", func(v *Variant) { v.OneLog, v.Settings["merge_logs"] = true, true }},
	}}
}

// Frameworks is what serves the requests.
func Frameworks() Dimension {
	d := Dimension{dimFramework, []Value{{"http", func(*Variant) {}}}}
	for _, name := range []string{"express", "fastify", "koa", "hapi", "nest"} {
		d.Values = append(d.Values, Value{name, func(v *Variant) { v.Framework, v.Env["HTTP_FRAMEWORK"] = name, name }})
	}
	return d
}

// restartsOfFile leaves the settings of the fixture's own file.
const restartsOfFile = "as the file has it"

// Restarts is how PM2 starts a worker again that has ended.
func Restarts() Dimension {
	var none any // takes a key out of the file
	set := func(backoff, delay, most, least any) func(*Variant) {
		return func(v *Variant) {
			v.Settings["exp_backoff_restart_delay"], v.Settings["restart_delay"] = backoff, delay
			v.Settings["max_restarts"], v.Settings["min_uptime"] = most, least
		}
	}
	return Dimension{dimRestarts, []Value{
		{restartsOfFile, func(*Variant) {}},
		{"PM2's defaults", set(none, none, none, none)},
		{"max_restarts 5, min_uptime 2s", set(none, none, 5, "2s")},
		{"exp_backoff_restart_delay 100", set(100, none, none, none)},
		{"exp_backoff_restart_delay 1000, max_restarts 30", set(1000, none, 30, none)},
		{"restart_delay 1000", set(none, 1000, none, none)},
		{"restart_delay 3000, max_restarts 10, min_uptime 5s", set(none, 3000, 10, "5s")},
	}}
}

// KillTimeouts is how long PM2 waits for a worker that is to end: longer than any request
// takes, for less is an incident of its own.
func KillTimeouts() Dimension {
	d := Dimension{Name: dimKill}
	for _, ms := range []int{4000, 8000, 15_000, 60_000} {
		d.Values = append(d.Values, Value{fmt.Sprintf("%d", ms), func(v *Variant) { v.Settings["kill_timeout"] = ms }})
	}
	return d
}

// Readiness is whether PM2 waits for the app's word that it is ready. The app gives it in
// all of these.
func Readiness() Dimension {
	waits := func(ms int) func(*Variant) {
		return func(v *Variant) {
			v.Ready, v.Env["SEND_READY"] = true, "1"
			v.Settings["wait_ready"], v.Settings["listen_timeout"] = true, ms
		}
	}
	return Dimension{dimReady, []Value{
		{"no", func(*Variant) {}},
		{"listen_timeout 8000", waits(8000)},
		{"listen_timeout 20000", waits(20_000)},
		{"listen_timeout 60000", waits(60_000)},
	}}
}

// HealthURLs is what is asked to learn whether the app is well, and what it answers when
// it is: there are apps that have no such path, and answer 404 all their life.
func HealthURLs() Dimension {
	d := Dimension{Name: dimHealth}
	for _, h := range []struct{ path, status string }{
		{"/healthz", "200"}, {"/", "200"}, {"/api/v1/status?full=1&of=all", "200"}, {"/ping", "204"}, {"/no-such-page", "404"},
	} {
		name := h.path
		if h.status != "200" {
			name += " answers " + h.status
		}
		d.Values = append(d.Values, Value{name, func(v *Variant) {
			v.Health, v.Env["HEALTH_PATH"], v.Env["HEALTH_STATUS"] = h.path, h.path, h.status
		}})
	}
	return d
}

// Loads is what the clients send besides GET requests.
func Loads() Dimension {
	return Dimension{dimLoad, []Value{
		{"GET", func(*Variant) {}},
		{"GET and POST", func(v *Variant) { v.Posts = true }},
		{"GET and event streams", func(v *Variant) { v.Streams = true }},
		{"GET, POST and event streams", func(v *Variant) { v.Posts, v.Streams = true, true }},
	}}
}
