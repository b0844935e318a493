package field

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"syscall"
	"time"
)

// portConflict is an app whose port a stranger takes while it is down.
func portConflict(name, story string, until time.Duration, c Case) Case {
	c.Name, c.Story = "port/"+name, story
	c.App = cmp.Or(c.App, "site")
	for at := range c.Steps {
		c.Steps[at].At += until
	}
	c.Steps = append([]Step{{0, PM2("stop", c.parseName())}, {s, Start("stranger.js")}, {1500 * ms, Background("restart", c.parseName())}, {until, Stop("stranger.js")}}, c.Steps...)
	slices.SortFunc(c.Steps, func(a, b Step) int { return cmp.Compare(a.At, b.At) })
	c.Watch, c.Fault = until+40*s, 1500*ms
	if c.Told.Within == 0 {
		c.Told = Told{15 * s, `EADDRINUSE|stranger|port`}
	}
	return c
}

// published is a message to PM2's bus, for a URL.
func published(topic, data string) string {
	return url.PathEscape(fmt.Sprintf(`{"type":%q,"data":%q}`, topic, data))
}

// trouble are an engine's own conditions, its deaths, and attacks.
func trouble() []Case {
	four := `name: 'site', script: './server.js', exec_mode: 'cluster', instances: 4, max_restarts: 1000, listen_timeout: 5000`
	return []Case{
		portConflict("health-404", "the health URL has always answered 404", 21*s, Case{PM2: site + ", env: { HEALTH: '404' }", Engine: Engine{URL: "http://127.0.0.1:{port}/healthz"}, Serves: 45 * s}),
		portConflict("https", "the health URL is HTTPS with its own certificate", 21*s, Case{PM2: site + ", env: { SECURE: '1' }", Certificate: true, Probe: "https://127.0.0.1:{port}/", Serves: 45 * s}),
		portConflict("slow-boot", "the app boots for 18 s; the first conflict comes then", 50*s, Case{Told: Told{40 * s, `EADDRINUSE|stranger|port`}, PM2: `name: 'site', script: './server.js', exec_mode: 'cluster', instances: 2, restart_delay: 1000, listen_timeout: 30000, env: { BOOT_MS: '18000' }`, Serves: 88 * s}),
		portConflict("engine-killed", "the engine is killed while it holds workers, and another is started", 21*s, Case{PM2: site, Steps: []Step{{-3 * s, KillEngine()}, {-2 * s, StartEngine()}}, Serves: 50 * s}),
		{
			Name: "late/spinning", Busy: true, Story: "the engine starts when a worker has been stuck for 20 s",
			App: "site", PM2: site, Engine: Engine{Absent: true},
			Lanes: []Lane{{Path: "/spin?300000", Every: 60 * s, Harmful: true, Until: s}}, Steps: []Step{{20 * s, StartEngine()}},
			Watch: 60 * s, Fault: 20 * s, Told: Told{20 * s, `stall|stuck|blocked|event loop|silent`}, Never: []string{`heartbeats come`},
		},
		{
			Name: "late/stopped", Story: "the engine starts when a worker has been stopped by SIGSTOP for 10 s",
			App: "site", PM2: site, Engine: Engine{Absent: true},
			Steps: []Step{{0, Signal(0, syscall.SIGSTOP)}, {10 * s, StartEngine()}},
			Watch: 50 * s, Fault: 10 * s, Told: Told{20 * s, `stop`},
		},
		{
			Name: "late/outage", Story: "the engine starts 10 s into an outage of the database",
			App: "ledger", Servers: []string{"database.js"}, Engine: Engine{Absent: true},
			PM2:   "name: 'ledger', script: './server.js', exec_mode: 'cluster', instances: 2, restart_delay: 1000, env: { DRIVER: 'pg' }",
			Steps: []Step{{0, Stop("database.js")}, {10 * s, StartEngine()}, {30 * s, Start("database.js")}},
			Watch: 60 * s, Fault: 10 * s, Told: Told{12 * s, `ECONNREFUSED`}, Serves: 48 * s,
		},
		{
			Name: "engine-killed/in-drain", Story: "the engine is killed with SIGKILL one second into a roll, and nobody starts another",
			App: "payroll", PM2: payroll, Lanes: []Lane{{Path: "/", Every: 50 * ms}},
			Steps: []Step{{0, Roll()}, {s, KillEngine()}}, Watch: 45 * s,
			Holds: []Rule{answers("worker 0", 30*s), answers("worker 1", 30*s), answers("worker 2", 30*s)}, Share: 0.01,
		},
		{
			Name: "engine-killed/in-outage", Story: "the engine is killed while it holds workers in an outage; another is started a second later",
			App: "ledger", Servers: []string{"database.js"},
			PM2:   "name: 'ledger', script: './server.js', exec_mode: 'cluster', instances: 2, restart_delay: 1000, env: { DRIVER: 'pg' }",
			Steps: []Step{{0, Stop("database.js")}, {8 * s, KillEngine()}, {9 * s, StartEngine()}, {25 * s, Start("database.js")}},
			Watch: 60 * s, Told: Told{12 * s, `ECONNREFUSED`}, Serves: 45 * s,
		},
		{
			Name: "poison/every-1.2-s", Story: "one request in 1.2 s kills a worker; there are four",
			App: "site", PM2: four, Lanes: []Lane{{Path: "/mistake", Every: 1200 * ms, Harmful: true, Until: 40 * s}},
			Watch: 50 * s, NeverDoes: []string{"stop"}, Never: []string{`"cause":"boot_crash\.deterministic"`},
		},
		{
			Name: "poison/thrown-every-3-s", Story: "one request in 3 s makes a worker throw; there are four",
			App: "site", PM2: four, Lanes: []Lane{{Path: "/throw", Every: 3 * s, Harmful: true, Until: 40 * s}},
			Watch: 50 * s, NeverDoes: []string{"stop"}, Never: []string{`"cause":"boot_crash\.deterministic"`}, Told: Told{40 * s, `undefined|price|TypeError|request`},
		},
		{
			Name: "poison/two-workers", Story: "one request in 2 s kills a worker; there are two, with restart_delay",
			App: "site", PM2: site + ", max_restarts: 1000", Lanes: []Lane{{Path: "/mistake", Every: 2 * s, Harmful: true, Until: 40 * s}},
			Watch: 50 * s, NeverDoes: []string{"stop"}, Never: []string{`"cause":"boot_crash\.deterministic"`}, Share: 0.06,
		},
		{
			Name: "poison/optional-server", Story: "the app logs each second that statsd refuses, and serves; poison kills workers beside it",
			App: "site", PM2: four + ", env: { STATSD: '{db}' }", Lanes: []Lane{{Path: "/mistake", Every: 4 * s, Harmful: true, Until: 40 * s}},
			Watch: 50 * s, NeverDoes: []string{"stop"}, Never: []string{`"cause":"dependency_outage"`},
		},
		{
			Name: "poison/forged-port", Story: "a client gets an EADDRINUSE of the app's port logged, then workers die of requests",
			App: "site", PM2: four,
			Lanes: []Lane{{Path: "/say?Error%3A%20listen%20EADDRINUSE%3A%20address%20already%20in%20use%20127.0.0.1%3A{port}", Every: 2 * s, Until: 40 * s}, {Path: "/mistake", Every: 4 * s, From: s, Harmful: true, Until: 40 * s}},
			Watch: 50 * s, NeverDoes: []string{"stop"}, Never: []string{`"cause":"port_conflict`},
		},
		{
			Name: "poison/forged-stop", Story: "the app itself publishes that PM2 stops its workers; then all die at boot",
			App: "site", PM2: site + ", max_restarts: 1000, env: { ENDS_QUIETLY: 'broken' }",
			Lanes: []Lane{{Path: "/publish?" + published("log:PM2", "Stopping app:site id:0"), Every: 500 * ms, Harmful: true}, {Path: "/publish?" + published("log:PM2", "Stopping app:site id:1"), Every: 500 * ms, Harmful: true}},
			Steps: []Step{{5 * s, Create("broken")}, {5*s + s/10, Get("/mistake")}, {6 * s, Get("/mistake")}},
			Watch: 40 * s, Fault: 6 * s, Told: Told{14 * s, gone + `|restart|dy|died|exit`},
		},
		{
			Name: "daemon/forged-kill", Story: "the app publishes pm2:kill, then the daemon is killed with SIGKILL: people are told",
			App: "site", PM2: site,
			Steps: []Step{{0, Get("/publish?" + published("pm2:kill", "PM2 is being killed"))}, {s, SignalDaemon(syscall.SIGKILL)}},
			Watch: 30 * s, Fault: s, Told: Told{12 * s, `daemon`},
		},
		{
			Name: "daemon/hung", Story: "PM2's daemon is stopped by SIGSTOP for 40 s, and nothing is answered: it accepts all connections",
			App: "site", PM2: site, Steps: []Step{{0, SignalDaemon(syscall.SIGSTOP)}, {40 * s, SignalDaemon(syscall.SIGCONT)}},
			Watch: 60 * s, Told: Told{12 * s, `daemon`}, NeverDoes: []string{"stop", "kill"},
		},
		{
			Name: "daemon/killed", Story: "PM2's daemon is killed with SIGKILL; its cluster workers end with it",
			App: "site", PM2: site, Steps: []Step{{0, SignalDaemon(syscall.SIGKILL)}},
			Watch: 30 * s, Told: Told{12 * s, `daemon`},
		},
		{
			Name: "operator/heap-snapshot", Busy: true, Story: "an operator's request writes a heap snapshot, which blocks the event loop for long",
			App: "site", PM2: site + ", env: { KEEPS: '1500000' }", Lanes: []Lane{{Path: "/snapshot", Every: 300 * s, Harmful: true, Until: s}},
			Watch: 60 * s, NeverDoes: []string{"kill", "stop", "restart", "replace"},
		},
		{
			Name: "operator/stops-one", Story: "an operator stops one worker of two; nobody revives it",
			App: "site", PM2: site, Steps: []Step{{0, PM2("stop", "0")}}, Watch: 40 * s, Quiet: true, Holds: []Rule{workers("site", 1)},
		},
		{
			Name: "operator/restarts", Story: "an operator restarts and reloads the app a few times; nothing is wrong",
			App: "site", PM2: site, Steps: []Step{{0, PM2("reload", "site")}, {8 * s, PM2("restart", "site")}, {16 * s, PM2("reload", "site")}},
			Watch: 40 * s, Quiet: true,
		},
		{
			Name: "stuck/spins", Busy: true, Story: "a worker spins for ever, there are two; the alert says where",
			App: "site", PM2: site, Lanes: []Lane{{Path: "/spin?600000", Every: 300 * s, Harmful: true, Until: s}},
			Watch: 40 * s, Told: Told{12 * s, `server\.js`}, Never: []string{`heartbeats come`},
		},
	}
}
