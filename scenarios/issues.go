package scenarios

// Issue is a public issue of PM2 (github.com/Unitech/pm2), opened since 2024.
type Issue struct {
	Number   int
	Opened   string // year, or year and month
	About    string // what it reports, in our words
	Scenario string // of the catalogue, that causes the symptom which the issue reports; "" if none does
}

// Issues returns the public issues that the matrix of truth has rows for, the newest first.
// What each reports is taken from its title and opening text; the cause that its reporter met may be
// another one than the scenario's.
func Issues() []Issue {
	return []Issue{
		{6129, "2026-07", "overlapping reloads leave a worker with old code that serves on and is in no list", ""},
		{6113, "2026-05", "the daemon's memory grows without bound with many WebSockets", ""},
		{6086, "2026-03", "a regular expression of PM2 takes exponential time (CVE-2025-5891)", ""},
		{6084, "2026-02", "stop and delete leave a child process behind that holds the app's port", ""},
		{6083, "2026-02", "TypeScript files are started with Bun unless it is told otherwise", ""},
		{6074, "2026-01", "figures of processes need wmic, which Windows no longer has", ""},
		{6029, "2025-08", "restart and reload of a changed ecosystem file apply its variables alone", ""},
		{6024, "2025-08", "arguments of an app are split by a regular expression that can take exponential time", ""},
		{5965, "2025-03", "shutdown_with_message is ignored by the programmatic API", ""},
		{5963, "2025-03", "cluster mode does not serve with Bun", ""},
		{5953, "2025-02", "an ecosystem file that is an ES module is refused on older Node", ""},
		{5899, "2024", "workers that do not answer are shown as online", "stopped-worker"},
		{5897, "2024-09", "the daemon dies out of memory, and its apps run on without it", ""},
		{5893, "2024", "the interpreter of the ecosystem file is not used", ""},
		{5889, "2024-09", "workers die of EADDRINUSE where each binds the port itself, and are shown as online", "port-fork"},
		{5858, "2024-07", "most commands of pm2 hang", ""},
		{5837, "2024", "PM2 gives up an app that keeps crashing, and no setting turns that off", "database-outage"},
		{5834, "2024", "an app with cron_restart does not run after a start of the system", ""},
		{5802, "2024-04", "the daemon crashes, and the apps do not come back as they were", "null-message"},
		{5796, "2024-04", "most of the connections go to a few of the workers", "claim-round-robin"},
		{5777, "2024-03", "several instances do not run in cluster mode with Bun", ""},
		{5751, "2024-01", "a patch release starts TypeScript files with Bun, which is not installed", ""},
	}
}
