// Package sim plays PM2, an app, its server and its operators as a small model, and has the
// engine's own rules decide about it: diagnose and plan, with observations in place of a
// host. Nothing waits: the clock is a number.
//
//	seed -> World (app, PM2's settings, faults) -> Play with and without the engine -> Broken
//
// A World is played twice, with the engine and without it, from the same seed. What must
// hold is in Check: the engine is never worse than PM2 alone, people are told of an outage,
// no worker is under two actions, what was stopped is tried again, and all is well once the
// faults are over. Shrink takes faults away from a World that breaks a rule as long as it
// still does.
//
// The model is coarse. Times of PM2 are those of its source: min_uptime and max_restarts
// (constants.js), the back-off that grows by half up to 15 s (God.js). It knows neither
// reloads nor memory limits nor cron.
package sim
