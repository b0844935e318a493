package operate

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// diagnoseReplacement returns what people must mend before they may trust PM2's own reload: read
// off one worker's replacement. Code comes before configuration. A finding's drift
// is the configuration that would do.
func diagnoseReplacement(p drain.Replacement) (diagnose.Diagnosis, bool) {
	for _, read := range []func(drain.Replacement) (diagnose.Diagnosis, bool){diagnoseHabit, diagnoseStreams, diagnoseKillTimeout, diagnoseSlowReady} {
		if f, ok := read(p); ok {
			return f, true
		}
	}
	return diagnose.Diagnosis{}, false
}

// diagnoseStreams: the drain's deadline ended answers that have no end of their own. The
// clients must connect again, and with more workers the roll takes that much longer.
func diagnoseStreams(p drain.Replacement) (diagnose.Diagnosis, bool) {
	if p.Drain.Streams == 0 {
		return diagnose.Diagnosis{}, false
	}
	return diagnose.Diagnosis{
		Cause: engine.StreamsCut, Subject: "streams", IDs: []int{p.ID}, Confidence: 0.9,
		Evidence: []engine.Fact{{Source: "sockets", Text: fmt.Sprintf(
			"worker %d (pid %d): %d of its %d open connections are event streams, WebSockets or other answers in parts after %s, and end with it",
			p.ID, p.Old, p.Drain.Streams, p.Drain.InFlight, p.Drain.Took.Round(1e6))}},
		RuledOut: []engine.Ruled{{Cause: engine.SigintIgnored, Fact: "it was not empty when PM2 sent SIGINT, so nobody knows what it would have done"}},
		Human:    "let the app end its streams on SIGINT (the clients connect again, to another worker), or have the engine wait longer (--stream-deadline)",
	}, true
}

// diagnoseHabit turns what a worker did on SIGINT into a finding, if it is a bad habit.
func diagnoseHabit(p drain.Replacement) (diagnose.Diagnosis, bool) {
	f := diagnose.Diagnosis{Subject: "SIGINT", IDs: []int{p.ID}, Confidence: 0.95}
	seen := fmt.Sprintf("worker %d (pid %d), empty, ended %s after PM2's SIGINT", p.ID, p.Old, p.Ending.Round(1e6))
	switch {
	case p.Habit == drain.HabitIgnores:
		f.Cause = engine.SigintIgnored
		f.Evidence = []engine.Fact{{Source: "proc", Text: fmt.Sprintf("worker %d (pid %d), empty, lived on for %s after PM2's SIGINT, until it was killed", p.ID, p.Old, p.Ending.Round(1e6))}}
		f.RuledOut = []engine.Ruled{{Cause: engine.NoDrainSupport, Fact: "without a listener Node would have ended at once"}}
		f.Human = "the app has a SIGINT listener that never ends the process: in it, close the server, wait until its connections are done, then process.exit()"
	case p.Habit == drain.HabitNone:
		f.Cause = engine.NoDrainSupport
		f.Evidence = []engine.Fact{{Source: "proc", Text: seen}}
		f.RuledOut = []engine.Ruled{{Cause: engine.SigintIgnored, Fact: "it ended at once"}}
		f.Human = "the app has no SIGINT listener, so every pm2 reload cuts its requests off: add one that closes the server, answers what is open with Connection: close, lingers for half a second and exits"
	default:
		return diagnose.Diagnosis{}, false
	}
	if n := p.Drain.Facts; n != nil {
		f.Evidence = append(f.Evidence, engine.Fact{Source: "inspector", Text: fmt.Sprintf("%d listeners for SIGINT, Node %s", n.Sigint, n.Node)})
	}
	return f, true
}

// diagnoseKillTimeout: the app ends by itself once it is empty, and emptying it took
// longer than PM2 would have waited.
func diagnoseKillTimeout(p drain.Replacement) (diagnose.Diagnosis, bool) {
	if p.Habit != drain.HabitExits || p.Drain.Took <= p.KillTimeout {
		return diagnose.Diagnosis{}, false
	}
	return diagnose.Diagnosis{
		Cause: engine.KillTimeoutShort, Subject: "kill_timeout", IDs: []int{p.ID}, Confidence: 0.9,
		Evidence: []engine.Fact{
			{Source: "proc", Text: fmt.Sprintf("worker %d (pid %d) needed %s to finish its requests once it got no more", p.ID, p.Old, p.Drain.Took.Round(1e6))},
			{Source: "rpc", Text: fmt.Sprintf("PM2 sends SIGKILL %s after SIGINT (kill_timeout)", p.KillTimeout)},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.SigintIgnored, Fact: fmt.Sprintf("empty, it ended by itself %s after SIGINT", p.Ending.Round(1e6))},
			{Cause: engine.NoDrainSupport, Fact: "it has a SIGINT listener"},
		},
		Human: fmt.Sprintf("set kill_timeout above the longest request and the app's own linger: %d or more", proposeTimeout(p.Drain.Took).Milliseconds()),
		Drift: []engine.Drift{{Key: engine.KeyKillTimeout, Was: p.KillTimeout.Milliseconds(), Now: proposeTimeout(p.Drain.Took).Milliseconds()}},
	}, true
}

// proposeTimeout returns a timeout in whole seconds for what took that long once.
func proposeTimeout(took time.Duration) time.Duration {
	return (2*took + time.Second/2).Round(time.Second)
}

// diagnoseSlowReady: a replacement took longer to serve than PM2 waits for it before it
// ends the process it replaces.
func diagnoseSlowReady(p drain.Replacement) (diagnose.Diagnosis, bool) {
	if p.New == 0 || p.ListenTimeout == 0 || p.Serve <= p.ListenTimeout || p.Deaths > 0 {
		return diagnose.Diagnosis{}, false
	}
	return diagnose.Diagnosis{
		Cause: engine.SlowReady, Subject: "listen_timeout", IDs: []int{p.ID}, Confidence: 0.9,
		Evidence: []engine.Fact{
			{Source: "probe", Text: fmt.Sprintf("worker %d (pid %d) answered %s after its start", p.ID, p.New, p.Serve.Round(1e6))},
			{Source: "rpc", Text: fmt.Sprintf("PM2 waits %s for it (listen_timeout), then ends the old process and goes on to the next worker", p.ListenTimeout)},
		},
		RuledOut: []engine.Ruled{{Cause: engine.BootCrash, Fact: "it came up at the first attempt"}},
		Human: fmt.Sprintf("set listen_timeout above the slowest start, %d or more, and let the app say when it is ready (wait_ready, process.send('ready'))",
			proposeTimeout(p.Serve).Milliseconds()),
		Drift: []engine.Drift{{Key: engine.KeyListenTimeout, Was: p.ListenTimeout.Milliseconds(), Now: proposeTimeout(p.Serve).Milliseconds()}},
	}, true
}

// diagnoseNeverReady: PM2 waited for the replacement to say that it is ready until
// listen_timeout was over, and it had served requests long before. What PM2 has
// answered must be known (Await).
func diagnoseNeverReady(p drain.Replacement) (diagnose.Diagnosis, bool) {
	if !p.WaitReady || p.New == 0 || p.Deaths > 0 || p.Online < p.ListenTimeout || p.Serve >= p.ListenTimeout {
		return diagnose.Diagnosis{}, false
	}
	return diagnose.Diagnosis{
		Cause: engine.ReadyNeverSent, Subject: "wait_ready", IDs: []int{p.ID}, Confidence: 0.9,
		Evidence: []engine.Fact{
			{Source: "probe", Text: fmt.Sprintf("worker %d (pid %d) answered %s after its start", p.ID, p.New, p.Serve.Round(1e6))},
			{Source: "rpc", Text: fmt.Sprintf("PM2 waited for its ready for %s, as long as it may (listen_timeout %s)", p.Online.Round(1e6), p.ListenTimeout)},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.RejectedBoot, Fact: "it listens and answers"},
			{Cause: engine.SlowReady, Fact: "it served long before listen_timeout was over"},
		},
		Human: fmt.Sprintf("wait_ready is true and the app never says ready, so each step of a pm2 reload or start takes %s: call process.send('ready') once it listens, or take wait_ready out", p.ListenTimeout),
	}, true
}
