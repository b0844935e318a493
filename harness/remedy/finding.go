package remedy

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Finding is one diagnosis: what is wrong, with whom, how the engine knows, and
// what it is not.
type Finding struct {
	Cause      engine.Cause
	Subject    string            // what the cause is about: an address, a pid, a normalised error
	IDs        []int             // worker ids it concerns
	Dying      []int             // those of them that crash or were given up
	Lasts      bool              // a start cannot go well before people have changed something
	Passes     bool              // the workers look as if they might start well at another time
	PIDs       []int             // processes to act on, one for each of IDs, nil when the cause is not about processes
	Env        map[string]string // what a replacement must be given besides
	Confidence float64           // 0..1
	Evidence   []engine.Fact
	RuledOut   []engine.Ruled
	Human      string         // what a person must change
	Drift      []engine.Drift // configuration that would do, or that PM2 has been given
}

// Diagnose names what is wrong in a history of observations, oldest first, or
// nothing. It is a pure function: the same history gives the same findings.
//
// Rules are asked in the order of their certainty, and a later one is not asked
// about what an earlier one explains: a dead daemon explains everything, a port
// or a dependency explains crashes, and "undetermined" is left only when none
// of the others speaks.
func Diagnose(history []Observation, limits Limits) []Finding {
	if len(history) == 0 {
		return nil
	}
	c := newCase(history, limits)
	if f, ok := daemonDead(c); ok {
		return []Finding{f}
	}
	if !c.now.Daemon.Alive || c.now.Rolling {
		return nil
	}
	found := slices.Concat(stoppedProcess(c), stalledEventLoop(c), hotWorker(c))
	for _, rule := range []func(casefile) (Finding, bool){portForeign, portSibling, portSelf, rejectedBoot, dependencyOutage, serialisation, bootCrash, undetermined, leaderMissing, everybodyLeads} {
		if f, ok := rule(c); ok {
			return append(found, f)
		}
	}
	return found
}
