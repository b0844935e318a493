// Package remedy is the reference engine: it looks after one PM2 app and heals
// what it can prove, one worker id at a time.
//
//	   PM2's bus ──wakes──┐
//	                      v
//	observe ──> history ──> diagnose ──> diagnoses ──> plan ──> decisions
//	   ^                     (pure)                   (pure)        │
//	   │                                                            v
//	   └────────── what the engine did itself <──────────────── act, alert
//
// Each of these is a package, and none imports one that comes after it. What people ask for
// (operate) comes after all of them. This package is the turn of the engine: it passes what
// one of them has made on to the next.
//
// It is level-triggered: an event only makes it look, and what it then sees
// decides. Everything it knows is in an Observation, its own actions and their
// outcome included, so a recorded run can be replayed against Diagnose and
// Decide and must give the same diagnoses and the same plan; testdata holds such
// runs.
//
// One incident passes through these stages (Incident.Stage):
//
//	contain ──> hold ──> canary ──> rest ──> verify ──> resolved
//	   │         ^ │       │                    └──> reset ──^ PM2 still counts
//	   │         └─┼───────┘ the canary died: wait longer, then try again
//	   ├──> respawn ──> verify    a worker was killed and PM2 starts it anew
//	   └──> page ──┘              people are told and waited for; what the engine
//	                              has stopped meanwhile is tried again all the same
//
// An incident may begin as a symptom, without a cause (StageAwait): nobody serves, or the
// health URL fails, for longer than Limits.Outage, and no incident with a cause has told
// people of these workers. Nothing is done about it, and it ends when the symptom does. A
// cause that is found later takes it over, at its own first stage, under the same key. The
// health URL is asked once a second for this; how it has answered at its best is what is
// usual (Observation.Usual).
//
// Workers that have died of one cause and die of another now, for some seconds, are the other's:
// the incident is that one's from then on (decider.overtake), and people are told of both.
//
// No text alone moves anything. What workers log while they serve is not why they die:
// a death counts by the last words of its own process, said shortly before its end. A
// worker that was seen to serve before it died (it answered, held a connection of the
// app's port, or lived for longer than a start takes) did not die at its start, and is
// never stopped. A stop wants a second witness besides: the port is in other hands where
// the app listens, the engine cannot reach the server either, or it has seen that none of
// the workers serves. Errors that may be over at the next start, because a server, a
// name, a certificate or a file is meant, stop nobody without such a witness: PM2 goes on.
// A file that is missing is looked for where it belongs, in the app's own folder alone; workers
// that PM2 gives up meanwhile are started again as soon as it is there.
//
// Every stop is a loan. What was stopped is started again as soon as what it waits for
// is seen; and where nothing is seen, one worker is tried all the same: after Limits.Loan
// at first, then after a quarter more each time, and never later than Limits.LoanMax.
// Where a start cannot go well before people have changed something, or a look several
// times a second still says no, the first trial comes after Limits.LoanFixed. A canary
// that answers as the app did while it was well brings back the rest. A command of an
// operator's and a new release end the loan: all counts anew. So does a change in the app's
// folder while a worker is down (observe.folder): somebody may have mended its settings. An engine that ends leaves
// stopped what it has stopped; the next one tries that at once (State.Held, package intent).
//
// Servers are tried to be reached, and names looked up, only if the app's processes are
// or were connected to them or its environment names them (Observation.Known).
//
// While the engine holds every worker of the app, the port is looked at: where PM2's
// daemon goes on listening on it by itself, for a worker that Node has not forgotten, it
// is closed (ActionRelease).
//
// It trusts the kernel and not what is said. Who listens on PM2's sockets must be the
// daemon of a PM2_HOME that is the engine's own user's (pm2.Dial, CheckOwner). A process that
// it kills outside a drain must descend from that daemon, and is held by pidfd
// (pm2.Client.Worker); a drain signals by pid, after the same check at its beginning
// (act.Executor.CheckWorkers). It follows no link to its own files in PM2_HOME (host.Folder), and reads
// logs only if they are regular files that belong there.
//
// It does not start for an app that PM2 does not have (ErrNoApp), nor with a health URL on
// whose port nobody listens while the app has run for long and listens elsewhere. Where that
// is not sure it warns, and tells people if the URL never answers. Where PM2 has run and its
// daemon does not, it waits for the daemon and then for the apps, tells people after half of
// Limits.Outage, and starts nothing (Command.prepare); where PM2 never ran it ends with an error.
//
// What it is about to do to a worker is on the disk before it does it (package intent), so
// that an engine that is killed leaves nothing that the next one takes for an operator's.
//
// It may be started in the midst of an incident. Of workers that PM2 has given up by then
// nobody says anything any more: what their logs end with stands for it (KindLast).
//
// What an operator stops stays stopped: a stop that comes while the engine starts the worker is
// done again, and a roll goes no further (plan.Yield, drain.ErrStopped). Ages are the kernel's, so that
// nobody who sets the wall clock makes a process old or young.
//
// A cure that must be repeated is none. The same one of the same worker has a
// cooldown that doubles while it is needed again soon after, and at the fourth
// within the hour the cause is latched: people are told once that it flaps, and
// nothing more is done until an operator's command or another run of the engine.
//
// A worker is drained over PM2's own channel, or by Node's inspector where the policy
// allows it (drain.Policy); what the engine says of each worker has which it was, and
// why. The same policy decides whether the daemon's port may be closed, which only its
// inspector can do.
//
// An operator may ask for a rolling restart or for another number of workers;
// nothing else is diagnosed or done meanwhile. With Config.Surge a roll adds a spare worker
// first and removes it last. That there is one is noted before it is added; a run that finds
// the note of one that was killed removes it, once all of the others serve.
//
// It never trusts PM2's word alone: "online" means forked, an exit code of 0 may
// be a crash, "waiting restart" without a pid means given up for good.
package remedy
