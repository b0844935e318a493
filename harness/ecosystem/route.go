package ecosystem

// Route is how PM2 itself is started on a target. It decides what directory, arguments
// and environment the workers of a cluster start with, for they are copies of PM2's
// process, and how long a stop may take.
type Route string

// The routes. Of each, what holds on 5.4.3, 6.0.14 and 7.0.4.
const (
	ByCommand Route = "daemon"  // `pm2 start FILE` by hand: a daemon in the background, in the directory of the first pm2 command
	Runtime   Route = "runtime" // `pm2-runtime FILE` or `pm2 start FILE --no-daemon`: PM2 in the foreground, as in a container
	Systemd   Route = "systemd" // the unit of `pm2 startup`: `pm2 resurrect` of what `pm2 save` has saved, in the directory /
)

// Routes lists them, the default first.
func Routes() []Route { return []Route{ByCommand, Runtime, Systemd} }

// DaemonDir is the directory of PM2's own process; known is false where that is a
// matter of what was started first.
func (t Target) DaemonDir() (dir string, known bool) {
	switch t.Route {
	case Runtime:
		return t.Cwd, true // the process of the command is the daemon (lib/Client.js:66)
	case Systemd:
		return "/", true // a unit's without WorkingDirectory (lib/templates/init-scripts/systemd.tpl, systemd.exec(5))
	}
	return "", false
}

// DaemonArgs are the arguments of PM2's own process that cluster.fork hands on to every
// worker, before those of the app: Node copies process.argv of the primary
// (nodejs.org/api/cluster.html, cluster.settings.args), and PM2 appends
// (lib/ProcessContainer.js:77). A daemon in the background has none.
func (t Target) DaemonArgs(file string) []string {
	if t.Route != Runtime {
		return nil
	}
	args := []string{"start", file}
	if t.Env != "" {
		args = append(args, "--env", t.Env)
	}
	return args
}

// StopSignal is the signal by which PM2 ends a process: what PM2_KILL_SIGNAL names in the
// environment of its daemon (constants.js:105), else SIGINT. The unit of `pm2 startup` gives
// the daemon PATH and PM2_HOME only (lib/templates/init-scripts/systemd.tpl), whatever the
// caller had: PATH is the caller's at `pm2 startup` with Node's directory behind it
// (lib/API/Startup.js:340).
func (t Target) StopSignal() string {
	if name := t.OS["PM2_KILL_SIGNAL"]; name != "" && t.Route != Systemd {
		return name
	}
	return "SIGINT"
}

// StopLimit is how long the supervisor of PM2's process waits for its end before it
// kills all of it, in ms: docker stop 10 s, a unit's TimeoutStopSec 90 s; 0 if nothing
// limits it. At a stop PM2 signals all processes at once, and waits for each one's
// kill_timeout (lib/God.js, killMe: four workers of 3 s ended in 3.7 s). The unit sets no
// KillMode: systemd sends SIGTERM to what its ExecStop, pm2 kill, has left in the control
// group, children that left PM2 included, and SIGKILL at the limit (systemd.kill(5)).
func (t Target) StopLimit() float64 {
	switch t.Route {
	case Runtime:
		return 10000
	case Systemd:
		return 90000
	}
	return 0
}
