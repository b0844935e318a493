// Package diagnose says what is wrong with an app. A Reader takes observations in, one per turn
// of the engine, and returns what they come to as Facts; Diagnose asks one rule after the other
// about them. It reads no clock, no file and no socket: the same observations give the same result.
package diagnose

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// Diagnosis is one diagnosis: what is wrong, with whom, how the engine knows, and
// what it is not.
type Diagnosis struct {
	Cause      engine.Cause
	Symptom    engine.Symptom    // what people must hear of though Cause is not known; "" of a cause that is
	Severity   Severity          // of a symptom
	Since      time.Duration     // of a symptom: its onset
	Subject    string            // what the cause is about: an address, a pid, a normalised error
	IDs        []int             // worker ids it concerns
	Dying      []int             // those of them that crash or were given up
	Lasts      bool              // a start cannot go well before people have changed something
	Passes     bool              // the workers look as if they might start well at another time
	File       nodeerr.Missing   // that the workers need, where the cause is that
	PIDs       []int             // processes to act on, one for each of IDs, nil when the cause is not about processes
	Env        map[string]string // what a replacement must be given besides
	Confidence float64           // 0..1
	Evidence   []engine.Fact
	RuledOut   []engine.Ruled
	Human      string         // what a person must change
	Drift      []engine.Drift // configuration that would do, or that PM2 has been given
}

// Diagnose returns what is wrong by the facts, or nothing: first causes, then symptoms. It is
// a pure function: the same history gives the same findings.
func Diagnose(c Facts) []Diagnosis { return append(findCauses(c), listSymptoms(c)...) }

// findCauses returns the causes.
//
// Rules are asked in the order of their certainty, and a later one is not asked
// about what an earlier one explains: a dead daemon explains everything, a port
// or a dependency explains crashes, and "undetermined" is left only when none
// of the others speaks.
func findCauses(c Facts) []Diagnosis {
	if f, ok := diagnoseDaemonDead(c); ok {
		return []Diagnosis{f}
	}
	if !c.Now.Daemon.Alive || c.Now.Daemon.Error != "" || c.Now.Rolling {
		return nil
	}
	found := slices.Concat(diagnoseStopped(c), diagnoseStalled(c), diagnoseOpenFiles(c), diagnoseHot(c))
	for _, rule := range []func(Facts) (Diagnosis, bool){diagnoseMemoryLimit, diagnoseCronRestart, diagnoseWatchLoop, diagnoseHeap, diagnoseNativeCrash, diagnoseKilled, diagnoseStaleRelease} {
		if f, ok := rule(c); ok {
			found = append(found, f)
		}
	}
	for _, rule := range []func(Facts) (Diagnosis, bool){diagnosePortForeign, diagnosePortSibling, diagnosePortSelf, diagnoseRejectedBoot, diagnoseOutage, diagnoseSerialisation, diagnoseCannotStart, diagnoseFileMissing, diagnoseBootCrash, diagnoseUndetermined, diagnoseLeaderMissing, diagnoseLeaderTwice, diagnoseUnison} {
		if f, ok := rule(c); ok {
			return append(found, f)
		}
	}
	return found
}
