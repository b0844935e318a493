package field

const (
	payroll = `name: 'payroll', script: './server.js', exec_mode: 'cluster', instances: 3, kill_timeout: 5000, listen_timeout: 5000`
	board   = `name: 'board', script: './server.js', exec_mode: 'cluster', instances: 3, kill_timeout: 5000, listen_timeout: 5000`
	queue   = `name: 'queue', script: './server.js', exec_mode: 'cluster', instances: 2`
	thumbs  = `name: 'thumbs', script: './server.js', exec_mode: 'cluster', instances: 2, kill_timeout: 5000, listen_timeout: 8000`
)

// several are two apps of one PM2 that one engine looks after.
func several() []Case {
	ledger := "name: 'ledger', script: './server.js', exec_mode: 'cluster', instances: 2, restart_delay: 1000, env: { DRIVER: 'pg' }"
	other := "name: 'reports', script: './server.js', exec_mode: 'cluster', instances: 2, restart_delay: 1000, env: { DRIVER: 'pg', PORT: {alt} }"
	engine := Engine{App: "ledger=http://127.0.0.1:{port}/", NoURL: true, Args: []string{"--app", "reports=http://127.0.0.1:{alt}/"}}
	return []Case{
		{
			Name: "several-apps/both-in-an-outage", Story: "two apps of one PM2 and one engine; both need the database that is away for 20 s",
			App: "ledger", Servers: []string{"database.js"}, PM2: ledger, More: []string{other}, Engine: engine,
			Steps: []Step{{0, Stop("database.js")}, {20 * s, Start("database.js")}},
			Watch: 50 * s, Told: Told{12 * s, `"app":"reports".*ECONNREFUSED|ECONNREFUSED.*"app":"reports"`}, Serves: 38 * s,
			Holds: []Rule{workers("reports", 2)}, Says: []string{`"app":"ledger"`},
		},
		{
			Name: "several-apps/roll-the-other", Story: "an app is in an outage; an operator asks for a roll of the other, whose connection is kept",
			App: "ledger", Servers: []string{"database.js"}, PM2: ledger,
			More:   []string{"name: 'press', script: './idle.js', exec_mode: 'cluster', instances: 2, kill_timeout: 5000, env: { PORT: {alt} }"},
			Engine: Engine{App: "ledger=http://127.0.0.1:{port}/", NoURL: true, Args: []string{"--app", "press"}},
			Steps:  []Step{{0, Stop("database.js")}, {10 * s, RollOf("press")}, {25 * s, Start("database.js")}},
			Watch:  60 * s, Told: Told{12 * s, `ECONNREFUSED`}, Serves: 43 * s, Holds: []Rule{rolled("press", 2)},
		},
	}
}

// shapes are apps that are well and unusual.
func shapes() []Case {
	renamed := payroll + ", instance_var: 'INSTANCE_ID', env: { NUMBER_IN: 'INSTANCE_ID' }"
	return []Case{
		{
			Name: "instance-var/late-number", Story: "number 0 has the highest id, for it was deleted and made again; two workers of three are asked for",
			App: "payroll", PM2: renamed,
			Steps: []Step{{0, PM2("delete", "0")}, {2 * s, PM2("scale", "payroll", "3")}, {12 * s, Scale(2)}},
			Watch: 50 * s, Holds: []Rule{answers("worker 0", 45*s), workers("payroll", 2)}, Share: 0.01,
		},
		{
			Name: "instance-var/roll", Story: "a roll of workers whose number has another name",
			App: "payroll", PM2: renamed, Steps: []Step{{0, Roll()}},
			Watch: 50 * s, Holds: []Rule{answers("worker 0", 45*s), rolled("payroll", 3)}, Share: 0.01,
			Never: []string{`leader_missing`, `duplicate_leader`},
		},
		{
			Name: "instance-var/increment", Story: "increment_var gives each worker a shard; shard 5 runs the job; two of three are asked for",
			App: "payroll", PM2: payroll + ", increment_var: 'SHARD', env: { SHARD: 5, NUMBER_IN: 'SHARD', FIRST: '5' }",
			Steps: []Step{{0, Scale(2)}}, Watch: 40 * s,
			Holds: []Rule{answers("worker 5", 35*s), workers("payroll", 2)}, Share: 0.01,
		},
		{
			Name: "instance-var/leader-made-twice", Story: "an operator scales to two, the engine may make a leader, the operator scales to four again",
			App: "payroll", PM2: payroll, Steps: []Step{{0, PM2("scale", "payroll", "2")}, {25 * s, PM2("scale", "payroll", "4")}},
			Watch: 60 * s, Holds: []Rule{uniqueNumbers("payroll"), workers("payroll", 4)}, Share: 0.05,
		},
		{
			Name: "instance-var/two-namespaces", Story: "two apps of one name in two namespaces; a worker of the other app dies, and the engine is for the first",
			App: "payroll", PM2: payroll + ", namespace: 'blue'",
			More:   []string{`name: 'payroll', script: './server.js', exec_mode: 'cluster', instances: 2, namespace: 'green', env: { PORT: {alt} }`},
			Engine: Engine{Args: []string{"--namespace", "blue"}},
			Steps:  []Step{{0, Roll()}}, Watch: 40 * s, Holds: []Rule{untouched("green")}, Share: 0.01,
		},
		{
			Name: "event-stream/websockets", Story: "a roll of an app whose clients hold WebSockets",
			App: "board", PM2: board, Lanes: []Lane{{Path: "/live", Open: 9, Upgrade: true}}, Steps: []Step{{2 * s, Roll()}},
			Watch: 120 * s, Share: 0.01, Never: []string{`"cause":"sigint_ignored"`, `empty`}, Says: []string{`stream|long-lived|connections? (is|are|stay|still) open`}, Holds: []Rule{rolled("board", 3)},
		},
		{
			Name: "event-stream/http2", Story: "a roll of an app whose clients hold streams by HTTP/2 and TLS",
			App: "board", PM2: board + ", env: { SECURE: '1' }", Certificate: true, Probe: "https://127.0.0.1:{port}/",
			Lanes: []Lane{{Path: "/events", Open: 6, HTTP2: true}}, Steps: []Step{{2 * s, Roll()}},
			Watch: 120 * s, Share: 0.01, Never: []string{`"cause":"sigint_ignored"`}, Says: []string{`stream|long-lived|connections? (is|are|stay|still) open`}, Holds: []Rule{rolled("board", 3)},
		},
		{
			Name: "event-stream/long-polls", Story: "a roll while long polls of 25 s are open: each is answered",
			App: "board", PM2: board, Lanes: []Lane{{Path: "/poll", Open: 9}}, Steps: []Step{{2 * s, Roll()}},
			Watch: 120 * s, Share: 0.01, Never: []string{`"cause":"sigint_ignored"`}, Holds: []Rule{rolled("board", 3), uncut()},
		},
		{
			Name: "event-stream/told-to-go", Story: "a roll of an app that closes its streams on SIGINT: nothing is wrong with it",
			App: "board", PM2: board + ", env: { STOPS: 'tells' }", Lanes: []Lane{{Path: "/live", Open: 9, Upgrade: true}}, Steps: []Step{{2 * s, Roll()}},
			Watch: 120 * s, Share: 0.01, Never: []string{`"cause":"sigint_ignored"`}, Holds: []Rule{rolled("board", 3)},
		},
		{
			Name: "queue-consumer/jobs", Story: "a consumer whose workers each do jobs of their own",
			App: "queue", Silent: true, PM2: queue + ", env: { SAYS: 'jobs', EVERY_MS: '400' }", Engine: Engine{NoURL: true},
			Steps: []Step{{15 * s, Roll()}}, Watch: 45 * s, Quiet: true, Never: []string{`"cause":"duplicate`}, Holds: []Rule{rolled("queue", 2)},
		},
		{
			Name: "queue-consumer/json-fork", Story: "two consumers in fork mode that log the same JSON line",
			App: "queue", Silent: true, PM2: `name: 'queue', script: './server.js', exec_mode: 'fork', instances: 2, env: { SAYS: 'json' }`, Engine: Engine{NoURL: true},
			Watch: 35 * s, Quiet: true,
		},
		{
			Name: "queue-consumer/dies", Story: "the queue vanishes and all consumers die at boot: people are told without a health URL",
			App: "queue", Silent: true, PM2: queue + ", restart_delay: 1000, env: { BROKEN_BY: 'vanished' }", Engine: Engine{NoURL: true},
			Steps: []Step{{0, Create("vanished")}, {25 * s, Remove("vanished")}}, Watch: 50 * s, Told: Told{12 * s, `queue \\*"orders|vanished`},
		},
		{
			Name: "queue-consumer/scale", Story: "consumers that poll with one and the same line; an operator asks for three, then for one",
			App: "queue", Silent: true, PM2: queue, Engine: Engine{NoURL: true},
			Steps: []Step{{15 * s, Scale(3)}, {30 * s, Scale(1)}}, Watch: 50 * s, Quiet: true, Holds: []Rule{workers("queue", 1)},
		},
		{
			Name: "queue-consumer/with-url", Story: "the app serves and polls: the line of all workers blocks no roll",
			App: "payroll", PM2: payroll + ", env: { NUMBER_IN: 'ROLE', ROLE: '0' }",
			Steps: []Step{{15 * s, Roll()}}, Watch: 60 * s, Share: 0.01, Holds: []Rule{rolled("payroll", 3)},
		},
		{
			Name: "memory-loop/fork-mode", Story: "a memory limit below normal use, in fork mode: each restart is an outage",
			App: "thumbs", PM2: `name: 'thumbs', script: './server.js', max_memory_restart: '80M'`,
			Watch: 100 * s, Told: Told{95 * s, `max_memory_restart|memory limit`}, NeverDoes: []string{"stop", "kill"},
		},
		{
			Name: "memory-loop/bytes", Story: "the limit is given as bytes by mistake: 150000",
			App: "thumbs", PM2: thumbs + ", max_memory_restart: '150K', env: { PICTURES_MB: '10' }",
			Watch: 80 * s, Told: Told{65 * s, `max_memory_restart|memory limit`}, NeverDoes: []string{"stop", "kill"},
		},
		{
			Name: "memory-loop/cron-restart", Story: "cron_restart restarts all workers at once, each 20 s",
			App: "site", PM2: site + ", cron_restart: '*/20 * * * * *', env: { BOOT_MS: '1500' }",
			Watch: 75 * s, Told: Told{65 * s, `cron`}, Says: []string{`"cause":"cron_restart"`}, NeverDoes: []string{"stop", "kill"},
		},
		{
			Name: "memory-loop/within-limit", Story: "a limit above normal use: nothing is wrong",
			App: "thumbs", PM2: thumbs + ", max_memory_restart: '400M'", Watch: 45 * s, Quiet: true,
		},
		{
			Name: "shape/unix-socket", Story: "the app listens on a Unix socket and is looked after without a URL; then a roll",
			App: "site", PM2: site + ", env: { SOCKET: '{dir}/site.sock' }", Probe: "http://site.invalid/", Socket: "{dir}/site.sock",
			Engine: Engine{NoURL: true}, Steps: []Step{{20 * s, Roll()}},
			Watch: 50 * s, Holds: []Rule{rolled("site", 2)}, Quiet: true,
		},
		{
			Name: "shape/own-sigusr1", Story: "the app has a SIGUSR1 listener of its own; a roll",
			App: "site", PM2: site + ", env: { LISTENS_TO_USR1: '1' }", Steps: []Step{{2 * s, Roll()}},
			Watch: 60 * s, Holds: []Rule{rolled("site", 2)}, Share: 0.01,
		},
		{
			Name: "shape/without-pmx", Story: "pmx: false in cluster mode: no heartbeats; nothing is wrong; then a roll",
			App: "site", PM2: site + ", pmx: false", Steps: []Step{{25 * s, Roll()}},
			Watch: 60 * s, Holds: []Rule{rolled("site", 2)}, Share: 0.01, NeverDoes: []string{"kill", "stop"},
		},
		{
			Name: "shape/fork-one-roll", Story: "one process in fork mode; an operator asks for a roll",
			App: "site", PM2: `name: 'site', script: './server.js'`, Steps: []Step{{2 * s, Roll()}},
			Watch: 40 * s, Slack: 3 * s, Quiet: true,
		},
		{
			Name: "shape/https", Story: "the health URL is HTTPS with its own certificate; nothing is wrong; then a roll",
			App: "site", PM2: site + ", env: { SECURE: '1' }", Certificate: true, Probe: "https://127.0.0.1:{port}/",
			Steps: []Step{{5 * s, Roll()}}, Watch: 60 * s, Share: 0.01, Holds: []Rule{rolled("site", 2)},
		},
	}
}
