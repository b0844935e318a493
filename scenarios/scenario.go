// Package scenarios is the catalogue: one incident per file, each a literal
// that reads like a specification. The command and the Ginkgo suites use the
// same literals and drill them the same way.
package scenarios

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// Scenario is an incident and what an engine must make of it.
type Scenario struct {
	Name   string      // stable; what `pm2drill run` takes
	Story  string      // what breaks, why, how it looks, what helps
	Labels []string    // cause:..., tier:...
	App    drill.App   // what runs
	Load   []load.Lane // what it serves meanwhile
	Fault  fault.Fault // what happens to it
	// Background is what goes on in every arm, and is nothing wrong; the zero value is nothing.
	Background fault.Background
	LiftAfter  time.Duration // from injection; 0 when nothing but an engine ends it
	Left       int           // workers that the fault leaves on purpose; 0 for all
	Hungry     bool          // the fault takes a core for itself
	Replace    bool          // recovery means new processes
	Recover    time.Duration // how long the drill waits for recovery
	Linger     time.Duration // from the bite to the end at least, for what shows late; 0 for none
	Breaks     string        // the promise that breaks when nobody heals; of a claim: when it does not hold
	Promises   []promise.Promise
	Decoy      *Decoy
	Claim      *Claim // of the source document; it has arms of its own
	// Varies is what may differ from drill to drill, if variants are asked for; nil for nothing.
	Varies  variant.Space
	Each    time.Duration     // by which everything takes longer for each worker beyond four; 0 for a second
	Choices []evidence.Choice // what a seed has drawn of Varies; nil of the scenario as it is here
	// Definition is what OwnFile says, of a scenario from outside; "" of ours.
	Definition string
}

// Decoy is a look-alike of a scenario's fault: the engine must say something
// else, or nothing.
type Decoy struct {
	Story     string
	App       drill.App
	Fault     fault.Fault
	LiftAfter time.Duration
	Left      int
	Replace   bool
	Watch     time.Duration // how long the drill waits for the cluster to be well again
	Linger    time.Duration // from the bite to the end at least; 0 for the scenario's
	Promises  []promise.Promise
}

// Catalogue returns every scenario, in the order reports show them.
func Catalogue() []Scenario {
	return []Scenario{
		DatabaseOutage(),
		RejectedBoot(),
		OutageWhileServing(),
		SigintIgnored(),
		SigintUnhandled(),
		CloseOnly(),
		KillTimeoutShort(),
		SlowReady(),
		ReadyNeverSent(),
		PortTaken(),
		PortSelf(),
		PortExclusive(),
		PortFork(),
		VariableMissing(),
		JobEverywhere(),
		LeaderMissing(),
		LeaderOverlap(),
		ScaleRequest(),
		BadDeploy(),
		BadDeployRollback(),
		CircularMessage(),
		BigintMessage(),
		HotWorker(),
		StalledWorker(),
		StoppedWorker(),
		OperatorStop(),
		HeapExhausted(),
		OutOfMemory(),
		MemoryLimitLow(),
		OpenFiles(),
		PoisonLoop(),
		LogClosed(),
		EnvironmentLarge(),
		NodeRemoved(),
		CronRestart(),
		WatchLoop(),
		StaleRelease(),
		NullMessage(),
		DaemonKilled(),
		OutageWithStall(),
		OutageWithHotWorker(),
		PortTakenInDeploy(),
		LeakInRoll(),
		PoisonInRoll(),
		DaemonRestarted(),
		LogImitates(),
		OperatorContradicts(),
		DependencyFlaps(),
		HealthLies(),
		ClaimRobustBlock(),
		ClaimSigintHandler(),
		ClaimSingleListener(),
		ClaimWaitReady(),
		ClaimResetCounters(),
		ClaimRoundRobin(),
	}
}

// Soaks returns what takes too long for the catalogue: it is drilled when it is
// asked for by name or label.
func Soaks() []Scenario { return []Scenario{Weather()} }

// Find returns the scenarios that any of the names selects: a scenario's name
// or one of its labels. No names select the whole catalogue. unknown holds the
// names that select nothing.
func Find(names []string) (found []Scenario, unknown []string) {
	if len(names) == 0 {
		return Catalogue(), nil
	}
	all := slices.Concat(Catalogue(), Soaks())
	hit := map[string]bool{}
	for _, s := range all {
		for _, name := range names {
			if name == s.Name || slices.Contains(s.Labels, name) {
				hit[name] = true
				if !slices.ContainsFunc(found, func(f Scenario) bool { return f.Name == s.Name }) {
					found = append(found, s)
				}
			}
		}
	}
	for _, name := range names {
		if !hit[name] {
			unknown = append(unknown, name)
		}
	}
	return found, unknown
}

// Arms lists the arms the scenario has. One without a fault is a decoy and
// nothing else.
func (s Scenario) Arms() []string {
	if s.Claim != nil {
		return []string{evidence.ArmClaim, evidence.ArmInstead}
	}
	if s.Choices != nil {
		return s.variedArms()
	}
	if s.Fault == nil {
		return []string{evidence.ArmDecoy}
	}
	arms := []string{evidence.ArmHealthy, evidence.ArmControl, evidence.ArmEngine}
	if s.Decoy != nil {
		arms = append(arms, evidence.ArmDecoy)
	}
	return arms
}

// healthyFor is how long a healthy arm is watched.
const healthyFor = 15 * time.Second

// soakFor is how long a drill goes on after recovery: longer than any client
// timeout, so that a request that hangs is seen to.
const soakFor = 6 * time.Second

// Arm returns the drill of one arm, what it promises, and which of those
// promises must break.
func (s Scenario) Arm(arm string, engine drill.Engine) (drill.Drill, []promise.Promise, []string) {
	d := drill.Drill{
		Scenario: s.Name, Arm: arm, App: s.App, Load: s.Load, Fault: s.Fault, LiftAfter: s.LiftAfter,
		Left: s.Left, Replace: s.Replace, Recover: s.Recover, Linger: s.Linger, Soak: soakFor, Engine: engine,
		Definition: s.Definition, Pause: s.pause(), Varied: s.Choices, Background: s.Background,
	}
	switch arm {
	case evidence.ArmHealthy:
		d.Fault, d.Soak = nil, healthyFor
		return d, append([]promise.Promise{promise.StaysQuiet(), promise.DropsNothing(), promise.KeepsBounds()}, bounds()...), nil
	case evidence.ArmControl:
		d.Engine = drill.Engine{Name: "nobody"}
		if s.Choices != nil { // PM2 may well heal an app that is set up in another way
			return d, []promise.Promise{promise.TakesEffect()}, nil
		}
		i := slices.IndexFunc(s.Promises, func(p promise.Promise) bool { return p.Name == s.Breaks })
		return d, s.Promises[i : i+1], []string{s.Breaks}
	case evidence.ArmClaim, evidence.ArmInstead:
		return s.claimArm(d)
	case evidence.ArmRehearsal:
		return rehearsalArm(d), s.Promises, nil
	case evidence.ArmDecoy:
		d.App, d.Fault, d.Left, d.Replace = s.Decoy.App, s.Decoy.Fault, s.Decoy.Left, s.Decoy.Replace
		d.LiftAfter, d.Recover = s.Decoy.LiftAfter, s.Decoy.Watch
		d.Linger = max(s.Linger, s.Decoy.Linger)
		return d, slices.Concat(s.Decoy.Promises, bounds()), nil
	}
	return d, slices.Concat(s.Promises, bounds()), nil
}

// pause is how long a worker may be silent before anything is wrong: as long as the decoy
// silences one.
func (s Scenario) pause() time.Duration {
	if s.Decoy == nil {
		return 0
	}
	switch f := s.Decoy.Fault.(type) {
	case fault.StalledWorker:
		return f.For
	case fault.StoppedWorker:
		return f.For
	}
	return 0
}

// bounds are what every arm promises that an engine runs in.
func bounds() []promise.Promise {
	return []promise.Promise{promise.KeepsFiles(), promise.KeepsPort(), promise.ShutsDebuggers(), promise.SeesFirst(), promise.KeepsBudget(promise.UsualBudget())}
}

// Weight is how many places a drill of the scenario takes when several run side
// by side: one, or three where the fault burns a core (a quiet drill takes about a
// quarter of one); and one more for an app of many workers, which all start at once.
func (s Scenario) Weight() int {
	weight := 1
	if s.Hungry {
		weight = 3
	}
	if s.App.Workers > 2*usual {
		weight++
	}
	return weight
}

// Least is the least time that a drill of the arm takes: its fixed waits.
func (s Scenario) Least(arm string) time.Duration {
	d, _, breaks := s.Arm(arm, drill.Engine{})
	least := d.LiftAfter + max(d.Soak, d.Linger-d.LiftAfter)
	if len(breaks) > 0 {
		least += d.Recover // nobody heals, so it waits in vain
	}
	return least
}

// fourWorkers is the app every scenario runs: four workers on one port.
func fourWorkers(fixture string) drill.App {
	return drill.App{Name: "app", Fixture: fixture, Workers: 4, Port: 3000}
}

// steadyLoad is the traffic every scenario carries: connections of one request,
// reused connections, and requests that take two seconds.
func steadyLoad() []load.Lane {
	return []load.Lane{
		{Name: evidence.LaneShort, Kind: load.Short, Rate: 100, Timeout: 2 * time.Second, Work: 20 * time.Millisecond},
		{Name: evidence.LaneKeepAlive, Kind: load.KeepAlive, Rate: 100, Conns: 20, Timeout: 2 * time.Second, Work: 20 * time.Millisecond},
		{Name: evidence.LaneLong, Kind: load.Long, Rate: 8, Timeout: 5 * time.Second, Work: 2 * time.Second},
	}
}

// OfCause is the first scenario of the catalogue in which an engine is to name the
// cause.
func OfCause(cause string) (Scenario, bool) {
	for _, s := range Catalogue() {
		for _, p := range s.Promises {
			if cause != "" && p.Cause == cause && s.Fault != nil {
				return s, true
			}
		}
	}
	return Scenario{}, false
}
