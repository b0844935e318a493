// Package harness is the map of pm2drill.
//
//	scenario  ->  drill  ->  evidence  ->  promise  ->  report
//	what to do    one run    all that     a judge of    the rulings,
//	and expect    of an arm  it recorded  the record    to be read
//
// Who may import whom; architecture_test.go holds the packages to it:
//
//	pm2       host               one PM2 daemon, over its sockets
//	host      nothing of ours    what the kernel says: processes, sockets, clock
//	redact    nothing of ours    what a secret is, and texts without any
//	evidence  nothing of ours    the record of a drill
//	ecosystem nothing of ours    what PM2 makes of an ecosystem file
//	lint      ecosystem, redact  what of such a file will hurt
//	rehearsal ecosystem, evidence, lint, promise, report  what a rehearsed rollout means for its file
//	engine    pm2                the contract an engine is held to
//	remedy    engine, pm2, host, redact  the reference engine; its rooms, in the order that data runs through them:
//	  nodeerr   nothing of ours    what an error text of Node.js, PM2 or a driver says
//	  observe   engine, pm2, host, redact, nodeerr  looks at the app: list, bus, kernel, probes
//	  diagnose  engine, observe, nodeerr  what is wrong, by a history of observations; pure
//	  plan      engine, diagnose, observe, nodeerr  what is done about it; pure
//	  act       engine, pm2, host, plan, observe, drain, intent  does it
//	  alert     engine, host, redact, plan, diagnose, observe, nodeerr  tells people
//	  operate   engine, host, pm2, act, alert, drain, intent, plan, diagnose, observe, nodeerr  does what people ask for
//	  config    engine, pm2, plan  reads what the engine is told to look after and may do
//	  channel   engine, redact     delivers alerts to Slack, PagerDuty, Opsgenie, Alertmanager, mail and webhooks
//	  status    engine             shows metrics and incidents over HTTP
//	  link      nothing of ours    permits an action by a signed link
//	  sim       engine, diagnose, plan, observe, nodeerr  PM2 and an app as a model, to try the rules on
//	  drain     pm2, host          empties and replaces workers
//	  intent    engine, pm2, host  what is about to be done to a worker, on disk
//	capture   ecosystem, engine, remedy, its observe, diagnose and plan, pm2, host, redact  what a host looks like in an incident, as an archive
//	load      evidence           a load generator whose counts include every request
//	observer  evidence, pm2, host  what is seen of a cluster, from outside it
//	injector  pm2, host          harm done from outside: requests and signals
//	cluster   fixtures, pm2, evidence  containers with PM2 and an app; nothing else uses Docker
//	fault     cluster, engine, evidence, injector  ways to hurt a cluster
//	drill     fixtures, cluster, engine, evidence, fault, load, observer, pm2  runs one arm once
//	promise   evidence           judges
//	shard     nothing of ours    which machine drills what; pure
//	rate      nothing of ours    what a few tries tell of a rate; pure
//	variant   evidence           what may differ from one app to the next, drawn by a seed
//	report    evidence, promise, rate  a run and the digest of it; its rooms, in the order that data runs through them:
//	  render      report, evidence, promise, rate  text, tables, Markdown, junit.xml
//	  page        report, evidence, promise, render  report.html, with its timelines
//	  folder      report, evidence, promise, render, page  what a run leaves on disk, and report.json
//	  conformance report, evidence, promise, render, page, folder  a gate's statement, its badge, a CI job's annotations
//	  compare     report, evidence, promise, rate, render, page, folder, conformance  two runs side by side, and the league
//	  matrix      report, promise, render, page, folder  what PM2 does by version: the matrix of truth
//	  reporttest  report, evidence, promise  runs, a browser and golden files for the tests of these
//	field     engine, pm2        the engine beside PM2 alone, on this host
//	matchers  promise            the only package that knows Gomega
//	release   nothing of ours    tests of what is published: configuration, npm packages, action
//	cmd       what it needs: main and one file for each verb; the rooms of cmd/pm2drill/internal call no verb, and each other one way:
//	  cli       no other room            exit codes, messages, help, terminal
//	  validate  cli                      checks ecosystem files
//	  session   cli                      runs drills: selection, schedule, progress, report
//	  live      cli                      the live view of an app's workers, on a terminal or as lines
//	  watch     cli, live                shows an app of this host live
//	  hold      cli, session, live       shows a drill's cluster live
//	  reproduce cli, validate, session, live, hold  causes an incident and compares its symptom
//	  rehearse  cli, validate, session   rehearses the rollout of an app
//	  matrix    cli, session             drills PM2 alone on several versions
//	  tools     cli                      offers verbs as tools of the Model Context Protocol
//
// Only the command and the suites import scenarios. So the engine has no access to
// the experiment, a judge has none to a clock or a socket, and the tests of all
// packages except cluster run without Docker.
package harness
