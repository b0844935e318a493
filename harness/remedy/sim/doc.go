// Package sim plays PM2, an app, its server and its operators as a small model, and has the
// engine's own rules decide about it: diagnose and plan, with observations in place of a
// host. Nothing waits: the clock is a number, and jumps to the next moment at which something
// can happen.
//
//	seed -> World (app, PM2's settings, faults) -> Play with and without the engine -> Check
//
// A World is played twice, with the engine and without it. What must hold is in Check: the
// engine is never worse than PM2 alone, people are told of an outage, no worker is under two
// actions, nobody's worker is taken down that serves or that an operator has taken down, what
// was stopped is tried again, and all is well once the faults are over. Shrink takes faults
// away from a World that breaks a rule, and shortens them, as long as it still does.
//
// The engine is given the looks that its Watcher would give: at the times that its Focus asks
// for, and a tenth of a second after an event. A world ends early once all is well and the
// engine has had nothing to do for a while; TestIdleEngine shows that it would not do more.
//
// The model is coarse. Times of PM2 are those of its source: min_uptime and max_restarts
// (constants.js), the back-off that grows by half up to 15 s (God.js), the look at the memory
// each 30 s (Worker.js). It knows neither cron nor watch.
package sim
