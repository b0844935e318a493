package plan

import "time"

// Limits are the engine's patience and its guards.
type Limits struct {
	Outage     time.Duration // people are told of a total outage after it, whatever its cause; of lesser symptoms after two and three times as long
	Stall      time.Duration // silence after which an event loop counts as blocked; longer than any pause of the garbage collector
	Policies   Policies      // what may be done, by cause
	Home       string        // PM2's directory, for commands that people are told to run; "" where it is their default
	MinHealthy int           // workers that must go on serving whatever the engine does; 0 for all but one
	PerWorker  int           // actions on one worker in Span
	PerApp     int           // actions on the app in Span
	Span       time.Duration // over which actions are counted
	Cooldown   time.Duration // after a cure, before the same cure of the same worker; doubles while it is needed again soon after
	Flap       int           // cures of a worker of the same cause in Span, after which it is left to people; twice as many for the app
	Soak       time.Duration // everything must stay well this long before the engine says so
	Canary     time.Duration // a worker that was started must serve within this time
	Respawn    time.Duration // PM2 must start a killed worker within this time, or the engine does
	Retry      time.Duration // before a failed canary is tried again; a quarter more each time
	Loan       time.Duration // before a worker that was stopped is tried for the first time though nothing has changed; a quarter more each time
	LoanMax    time.Duration // and neither ever is longer: PM2's own longest delay (God.js, exp_backoff_restart_delay)
	LoanFixed  time.Duration // the same where the error lasts until people change something, or a look still says that it does
	RetryMax   time.Duration // and never is longer: what the engine stopped it tries again at least as often
}

// DefaultLimits are those of the command: an hour's budget that an outage with
// several failed attempts fits into, and a loop does not.
func DefaultLimits() Limits {
	return Limits{
		Outage: 10 * time.Second, Stall: 5 * time.Second, PerWorker: 12, PerApp: 60, Span: time.Hour,
		Cooldown: 30 * time.Second, Flap: 4, Soak: 3 * time.Second, Canary: 60 * time.Second,
		Respawn: 3 * time.Second, Retry: time.Second, RetryMax: time.Minute,
		Loan: 2 * time.Second, LoanMax: 15 * time.Second, LoanFixed: time.Minute,
	}
}
