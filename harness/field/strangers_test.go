package field

import "syscall"

const market = `name: 'market', script: './server.js', exec_mode: 'cluster', instances: 2, restart_delay: 1000, max_restarts: 1000, kill_timeout: 5000, listen_timeout: 5000`

// clients are further wordings of an outage.
func clients() []Case {
	var all []Case
	for _, d := range []struct{ driver, naming string }{
		{"knex", `Timeout acquiring|127\.0\.0\.1:{db}`}, {"mysql2", `ECONNREFUSED`}, {"grpc", `ECONNREFUSED`}, {"grpcShort", `Name resolution|127\.0\.0\.1:{db}`},
		{"elastic", `ECONNREFUSED`}, {"noLiving", `no living|127\.0\.0\.1:{db}`}, {"axios", `ECONNREFUSED`}, {"got", `ECONNREFUSED`}, {"undici", `127\.0\.0\.1:{db}`},
		{"cassandra", `ECONNREFUSED`}, {"oracle", `refused|127\.0\.0\.1:{db}`}, {"nats", `CONNECTION_REFUSED|127\.0\.0\.1:{db}`}, {"ioredisClosed", `is closed|127\.0\.0\.1:{db}`},
		{"channel", `Channel ended|127\.0\.0\.1:{db}`}, {"german", `nicht erreichbar|127\.0\.0\.1:{db}`}, {"french", `joindre|127\.0\.0\.1:{db}`}, {"chinese", `数据库|127\.0\.0\.1:{db}`}, {"bare", `no connection|127\.0\.0\.1:{db}`},
		{"health", `readiness gate|127\.0\.0\.1:{db}`},
	} {
		all = append(all, outage(d.driver, "the database is away for 20 s, worded as by "+d.driver, "DRIVER: '"+d.driver+"'", d.naming))
	}
	return all
}

// faulty is a market whose starts end as a fault says for 30 s.
func faulty(fault, story, naming string) Case {
	return Case{
		Name: "start/" + fault, Story: story, App: "market", PM2: market + ", env: { FAULT: '" + fault + "' }",
		Steps: []Step{{0, Create("fault")}, {s / 10, Signal(0, syscall.SIGINT)}, {s / 5, Signal(1, syscall.SIGINT)}, {30 * s, Remove("fault")}},
		Watch: 60 * s, Slack: 8 * s, Share: 0.15, // a stop is a loan, and the next trial comes within a quarter of the outage
		Told: Told{16 * s, naming}, Never: []string{`"cause":"(dependency_outage|port_conflict|killed|out_of_memory)`},
	}
}

// starts are ends of a start that no server outside is at fault for.
func starts() []Case {
	return []Case{
		faulty("envalid", "a variable is not set, by a list of settings", `STRIPE_KEY|Invalid environment`),
		faulty("zod", "a variable is not set, by a schema", `DATABASE_URL|ZodError|invalid_type`),
		faulty("joi", "a variable is not set, by a validation", `JWT_SECRET`),
		faulty("abi", "a native module is built for another Node", `NODE_MODULE_VERSION|compiled against`),
		faulty("library", "a shared library is not on the host", `libvips`),
		faulty("cwd", "a relative path, read in another directory", `default\.yml.*"cause":"file_missing"|"cause":"file_missing".*default\.yml`),
		{
			Name: "start/one-after-the-other", Story: "a file is missing; once it is there, a variable in it is not set: the workers die of something else",
			App: "market", PM2: market + ", env: { FAULT: 'cwd' }",
			Steps: []Step{{0, Create("fault")}, {s / 10, Signal(0, syscall.SIGINT)}, {s / 5, Signal(1, syscall.SIGINT)}, {20 * s, Run("sh", "-c", "mkdir config; touch config/default.yml")}, {45 * s, Remove("fault")}},
			Watch: 75 * s, Told: Told{42 * s, `JWT_SECRET`}, Says: []string{`"cause":"file_missing"`, `"cause":"boot_crash\.deterministic"`}, Slack: 8 * s, Share: 0.1,
		},
		faulty("esm", "a module imports one that is not there", `rounding\.js`),
		faulty("typescript", "Node is given TypeScript", `\.ts`),
		faulty("compiler", "TypeScript does not compile", `TS2322|compile`),
		faulty("nothing", "a rejection without a reason", gone+`|undefined|reject`),
		faulty("text", "a text is thrown", `out of order`),
		faulty("german", "a licence has ended, in German, exit code 3", `Lizenz`),
		faulty("chinese", "a setting is missing, in Chinese, on stdout", `必填项`),
		faulty("sysexits", "logfmt on stdout, exit code 78", `schema version`),
		faulty("exit255", "exit code 255 and no word", gone+`|255|exit`),
		faulty("caught", "the app catches everything and never listens", gone+`|feature flags|listen`),
		faulty("descriptors", "too many files are opened at boot", `EMFILE|too many open`),
	}
}

// portWorded is a port conflict that the app words in its own way.
func portWorded(how string) Case {
	c := portConflict("worded-"+how, "the app says in its own way that its port is taken: "+how, 21*s, Case{App: "market", PM2: market + ", env: { ON_LISTEN: '" + how + "' }", Serves: 45 * s})
	return c
}

// scarce are apps that have too little of something, and live on.
func scarce() []Case {
	return []Case{
		{
			Name: "scarce/heap", Story: "the heap of each worker stays at nine tenths of its limit and more",
			App: "market", PM2: market + ", node_args: '--max-old-space-size=100', env: { GROWS_MB: '88' }",
			Watch: 60 * s, Told: Told{50 * s, `max-old-space-size is 100`}, Says: []string{`memory_near_limit`}, NeverDoes: []string{"stop", "kill", "restart"},
		},
		{
			Name: "scarce/limit", Story: "each worker uses more than nine tenths of max_memory_restart, and no more",
			App: "market", PM2: market + ", max_memory_restart: '150M', env: { GROWS_MB: '88' }",
			Watch: 60 * s, Told: Told{50 * s, `max_memory_restart is 150M`}, Says: []string{`memory_near_limit`}, NeverDoes: []string{"stop", "kill", "restart"},
		},
		{
			Name: "scarce/cores", Busy: true, Story: "the workers are given more to compute than the host has cores",
			App: "market", PM2: market,
			Lanes: []Lane{{Path: "/work?300", Every: 200 * ms, Harmful: true, Until: 45 * s}},
			Watch: 60 * s, Told: Told{50 * s, `waited for a core`}, Never: []string{`"cause":"(stalled_event_loop|hot_worker)`}, NeverDoes: []string{"stop", "kill", "restart", "replace"},
			Share: 0.2, Slack: 15 * s,
		},
	}
}

// habits are apps and operators with ways of their own.
func habits() []Case {
	return []Case{
		{
			Name: "healthy/frightening", Story: "a healthy app logs frightening texts; an operator reloads it",
			App: "market", PM2: market + ", env: { FRIGHTENS: '1' }",
			Steps: []Step{{10 * s, PM2("reload", "market")}}, Watch: 40 * s, Quiet: true,
		},
		{
			Name: "healthy/frightening-and-dies", Story: "the same, and workers die once of their own",
			App: "market", PM2: market + ", env: { FRIGHTENS: '1' }",
			Lanes: []Lane{{Path: "/mistake", Every: 6 * s, Harmful: true, Until: 40 * s}}, Watch: 50 * s,
			Never: []string{`"cause":"(dependency_outage|port_conflict|killed|out_of_memory|heap_exhausted|native_crash|file_missing|boot_crash)`}, NeverDoes: []string{"stop"},
		},
		{
			Name: "healthy/ready-never", Story: "wait_ready, and the app never says so; an operator rolls",
			App: "market", PM2: market + ", wait_ready: true", Steps: []Step{{5 * s, Roll()}},
			Watch: 60 * s, Holds: []Rule{rolled("market", 2)}, Share: 0.01,
		},
		{
			Name: "healthy/ready-late", Story: "wait_ready, said 3 s after it listens; an operator rolls",
			App: "market", PM2: market + ", wait_ready: true, env: { READY: '3000' }", Steps: []Step{{5 * s, Roll()}},
			Watch: 60 * s, Holds: []Rule{rolled("market", 2)}, Share: 0.01, Quiet: true,
		},
		{
			Name: "healthy/flaky-boot", Story: "one start of three fails, and workers die now and then",
			App: "market", PM2: market + ", env: { FAILS_EACH: '3', FAULT: 'text' }",
			Lanes: []Lane{{Path: "/mistake", Every: 5 * s, Harmful: true, Until: 40 * s}}, Watch: 50 * s, NeverDoes: []string{"stop"},
			Never: []string{`"cause":"boot_crash\.deterministic"`},
		},
		{
			Name: "healthy/watch", Story: "watch: true, and requests have the app write into its own folder: PM2 restarts it again and again",
			App: "market", PM2: market + ", watch: true", Lanes: []Lane{{Path: "/write", Every: 3 * s, Harmful: true, Until: 42 * s}},
			Watch: 60 * s, Told: Told{45 * s, `watch has started the app anew`}, NeverDoes: []string{"stop", "kill"},
			Never: []string{`"cause":"(boot_crash|killed|dependency)`}, Slack: 8 * s, Share: 0.2,
		},
		{
			Name: "stuck/pipe", Story: "a worker reads a FIFO that nobody writes", Busy: true,
			App: "market", PM2: market, Lanes: []Lane{{Path: "/pipe", Every: 300 * s, Harmful: true, Until: s}},
			Steps: []Step{{-s, Run("mkfifo", "pipe")}}, Watch: 40 * s, Told: Told{20 * s, `pipe|FIFO|open|system call|stall|silent`}, // what waits for the kernel may come back: it is given three times --stall, 15 s
		},
		{
			Name: "stuck/regex", Story: "a worker matches an expression for ever", Busy: true,
			App: "market", PM2: market, Lanes: []Lane{{Path: "/match", Every: 300 * s, Harmful: true, Until: s}},
			Watch: 40 * s, Told: Told{15 * s, `server\.js|stall|silent`},
		},
		{
			Name: "stuck/json", Story: "a worker parses JSON for ever", Busy: true,
			App: "market", PM2: market, Lanes: []Lane{{Path: "/parse", Every: 300 * s, Harmful: true, Until: s}},
			Watch: 40 * s, Told: Told{15 * s, `server\.js|stall|silent`},
		},
		{
			Name: "limits/descriptors", Story: "requests leak descriptors until none is left: every answer is 500 or none",
			App: "market", PM2: `name: 'market', script: './limited.sh', interpreter: 'bash', exec_mode: 'fork', env: { READS_EACH: 'server.js' }`,
			Lanes: []Lane{{Path: "/leak", Every: s, Harmful: true, Until: 10 * s}}, Watch: 50 * s, Fault: s, Told: Told{25 * s, `EMFILE|too many open|500`},
			Never: []string{`"cause":"(dependency_outage|boot_crash|file_missing)`},
		},
		{
			Name: "limits/log-disk-full", Story: "the disk of the logs is full; then the app dies at boot for 25 s",
			App: "market", PM2: market + ", out_file: '/dev/full', error_file: '/dev/full', env: { FAULT: 'joi' }",
			Steps: []Step{{0, Create("fault")}, {s / 10, Get("/mistake")}, {s, Get("/mistake")}, {25 * s, Remove("fault")}},
			Watch: 50 * s, Fault: s, Told: Told{14 * s, gone + `|JWT_SECRET`},
		},
		{
			Name: "killed/sigterm", Story: "a tool of the host ends workers by SIGTERM again and again",
			App: "market", PM2: market,
			Steps: []Step{{0, Signal(0, syscall.SIGTERM)}, {4 * s, Signal(1, syscall.SIGTERM)}, {8 * s, Signal(0, syscall.SIGTERM)}, {12 * s, Signal(1, syscall.SIGTERM)}, {16 * s, Signal(0, syscall.SIGTERM)}},
			Watch: 40 * s, NeverDoes: []string{"stop", "kill"}, Told: Told{30 * s, `SIGTERM`},
		},
		{
			Name: "socket/dies-at-boot", Story: "an app on a Unix socket that dies at each start for 25 s; the engine has no URL",
			App: "market", PM2: `name: 'market', script: './server.js', restart_delay: 1000, max_restarts: 1000, env: { SOCKET: '{dir}/m.sock', FAULT: 'text' }`,
			Probe: "http://localhost/", Socket: "{dir}/m.sock", Engine: Engine{NoURL: true},
			Steps: []Step{{0, Run("sh", "-c", "rm -f m.sock; touch fault")}, {s / 10, PM2("restart", "market")}, {25 * s, Remove("fault")}},
			Watch: 50 * s, Told: Told{13 * s, `out of order`},
		},
		{
			Name: "https/late", Story: "HTTP/2 and TLS; the start takes 25 s after a restart of both",
			App: "market", PM2: market + ", env: { SECURE: '1', FAULT: 'late' }", Certificate: true, Probe: "https://127.0.0.1:{port}/",
			Steps: []Step{{0, Create("fault")}, {s / 10, PM2("restart", "market")}}, Watch: 50 * s, Told: Told{14 * s, gone + `|listen`},
			NeverDoes: []string{"stop", "kill"}, Serves: 32 * s,
		},
		{
			Name: "operator/new-daemon", Story: "pm2 save, kill and resurrect: an update of PM2 itself",
			App: "market", PM2: market, Steps: []Step{{0, PM2("save")}, {2 * s, PM2("kill")}, {9 * s, PM2("resurrect")}},
			Watch: 45 * s, Serves: 20 * s, Holds: []Rule{workers("market", 2)},
		},
		{
			Name: "operator/deletes-and-starts", Story: "a deploy is pm2 delete and pm2 start",
			App: "market", PM2: market, Steps: []Step{{0, PM2("delete", "market")}, {3 * s, PM2("start", "ecosystem.config.js")}},
			Watch: 40 * s, Holds: []Rule{workers("market", 2)}, Serves: 14 * s,
		},
		{
			Name: "operator/maintenance", Story: "an operator stops the app for 25 s",
			App: "market", PM2: market, Steps: []Step{{0, PM2("stop", "market")}, {25 * s, PM2("restart", "market")}},
			Watch: 45 * s, Quiet: true,
		},
		{
			Name: "operator/bad-then-good", Story: "a release dies at each start; 20 s later the operator puts the old one back",
			App: "market", PM2: market + ", env: { FAULT: 'joi' }",
			Steps: []Step{{0, Create("fault")}, {s / 10, PM2("reload", "market")}, {20 * s, Remove("fault")}, {20*s + s/10, Restart()}},
			Watch: 50 * s, Serves: 30 * s,
		},
		{
			Name: "daemon/absent-at-start", Story: "PM2's daemon has been killed, and the engine is started; PM2 and the app are started 20 s later",
			App: "market", PM2: market, Engine: Engine{Absent: true},
			Steps: []Step{{0, SignalDaemon(syscall.SIGKILL)}, {s, StartEngine()}, {20 * s, PM2("start", "ecosystem.config.js")}, {35 * s, Signal(0, syscall.SIGSTOP)}},
			Watch: 60 * s, Fault: s, Told: Told{10 * s, `daemon`}, Says: []string{`"cause":"stopped_process"`}, Holds: []Rule{workers("market", 2)},
		},
		{
			Name: "daemon/ended-before-start", Story: "the same after pm2 kill, which leaves no pm2.pid",
			App: "market", PM2: market, Engine: Engine{Absent: true},
			Steps: []Step{{0, PM2("kill")}, {4 * s, StartEngine()}, {22 * s, PM2("start", "ecosystem.config.js")}},
			Watch: 45 * s, Fault: 4 * s, Told: Told{10 * s, `daemon`}, Says: []string{`"type":"ready"`}, Holds: []Rule{workers("market", 2)},
		},
		{
			Name: "wrong-target/never-ran", Story: "PM2 has never run in the directory that the engine is given",
			App: "market", PM2: market, Engine: Engine{Args: []string{"--home", "{dir}"}}, Watch: 10 * s,
			Refused: true, Told: Told{5 * s, `no PM2 daemon has run in .*start the app first`},
		},
		{
			Name: "fork/port-each", Story: "fork mode, each process has a port of its own, and one dies at boot",
			App: "market", PM2: `name: 'market', script: './server.js', exec_mode: 'fork', instances: 2, increment_var: 'PORT', restart_delay: 1000, max_restarts: 1000, env: { PORT: {port}, FAULT: 'joi', DOTENV: '1' }`,
			Files: []string{".env"}, Steps: []Step{{0, Remove(".env")}, {s / 10, Signal(1, syscall.SIGKILL)}, {30 * s, Create(".env")}},
			Watch: 50 * s, Told: Told{35 * s, `JWT_SECRET`}, Holds: []Rule{workers("market", 2)},
		},
	}
}

func worded() []Case {
	return []Case{portWorded("express"), portWorded("fastify"), portWorded("nest"), portWorded("quietly")}
}
