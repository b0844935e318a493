package scenarios

// Issue is a public issue of PM2 (github.com/Unitech/pm2), opened since 2024.
type Issue struct {
	Number   int
	Opened   string // year, or year and month
	About    string // what it reports, in our words
	Scenario string // of the catalogue, that causes it by the mechanism which the issue reports; "" if none does
}

// Issues returns the public issues that the matrix of truth has rows for, the newest first.
// Each was read; a scenario is named only if it causes what the issue reports.
func Issues() []Issue {
	return []Issue{
		{6129, "2026-07", "overlapping reloads leave a worker with old code that serves on and is in no list", ""},
		{6113, "2026-05", "the daemon's memory grows without bound with many WebSockets", ""},
		{6084, "2026-02", "stop and delete leave a child process behind that holds the app's port, and the next start dies", "port-taken"},
		{6029, "2025-08", "restart and reload of a changed ecosystem file apply its variables alone", ""},
		{5963, "2025-03", "cluster mode does not serve with Bun", ""},
		{5953, "2025-02", "an ecosystem file that is an ES module is refused on older Node", ""},
		{5899, "2024", "workers are shown as online and do not answer", "stopped-worker"},
		{5897, "2024-09", "the daemon dies out of memory, and its apps run on without it", "null-message"},
		{5893, "2024", "the interpreter of the ecosystem file is not used", ""},
		{5889, "2024-09", "a reloaded app dies of EADDRINUSE and is shown as online", "port-fork"},
		{5858, "2024-07", "most commands of pm2 hang", ""},
		{5837, "2024", "PM2 gives a crashing app up, and no setting turns that off", "database-outage"},
		{5802, "2024-04", "the daemon crashes and does not come back as it was", "null-message"},
		{5796, "2024-04", "most of the connections go to a few of the workers", "hot-worker"},
		{5777, "2024-03", "several instances do not run in cluster mode with Bun", ""},
	}
}
