package field

import "syscall"

// elsewhere is a market whose starts end as a fault says for 30 s, by a file that does not lie
// in the app's folder.
func elsewhere(fault, story, naming string) Case {
	c := faulty(fault, story, naming)
	c.Name, c.PM2 = "elsewhere/"+fault, market+", env: { FAULT_FILE: '../fault', FAULT: '"+fault+"' }"
	c.Steps[0], c.Steps[3] = Step{0, Create("../fault")}, Step{30 * s, Remove("../fault")}
	c.Never = append(c.Never, `mend the code`, `"cause":"boot_crash\.deterministic"`)
	return c
}

// healthBy is a port conflict of a site whose health URL has always answered one status.
func healthBy(status, story string) Case {
	return portConflict("health-"+status, story, 21*s, Case{PM2: site + ", env: { HEALTH: '" + status + "' }", Engine: Engine{URL: "http://127.0.0.1:{port}/healthz"}, Serves: 45 * s})
}

// others are further samples of the kinds of the reports.
func others() []Case {
	shut := "name: 'market', script: './server.js', exec_mode: 'cluster', instances: 2, kill_timeout: 5000, listen_timeout: 5000, shutdown_with_message: true, env: { DEAF: '1', HEARS: '1' }"
	forked := "name: 'site', script: './server.js', restart_delay: 1000"
	errand := `name: 'errand', script: './errand.js', autorestart: false`
	return []Case{
		elsewhere("page", "a settings service answers with a page of a proxy", gone+`|DOCTYPE|JSON`),
		elsewhere("half", "a file of settings is written, and read before its end", gone+`|JSON`),
		elsewhere("command", "a command at boot fails", gone+`|Command failed`),
		elsewhere("asserts", "the app asserts that a service is reachable", gone+`|reachable`),
		elsewhere("answered", "a settings service answers 503", gone+`|503`),
		healthBy("302", "the health URL has always redirected to a login"),
		healthBy("401", "the health URL has always asked for a password"),
		{
			Name: "job/cron", Story: "a job that cron_restart starts each 15 s and that ends by itself: nothing is wrong, and nobody starts it twice",
			App: "queue", Silent: true, Engine: Engine{NoURL: true}, PM2: errand + ", cron_restart: '*/15 * * * * *'", NeverUp: true,
			Watch: 60 * s, Quiet: true, NeverDoes: []string{"start", "restart", "stop", "kill"},
		},
		{
			Name: "job/once", Story: "a job without autorestart ends with exit code 0: nothing is wrong",
			App: "queue", Silent: true, Engine: Engine{NoURL: true}, PM2: errand + ", env: { TAKES_MS: '12000' }",
			Watch: 45 * s, Quiet: true, NeverDoes: []string{"start", "restart", "stop", "kill"},
		},
		{
			Name: "job/stop-exit-codes", Story: "workers that end with a code of stop_exit_codes stay down, as they should",
			App: "queue", Silent: true, Engine: Engine{NoURL: true}, PM2: `name: 'errand', script: './errand.js', instances: 2, exec_mode: 'cluster', stop_exit_codes: [7], env: { TAKES_MS: '12000', ENDS_WITH: '7' }`,
			Watch: 45 * s, NeverDoes: []string{"start", "restart", "stop", "kill"},
		},
		{
			Name: "unheard/other-port", Story: "a deployment changes the port: the workers live and listen where nobody asks",
			App: "market", PM2: market, Steps: []Step{{0, Deploy(market + ", env: { PORT: {alt} }")}},
			Watch: 45 * s, Told: Told{20 * s, gone + `|listen`}, NeverDoes: []string{"stop", "kill", "restart"},
		},
		{
			Name: "unheard/closed", Story: "both workers close their server and live on",
			App: "market", PM2: market, Steps: []Step{{0, Get("/close")}, {s / 2, Get("/close")}, {s, Get("/close")}},
			Watch: 45 * s, Fault: s, Told: Told{15 * s, gone + `|listen`}, NeverDoes: []string{"stop"},
		},
		{
			Name: "wrapped/orphan", Story: "the shell that PM2 has started Node by is killed; Node serves on and keeps the port",
			App: "site", PM2: `name: 'site', script: './wrapped.sh', interpreter: 'bash', restart_delay: 1000, max_restarts: 1000`,
			Steps: []Step{{0, Signal(0, syscall.SIGKILL)}, {25 * s, Get("/mistake")}}, Watch: 50 * s, NeverDoes: []string{"kill"}, Told: Told{35 * s, `EADDRINUSE|port|server\.js`},
		},
		{
			Name: "wrapped/poison", Story: "the child of a shell dies of one request in 4 s",
			App: "site", PM2: `name: 'site', script: './wrapped.sh', interpreter: 'bash', restart_delay: 1000, max_restarts: 1000`,
			Lanes: []Lane{{Path: "/mistake", Every: 4 * s, Harmful: true, Until: 30 * s}}, Watch: 45 * s, NeverDoes: []string{"stop"}, Share: 0.06,
		},
		{
			Name: "socket/stale", Story: "a process in fork mode is killed, and its Unix socket stays: each new one finds it in use",
			App: "market", PM2: `name: 'market', script: './server.js', restart_delay: 1000, max_restarts: 1000, env: { SOCKET: '{dir}/m.sock' }`,
			Probe: "http://localhost/", Socket: "{dir}/m.sock", Engine: Engine{NoURL: true},
			Steps: []Step{{0, Signal(0, syscall.SIGKILL)}, {25 * s, Run("rm", "-f", "m.sock")}},
			Watch: 50 * s, Told: Told{14 * s, `m\.sock`}, Serves: 42 * s,
		},
		{
			Name: "poison/storm", Story: "four requests a second kill workers for 25 s: none lives for long",
			App: "site", PM2: site + ", max_restarts: 1000", Lanes: []Lane{{Path: "/throw", Every: 250 * ms, Harmful: true, Until: 25 * s}},
			Watch: 50 * s, NeverDoes: []string{"stop"}, Never: []string{`"cause":"boot_crash\.deterministic"`}, Share: 0.06, Told: Told{24 * s, `price|restart|TypeError`},
		},
		{
			Name: "shape/shutdown-message", Story: "shutdown_with_message: the app ends by PM2's message, and knows no signal; a roll",
			App: "market", PM2: shut, Steps: []Step{{2 * s, Roll()}}, Watch: 60 * s, Holds: []Rule{rolled("market", 2)}, Share: 0.01,
		},
		{
			Name: "before-app/node-options", Story: "a deployment of a process in fork mode sets NODE_OPTIONS to what Node does not allow there",
			App: "site", PM2: forked, Steps: []Step{{0, Deploy(forked + ", env: { NODE_OPTIONS: '--no-such-thing' }")}},
			Watch: 50 * s, Told: Told{12 * s, `NODE_OPTIONS|no-such-thing`},
		},
		{
			Name: "before-app/script-gone", Story: "a build removes the script for 15 s while the workers die",
			App: "site", PM2: site + ", max_restarts: 1000", Steps: []Step{{0, Move("srv/server.js", "srv/server.old")}, {s / 10, Get("/mistake")}, {s, Get("/mistake")}, {15 * s, Move("srv/server.old", "srv/server.js")}},
			Watch: 45 * s, Fault: s, Told: Told{14 * s, `server\.js`}, Serves: 25 * s,
		},
		{
			Name: "before-app/folder-gone", Story: "the release's folder is away for 15 s while the workers die",
			App: "site", PM2: site + ", max_restarts: 1000", Steps: []Step{{0, Move("srv", "old")}, {s / 10, Get("/mistake")}, {s, Get("/mistake")}, {15 * s, Move("old", "srv")}},
			Watch: 45 * s, Fault: s, Told: Told{14 * s, gone + `|ENOENT|server\.js|directory`},
		},
		{
			Name: "late/given-up", Story: "PM2 has given the workers up in an outage before the engine starts; then the database is back",
			App: "ledger", Servers: []string{"database.js"}, Engine: Engine{Absent: true},
			PM2:   "name: 'ledger', script: './server.js', exec_mode: 'cluster', instances: 2, max_restarts: 3, env: { DRIVER: 'typeorm' }",
			Steps: []Step{{0, Stop("database.js")}, {10 * s, StartEngine()}, {25 * s, Start("database.js")}},
			Watch: 60 * s, Fault: 10 * s, Told: Told{14 * s, gone + `|127\.0\.0\.1:{db}|ConnectionNotFound`}, Serves: 45 * s,
		},
	}
}

// settings are outages and rolls of apps whose settings in PM2 are less common.
func settings() []Case {
	backoff := outage("exponential", "the database is away for 20 s; PM2 waits longer before each start (exp_backoff_restart_delay)", "", `ECONNREFUSED`)
	backoff.PM2 = "name: 'ledger', script: './server.js', exec_mode: 'cluster', instances: 2, exp_backoff_restart_delay: 100, env: { DRIVER: 'pg' }"
	hung := outage("hangs", "the database takes connections and says nothing for 20 s; the app waits", "DRIVER: 'pg'", gone+`|listen|127\.0\.0\.1:{db}`)
	hung.Steps = []Step{{0, SignalServer("database.js", syscall.SIGSTOP)}, {s / 10, PM2("restart", "ledger")}, {20 * s, SignalServer("database.js", syscall.SIGCONT)}}
	denied := outage("denied", "the database refuses the password for 20 s", "DRIVER: 'pg'", `password authentication`)
	denied.Steps = []Step{
		{0, Stop("database.js")}, {s / 10, Start("database.js", `GREETING=password authentication failed for user "ledger"`)},
		{20 * s, Stop("database.js")}, {20*s + s/10, Start("database.js")},
	}
	stopped := outage("operator-stops", "an operator stops the app in an outage, and starts it 15 s after the database is back", "DRIVER: 'pg'", `ECONNREFUSED`)
	stopped.Steps = []Step{{0, Stop("database.js")}, {12 * s, PM2("stop", "ledger")}, {20 * s, Start("database.js")}, {35 * s, PM2("restart", "ledger")}}
	stopped.Serves = 44 * s
	flushed := outage("flushed", "logs are emptied in an outage (pm2 flush)", "DRIVER: 'sequelize', LOGS: 'pino', TO: 'stdout'", `ECONNREFUSED`)
	flushed.Steps = []Step{{0, Stop("database.js")}, {s, PM2("flush")}, {3 * s, PM2("flush")}, {20 * s, Start("database.js")}}
	busy := Lane{Path: "/slow?1500", Every: 300 * ms}
	roll := func(name, story, pm2 string) Case {
		return Case{Name: "roll/" + name, Story: story, App: "market", PM2: pm2, Lanes: []Lane{busy}, Steps: []Step{{3 * s, Roll()}}, Watch: 60 * s, Holds: []Rule{rolled("market", 1)}, Share: 0.02}
	}
	return []Case{
		backoff, hung, denied, stopped, flushed,
		roll("kill-timeout", "PM2 gives a worker a tenth of a second, and requests take 1.5 s; a roll", "name: 'market', script: './server.js', exec_mode: 'cluster', instances: 2, kill_timeout: 100, env: { CLOSES: '1' }"),
		roll("listen-timeout", "PM2 waits a second for a worker that boots for three; a roll", "name: 'market', script: './server.js', exec_mode: 'cluster', instances: 2, listen_timeout: 1000, env: { BOOT_MS: '3000', CLOSES: '1' }"),
		roll("alone", "one worker in cluster mode; a roll", "name: 'market', script: './server.js', exec_mode: 'cluster', instances: 1, kill_timeout: 5000, env: { CLOSES: '1' }"),
	}
}
