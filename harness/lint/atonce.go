package lint

import "strconv"

// countAtOnce returns how many workers of the app a reload replaces at a time: two, or
// what PM2_CONCURRENT_ACTIONS says where pm2 is called (constants.js:90), and one where
// there are two workers or fewer (API.js:1346, all of 7.0.4).
func (a App) countAtOnce() int {
	if a.Plan.Workers <= 2 {
		return 1
	}
	if n, err := strconv.Atoi(a.of.Target.OS["PM2_CONCURRENT_ACTIONS"]); err == nil && n > 0 {
		return n
	}
	return 2
}

// countRounds returns how often a reload waits for workers.
func (a App) countRounds() int { return (a.Plan.Workers + a.countAtOnce() - 1) / a.countAtOnce() }
