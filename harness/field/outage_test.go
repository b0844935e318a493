package field

import "fmt"

// outage is a server that is away for 20 s and that every worker needs at boot. The alert
// must come within ten seconds and name the server or quote what the app said.
func outage(name, story, env string, naming string) Case {
	return Case{
		Name: "outage/" + name, Story: story,
		App: "ledger", Servers: []string{"database.js"},
		PM2:   "name: 'ledger', script: './server.js', exec_mode: 'cluster', instances: 2, restart_delay: 1000, kill_timeout: 5000, env: { " + env + " }",
		Steps: []Step{{0, Stop("database.js")}, {20 * s, Start("database.js")}},
		Watch: 50 * s,
		Told:  Told{12 * s, naming}, Serves: 38 * s,
		Never: []string{`"cause":"boot_crash\.deterministic"`, `they said nothing`},
	}
}

// drivers are other wordings of the same outage.
func drivers() []Case {
	var all []Case
	for _, d := range []struct{ driver, naming string }{
		{"prisma", `Can't reach database server|127\.0\.0\.1:{db}`},
		{"sequelize", `ECONNREFUSED`},
		{"typeorm", `ConnectionNotFoundError|127\.0\.0\.1:{db}`},
		{"mysql", `Connection lost|127\.0\.0\.1:{db}`},
		{"ioredis", `max retries per request|127\.0\.0\.1:{db}`},
		{"redis", `closed unexpectedly|127\.0\.0\.1:{db}`},
		{"mongo", `selection timed out|127\.0\.0\.1:{db}`},
		{"mongoose", `ECONNREFUSED`},
		{"kafka", `ECONNREFUSED`},
		{"kafkaRetries", `KafkaJSNumberOfRetriesExceeded|127\.0\.0\.1:{db}`},
		{"amqp", `opening handshake|127\.0\.0\.1:{db}`},
		{"fetch", `fetch failed|ECONNREFUSED`},
		{"nested", `migrations not applied|127\.0\.0\.1:{db}`}, // its causes are not printed: console.error cuts them off
		{"dns", `EAI_AGAIN`},
		{"own", `ledger store unavailable|127\.0\.0\.1:{db}`},
	} {
		all = append(all, outage(d.driver, "the database is away for 20 s, worded as by "+d.driver, "DRIVER: '"+d.driver+"'", d.naming))
	}
	for name, greeting := range map[string]string{
		"pg-starting":    "the database system is starting up",
		"pg-too-many":    "sorry, too many clients already",
		"pg-recovery":    "the database system is in recovery mode",
		"mysql-too-many": "Too many connections",
	} {
		driver := "pg"
		if name == "mysql-too-many" {
			driver = "mysqlBusy"
		}
		c := outage(name, "the database answers for 20 s that "+greeting, "DRIVER: '"+driver+"'", greeting)
		c.Steps = []Step{
			{0, Stop("database.js")}, {s / 10, Start("database.js", "GREETING="+greeting)},
			{20 * s, Stop("database.js")}, {20*s + s/10, Start("database.js")},
		}
		all = append(all, c)
	}
	thrown := outage("thrown", "the error is thrown at boot in an async function: workers that an operator restarts stay online and never listen", "DRIVER: 'sequelize', THROWS: '1'", `ECONNREFUSED`)
	thrown.Serves = 0
	thrown.Steps = []Step{{0, Stop("database.js")}, {s / 10, PM2("restart", "ledger")}, {20 * s, Start("database.js")}}
	fork := outage("fork-one", "the database is away for 20 s, one process in fork mode", "DRIVER: 'pg'", `ECONNREFUSED`)
	fork.PM2 = "name: 'ledger', script: './server.js', restart_delay: 1000, env: { DRIVER: 'pg' }"
	plain := outage("fork-without-pmx", "the same in fork mode with pmx: false", "", `ECONNREFUSED`)
	plain.PM2 = "name: 'ledger', script: './server.js', pmx: false, restart_delay: 1000, env: { DRIVER: 'pg' }"
	gives := outage("pm2-gives-up", "no restart_delay: PM2 gives up during the outage and stays so; the engine must not", "DRIVER: 'pg'", `ECONNREFUSED`)
	gives.PM2 = "name: 'ledger', script: './server.js', exec_mode: 'cluster', instances: 2, max_restarts: 4, env: { DRIVER: 'pg' }"
	receiver := outage("receiver-away", "the receiver of alerts is away for the first 20 s", "DRIVER: 'pg'", `ECONNREFUSED`)
	receiver.Steps = append([]Step{{0, RefuseAlerts(true)}}, append(receiver.Steps, Step{20 * s, RefuseAlerts(false)})...)
	receiver.Told.Within = 38 * s
	mended := outage("operator-mends", "the database has moved; 15 s later an operator gives the app its new port and restarts it, while the engine holds workers", "DRIVER: 'pg'", `ECONNREFUSED`)
	mended.Steps = []Step{{0, Stop("database.js")}, {15 * s, Start("database.js", "PORT={alt}")}, {16 * s, Restart("DB_PORT={alt}")}}
	mended.Serves = 30 * s
	return append(all, thrown, fork, plain, gives, receiver, mended)
}

// loggers are other ways in which the app says it.
func loggers() []Case {
	var all []Case
	for _, l := range []struct{ logs, to, more string }{
		{"pino", "stderr", ""}, {"winston", "stdout", ""}, {"bunyan", "stdout", ""}, {"bunyan", "stderr", ""}, {"ecs", "stdout", ""},
		{"log4js", "stdout", ""}, {"logfmt", "stdout", ""},
		{"text", "stdout", ""},
		{"pino", "stdout", "log_type: 'json'"},
		{"text", "stdout", "merge_logs: true, log_date_format: 'YYYY-MM-DD HH:mm:ss', out_file: './app.log', error_file: './app.log'"},
	} {
		name := l.logs + "-" + l.to
		c := outage("", fmt.Sprintf("the database is away for 20 s, said as %s on %s (%s)", l.logs, l.to, l.more), "DRIVER: 'sequelize', LOGS: '"+l.logs+"', TO: '"+l.to+"'", "ECONNREFUSED")
		if l.more != "" {
			c.PM2 += ", " + l.more
			name += "-" + map[bool]string{true: "log-type", false: "merged"}[l.logs == "pino"]
		}
		c.Name = "json-logs/" + name
		all = append(all, c)
	}
	mute := outage("", "the database is away for 20 s and the app says nothing at all", "DRIVER: 'sequelize', LOGS: 'nothing'", gone+`|127\.0\.0\.1:{db}`)
	mute.Name, mute.Never = "json-logs/mute", []string{`"cause":"boot_crash\.deterministic"`}
	null := outage("", "the database is away for 20 s, logs go to /dev/null", "DRIVER: 'sequelize', LOGS: 'text'", gone+`|ECONNREFUSED|127\.0\.0\.1:{db}`)
	null.PM2 += ", out_file: '/dev/null', error_file: '/dev/null'"
	null.Name = "json-logs/dev-null"
	return append(all, mute, null)
}
