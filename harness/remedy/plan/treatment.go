package plan

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// treatment is what is done about a cause.
type treatment struct {
	first string // stage of its incidents, where the diagnosis allows it (firstStage)
	// deaths is true of causes that explain the deaths of workers. While an incident of one of
	// them is open, none of another one is opened.
	deaths bool
	// others is true where a death of another kind, or of a worker that the incident does not
	// have, is another cause's.
	others bool
	// hurts is true of causes whose workers do not serve, or not well, though they live.
	hurts bool
	// memory is true of causes that a worker near the limit of its memory comes to.
	memory bool
	// livesOn is true where workers live and never come to listen: those whose processes the
	// diagnosis names are started again, and without them people are told.
	livesOn bool
	// futile is true where a worker that dies of the cause dies of it at every start, so that
	// it is stopped although people must mend it.
	futile      bool
	awaits      need          // what must be there before workers are started
	quietPeriod time.Duration // how long the cause must be absent before its incident may close
	replace     string        // why a worker is replaced
	escalate    string        // why nothing is done and people are told
}

// need is what the workers of an incident need before a start of theirs can go well.
type need int

const (
	needNothing    need = iota // that could be seen
	needFreePort               // nobody but PM2 listens where the app does
	needClosedPort             // nobody of PM2's own listens on the app's port
	needServer                 // the server that is the diagnosis's subject answers
	needFile                   // the file that the diagnosis names is there
)

// treatments has a row for each cause that a rule diagnoses.
var treatments = map[engine.Cause]treatment{
	engine.PortForeign: {first: StageHold, deaths: true, awaits: needFreePort},
	engine.PortSelf: {first: StageEscalate, deaths: true,
		escalate: "the code listens twice: every new process dies the same way"},
	engine.PortSibling: {first: StageEscalate, deaths: true, futile: true, awaits: needClosedPort,
		escalate: "one worker has the port, and any other dies of that"},
	engine.DependencyOutage: {first: StageHold, deaths: true, awaits: needServer,
		escalate: "nothing but its log, or its settings, says that it needs that server, and PM2 goes on starting it"},
	engine.RejectedBoot: {first: StageHold, deaths: true, livesOn: true, awaits: needServer,
		escalate: "every new process would stop short of listening in the same way"},
	engine.BootCrash: {first: StageEscalate, deaths: true, futile: true,
		escalate: "every new process dies of the same error"},
	engine.FileMissing: {first: StageEscalate, deaths: true, awaits: needFile,
		escalate: "PM2 goes on starting it, and the file may be there at the next start"},
	engine.CannotStart: {first: StageEscalate, deaths: true,
		escalate: "PM2 cannot start the app, and goes on trying or has given up"},
	engine.NativeCrash: {first: StageEscalate, deaths: true, others: true,
		escalate: "PM2 has started it again: only another build of the module, or of Node, can change that"},
	engine.HeapExhausted: {first: StageEscalate, deaths: true, others: true, memory: true,
		escalate: "PM2 has started it again: only the code, or a larger heap, can change that"},
	engine.OutOfMemory: {first: StageEscalate, deaths: true, others: true, memory: true,
		escalate: "PM2 has started it again: the host, or whoever kills it, is for people to see to"},
	engine.MemoryLimit: {first: StageEscalate, deaths: true, memory: true, quietPeriod: 40 * time.Second, // PM2 looks each 30 s
		escalate: "PM2 restarts the workers by itself: the limit, or what the app uses, is for people to change"},
	engine.CronRestart: {first: StageEscalate, hurts: true,
		escalate: "PM2 does it by itself, as its settings say: the schedule is for people to change"},
	engine.WatchLoop: {first: StageEscalate, hurts: true, quietPeriod: 30 * time.Second,
		escalate: "PM2 does it by itself, as its settings say: what it watches is for people to change"},
	engine.StaleRelease: {first: StageEscalate,
		escalate: "a restart runs the old code again: PM2 must be given the new path by people"},
	engine.Serialisation: {first: StageEscalate, hurts: true,
		escalate: "PM2 has started it again, and the next such request kills it again: only the code can change that"},
	engine.StalledEventLoop: {first: StageKill, hurts: true},
	engine.StoppedProcess:   {first: StageKill, hurts: true},
	engine.HotWorker:        {first: StageReplace, hurts: true, replace: "a new process does not have what ails it"},
	engine.OpenFiles:        {first: StageReplace, hurts: true, replace: "a new process has none of these files open"},
	engine.LeaderTwice:      {first: StageReplace, replace: "its successor has a number of its own"},
	engine.LeaderMissing:    {first: StageReplace, replace: "its successor becomes worker " + observe.Leader},
	// One tick of a job that comes late, on a busy host, makes several look uneven.
	engine.EverybodyLeads: {first: StageEscalate, quietPeriod: 20 * time.Second,
		escalate: "every new process would do the same: only the code can leave the job to one"},
	engine.DaemonDead: {first: StageEscalate, hurts: true,
		escalate: "there is no daemon to ask, and starting another one is for people to decide"},
	engine.Undetermined: {first: StageEscalate, deaths: true, escalate: unknownCause},
}

const unknownCause = "the engine does not know what is wrong, and a restart would destroy evidence"

// findTreatment returns what is done about a cause. One without a row is left to people.
func findTreatment(cause engine.Cause) treatment {
	t, ok := treatments[cause]
	if !ok {
		t.first = StageEscalate
	}
	if t.escalate == "" {
		t.escalate = unknownCause
	}
	return t
}

// chooseFirstStage returns the stage in which an incident of a diagnosis begins.
func chooseFirstStage(f diagnose.Diagnosis) string {
	t := findTreatment(f.Cause)
	if f.Subject == Adopted && len(f.PIDs) == 0 && t.first != StageEscalate {
		return StageHold // there is no process to act on, and a worker to bring back
	}
	if f.Passes || t.livesOn && len(f.PIDs) == 0 && f.Subject != Adopted {
		return StageEscalate
	}
	return t.first
}

// areRelated reports whether two causes explain the same deaths: while one is open the other
// is not raised about the same workers.
func areRelated(a, b engine.Cause) bool { return findTreatment(a).deaths && findTreatment(b).deaths }
