package field

import "syscall"

const (
	site    = `name: 'site', script: './server.js', exec_mode: 'cluster', instances: 2, restart_delay: 1000, kill_timeout: 5000, listen_timeout: 5000`
	courses = `name: 'courses', script: './server.js', exec_mode: 'cluster', instances: 2, kill_timeout: 5000, listen_timeout: 5000`
	press   = `name: 'press', script: './server.js', exec_mode: 'cluster', instances: 2, kill_timeout: 5000, listen_timeout: 5000`
)

// silence are outages of which nothing is said by the app.
func silence() []Case {
	return []Case{
		{
			Name: "node-gone/one-worker", Story: "Node's binary is removed and one worker of two dies: half the app is left",
			App: "site", OwnNode: true, PM2: site,
			Steps: []Step{{0, Move("bin/node", "bin/node.old")}, {1 * s, Get("/mistake")}},
			Watch: 50 * s, Fault: 1 * s, Told: Told{35 * s, `ENOENT|node.*(gone|missing|not found|no such file)`},
			NeverDoes: []string{"stop", "kill"},
		},
		{
			Name: "node-gone/fork-mode", Story: "the same in fork mode with one process",
			App: "site", OwnNode: true, PM2: `name: 'site', script: './server.js', interpreter: '{dir}/../bin/node', restart_delay: 1000`,
			Steps: []Step{{0, Move("bin/node", "bin/node.old")}, {1 * s, Get("/mistake")}, {30 * s, Move("bin/node.old", "bin/node")}},
			Watch: 50 * s, Fault: 1 * s, Told: Told{12 * s, `ENOENT|node.*(gone|missing|not found|no such file)|interpreter`},
		},
		{
			Name: "node-gone/not-executable", Story: "Node's binary loses its execute bit",
			App: "site", OwnNode: true, PM2: site,
			Steps: []Step{{0, Run("sh", "-c", "cp ../bin/node ../bin/n && chmod 644 ../bin/n && mv ../bin/n ../bin/node")}, {1 * s, Get("/mistake")}, {2 * s, Get("/mistake")}},
			Watch: 40 * s, Fault: 2 * s, Told: Told{12 * s, `EACCES|permission`},
		},
		{
			Name: "hangs-at-boot/busily", Busy: true, Story: "the workers spin at boot and say nothing",
			App: "courses", PM2: courses + ", env: { WAITS: 'busily' }",
			Steps: []Step{{0, Create("migration.lock")}, {s / 10, PM2("restart", "courses")}, {35 * s, Remove("migration.lock")}},
			Watch: 50 * s, Told: Told{12 * s, gone + `|listen`}, Serves: 48 * s,
		},
		{
			Name: "hangs-at-boot/aloud", Story: "the workers wait at boot and say for what",
			App: "courses", PM2: courses + ", env: { WAITS: 'aloud' }",
			Steps: []Step{{0, Create("migration.lock")}, {s / 10, PM2("restart", "courses")}, {35 * s, Remove("migration.lock")}},
			Watch: 50 * s, Told: Told{12 * s, gone + `|listen`}, Says: []string{"waiting for the migration lock"}, Serves: 40 * s,
		},
		{
			Name: "hangs-at-boot/after-death", Story: "nobody has restarted it: both workers die once and hang when PM2 starts them again",
			App: "courses", PM2: courses,
			Steps: []Step{{0, Create("migration.lock")}, {s / 10, Get("/mistake")}, {s, Get("/mistake")}, {35 * s, Remove("migration.lock")}},
			Watch: 50 * s, Fault: s, Told: Told{12 * s, gone + `|listen`}, Serves: 40 * s,
		},
		{
			Name: "hangs-at-boot/fork-mode", Story: "one process in fork mode hangs at boot",
			App: "courses", PM2: "name: 'courses', script: './server.js'",
			Steps: []Step{{0, Create("migration.lock")}, {s / 10, PM2("restart", "courses")}, {35 * s, Remove("migration.lock")}},
			Watch: 50 * s, Told: Told{12 * s, gone + `|listen`}, Serves: 40 * s,
		},
		{
			Name: "hangs-at-boot/never-up", Story: "it hangs at its first start already, and the engine comes then",
			App: "courses", PM2: courses, NeverUp: true, Files: []string{"migration.lock"},
			Steps: []Step{{35 * s, Remove("migration.lock")}},
			Watch: 50 * s, Told: Told{15 * s, gone + `|listen|since`}, Serves: 40 * s,
		},
		{
			Name: "all-500/answers-503", Story: "every answer is 503 for 35 s",
			App: "press", PM2: press + ", env: { FAILS_WITH: '503', LOGS_ERRORS: '1' }",
			Steps: []Step{{0, Create("template.missing")}, {35 * s, Remove("template.missing")}},
			Watch: 45 * s, Told: Told{12 * s, `503`}, Serves: 37 * s, NeverDoes: []string{"stop", "kill", "restart"},
		},
		{
			Name: "all-500/answers-404", Story: "every answer is 404 for 35 s, where it was 200",
			App: "press", PM2: press + ", env: { FAILS_WITH: '404' }",
			Steps: []Step{{0, Create("template.missing")}, {35 * s, Remove("template.missing")}},
			Watch: 45 * s, Told: Told{12 * s, `404`}, Serves: 37 * s, NeverDoes: []string{"stop", "kill", "restart"},
		},
		{
			Name: "all-500/half", Story: "one worker of two answers 500: half of the requests fail",
			App: "press", PM2: press,
			Steps: []Step{{0, Create("template.half")}, {40 * s, Remove("template.half")}},
			Watch: 50 * s, Told: Told{35 * s, `500`}, NeverDoes: []string{"stop"},
		},
		{
			Name: "all-500/never-answered", Story: "connections are taken and no request is answered; event loops turn",
			App: "press", PM2: press,
			Steps: []Step{{0, Create("template.hangs")}, {35 * s, Remove("template.hangs")}},
			Watch: 45 * s, Told: Told{15 * s, `time|answer|slow|health`}, Serves: 40 * s, NeverDoes: []string{"stop"},
			Never: []string{`"cause":"stalled_event_loop"`},
		},
		{
			Name: "all-500/slow", Story: "every answer takes six seconds for 35 s",
			App: "press", PM2: press,
			Steps: []Step{{0, Create("template.slow")}, {35 * s, Remove("template.slow")}},
			Watch: 45 * s, Told: Told{25 * s, `time|slow|answer|health`}, Serves: 41 * s, NeverDoes: []string{"stop", "kill"},
			Never: []string{`"cause":"stalled_event_loop"`},
		},
		{
			Name: "npm-loop/fork", Story: "`npm start` in fork mode ends at once, for ever",
			App: "site", PM2: `name: 'site', script: 'npm', args: 'start', max_restarts: 1000, env: { ENDS_QUIETLY: 'broken' }`,
			Steps: []Step{{0, Create("broken")}, {s / 10, Get("/mistake")}, {35 * s, Remove("broken")}},
			Watch: 50 * s, Told: Told{12 * s, gone + `|restart|exit`}, Serves: 45 * s,
		},
		{
			Name: "npm-loop/exit-0", Story: "a worker that ends with exit code 0 at boot, for ever and without a word",
			App: "site", PM2: site + `, max_restarts: 1000, env: { ENDS_QUIETLY: 'broken', ENDS_WITH: '0' }`,
			Steps: []Step{{0, Create("broken")}, {s / 10, PM2("restart", "site")}, {35 * s, Remove("broken")}},
			Watch: 60 * s, Told: Told{15 * s, gone + `|restart|exit`}, Serves: 58 * s,
		},
		{
			Name: "wrong-target/app", Story: "--app names an app that is not there",
			App: "site", PM2: site, Engine: Engine{App: "sight"}, Watch: 10 * s,
			Refused: true, Told: Told{5 * s, `site`},
		},
		{
			Name: "wrong-target/port", Story: "--url names a port where nobody listens",
			App: "site", PM2: site, Engine: Engine{URL: "http://127.0.0.1:{db}/"}, Watch: 15 * s,
			Refused: true, Told: Told{10 * s, `127\.0\.0\.1:2\d+.*(site|listens|port)`},
		},
	}
}

// beforeTheApp are failures of what Node does before the app runs, and of how it ends.
func beforeTheApp() []Case {
	return []Case{
		{
			Name: "before-app/preload-gone", Story: "the file that node_args preloads is removed; then workers restart",
			App: "site", PM2: site + ", node_args: '-r {dir}/preload.js'", Files: []string{"preload.js"},
			Steps: []Step{{0, Remove("preload.js")}, {s / 10, PM2("restart", "site")}, {30 * s, Create("preload.js")}},
			Watch: 60 * s, Told: Told{12 * s, `preload\.js`}, Serves: 58 * s,
		},
		{
			Name: "before-app/bad-option", Story: "a deployment gives Node an option that it does not know",
			App: "site", PM2: site,
			Steps: []Step{{0, Deploy(site + ", node_args: '--max-old-space=200'")}},
			Watch: 50 * s, Told: Told{12 * s, `bad option|max-old-space`},
		},
		{
			Name: "before-app/module-gone", Story: "npm ci: a module is away for 12 s while the workers restart",
			App: "site", PM2: site + ", max_restarts: 100, env: { REQUIRES: 'price.js' }", Files: []string{"price.js"},
			Steps: []Step{{0, Remove("price.js")}, {s / 10, PM2("restart", "site")}, {12 * s, Create("price.js")}},
			Watch: 45 * s, Serves: 25 * s, Never: []string{`"cause":"boot_crash\.deterministic"`},
		},
		{
			Name: "before-app/settings-gone", Story: "a config push: a file that is read at boot is away for 12 s",
			App: "site", PM2: site + ", max_restarts: 100, env: { READS: 'settings.json' }", Files: []string{"settings.json"},
			Steps: []Step{{0, Remove("settings.json")}, {s / 10, PM2("restart", "site")}, {12 * s, Create("settings.json")}},
			Watch: 45 * s, Serves: 25 * s, Never: []string{`"cause":"boot_crash\.deterministic"`},
		},
		{
			Name: "before-app/module-file-gone", Story: "the same in an ES module: workers stay online and never listen",
			App: "site", PM2: `name: 'site', script: './module.mjs', exec_mode: 'cluster', instances: 2, restart_delay: 1000`, Files: []string{"settings.txt"},
			Steps: []Step{{0, Remove("settings.txt")}, {s / 10, PM2("restart", "site")}, {12 * s, Create("settings.txt")}},
			Watch: 45 * s, Told: Told{12 * s, `settings\.txt`},
		},
		{
			Name: "heap-oom/fork-mode", Story: "one process in fork mode leaks until V8 ends it",
			App: "exporter", PM2: `name: 'export', script: './server.js', node_args: '--max-old-space-size=110'`,
			Lanes: []Lane{{Path: "/report", Every: 1500 * ms, Harmful: true, Until: 40 * s}},
			Watch: 50 * s, Told: Told{40 * s, `heap`}, Never: []string{`"cause":"stalled_event_loop"`}, NeverDoes: []string{"kill", "stop"},
		},
		{
			Name: "heap-oom/four-workers", Story: "four workers leak until V8 ends them one by one",
			App: "exporter", PM2: `name: 'export', script: './server.js', exec_mode: 'cluster', instances: 4, node_args: '--max-old-space-size=90'`,
			Lanes: []Lane{{Path: "/report", Every: 600 * ms, Harmful: true, Until: 40 * s}},
			Watch: 50 * s, Told: Told{40 * s, `heap`}, Never: []string{`"cause":"stalled_event_loop"`}, NeverDoes: []string{"kill", "stop"},
		},
		{
			Name: "heap-oom/killed-by-kernel", Story: "workers are killed with SIGKILL again and again, as the kernel does when memory is out",
			App: "site", PM2: site,
			Steps: []Step{{0, Signal(0, syscall.SIGKILL)}, {5 * s, Signal(0, syscall.SIGKILL)}, {10 * s, Signal(1, syscall.SIGKILL)}, {15 * s, Signal(0, syscall.SIGKILL)}, {20 * s, Signal(1, syscall.SIGKILL)}},
			Watch: 50 * s, Told: Told{40 * s, `SIGKILL|killed|memory`}, NeverDoes: []string{"stop", "kill"},
		},
		{
			Name: "heap-oom/segfault", Story: "a native module crashes workers with SIGSEGV again and again",
			App: "site", PM2: site,
			Steps: []Step{{0, Signal(0, syscall.SIGSEGV)}, {5 * s, Signal(0, syscall.SIGSEGV)}, {10 * s, Signal(1, syscall.SIGSEGV)}, {15 * s, Signal(0, syscall.SIGSEGV)}, {20 * s, Signal(1, syscall.SIGSEGV)}},
			Watch: 50 * s, Told: Told{40 * s, `SIGSEGV|segmentation`}, Says: []string{`"cause":"native_crash"`}, NeverDoes: []string{"stop", "kill"},
		},
	}
}
