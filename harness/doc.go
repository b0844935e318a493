// Package harness is the map of pm2drill.
//
//	scenario  ->  drill  ->  evidence  ->  promise  ->  report
//	(a literal)   (runs it   (what was    (sentence +   (what a person
//	               once)      seen)        pure judge)   reads)
//
// Who may import whom; architecture_test.go holds the packages to it:
//
//	pm2       host               one PM2 daemon, over its sockets
//	host      nothing of ours    what the kernel says: processes, sockets, clock
//	evidence  nothing of ours    the record of a drill
//	ecosystem nothing of ours    what PM2 makes of an ecosystem file
//	lint      ecosystem          what of such a file will hurt
//	rehearsal ecosystem, evidence, lint, promise  what a rehearsed rollout means for its file
//	engine    pm2                the contract an engine is held to
//	remedy    engine, pm2, host  the reference engine
//	capture   engine, remedy, pm2, host  what a host looks like in an incident, as an archive
//	load      evidence           traffic that accounts for every request it owed
//	observer  evidence, pm2, host  what is seen inside the container
//	cluster   pm2, evidence      PM2 and an app in a container; the only user of Docker
//	fault     cluster, engine, evidence  ways to hurt a cluster
//	drill     cluster, engine, evidence, fault, load, observer, pm2  runs one arm once
//	promise   evidence           judges
//	report    evidence, promise  what people and machines read
//	matchers  promise            the only package that knows Gomega
//	cmd       what it needs
//
// Nothing imports scenarios but the command and the suites. Three properties
// follow: the engine cannot see the experiment, a judge cannot read a clock or a
// socket, and everything but cluster is testable without Docker.
package harness
