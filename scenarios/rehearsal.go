package scenarios

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Rehearsal is what the rollout of somebody's own app must survive.
type Rehearsal struct {
	App     drill.App
	Cluster bool        // PM2 runs it in cluster mode
	Load    []load.Lane // OwnLoad
	Slow    time.Duration
}

// OwnLoad is the traffic of a rehearsal: connections of one request and reused
// ones, each at that rate per second, and long requests if there is a path for them.
func OwnLoad(path, long string, rate float64) []load.Lane {
	lanes := []load.Lane{
		{Name: evidence.LaneShort, Kind: load.Short, Rate: rate, Timeout: 5 * time.Second, Path: path},
		{Name: evidence.LaneKeepAlive, Kind: load.KeepAlive, Rate: rate, Conns: 20, Timeout: 5 * time.Second, Path: path},
	}
	if long != "" {
		lanes = append(lanes, load.Lane{Name: evidence.LaneLong, Kind: load.Long, Rate: 5, Timeout: 30 * time.Second, Path: long})
	}
	return lanes
}

// rolledWithin is how long a rollout may take: PM2 waits for each worker for
// listen_timeout and kill_timeout at most, which people set to half a minute.
const rolledWithin = 3 * time.Minute

// Acts are the rehearsal's scenarios, one after the other as a rollout has them.
// Scaling, and a canary, are for a cluster.
func (r Rehearsal) Acts() []Scenario {
	acts := []Scenario{r.coldStart(), r.reload(), r.slowStart(), r.killed()}
	if r.Cluster {
		acts = append(acts, r.scale())
	}
	if r.Cluster && r.App.Workers > 1 {
		acts = append(acts, r.badRelease())
	}
	if slices.ContainsFunc(r.Load, func(l load.Lane) bool { return l.Kind.Stays() }) {
		for i := range acts {
			if slices.Contains([]string{"reload", "slow-start", "scale"}, acts[i].Name) {
				acts[i].Promises = append(acts[i].Promises, promise.ClosesStreams(streamsBack))
			}
		}
	}
	for i := range acts {
		acts[i].App, acts[i].Load, acts[i].Labels = r.App, r.Load, []string{"tier:rehearsal"}
	}
	return acts
}

// streamsBack is how long a client may be without its event stream or WebSocket: a second until
// it connects again, and some for a worker that boots.
const streamsBack = 10 * time.Second

// Act finds the act that a record is of, by its name, its header and the streams that it has.
func Act(r *evidence.Record) (Scenario, bool) {
	h := r.Header
	var lanes []load.Lane
	if len(r.StreamTallies) > 0 {
		lanes = append(lanes, load.Lane{Kind: load.Events})
	}
	acts := Rehearsal{App: drill.App{Name: h.App, Workers: h.Workers, Port: h.Port}, Cluster: true, Load: lanes}.Acts()
	i := slices.IndexFunc(acts, func(s Scenario) bool { return s.Name == h.Scenario })
	if i < 0 {
		return Scenario{}, false
	}
	return acts[i], true
}

func (r Rehearsal) coldStart() Scenario {
	return Scenario{
		Name: "cold-start",
		Story: `pm2 start, as on a host that has just booted. Every worker must come up at the first attempt, answer,
and stay: one that PM2 has to start again is one that some day will not come up.`,
		// PM2 looks at the memory of its apps every 30 s (constants.js, WORKER_INTERVAL).
		Linger:   memoryLook,
		Promises: []promise.Promise{promise.StaysUp(), promise.DropsNothing()},
	}
}

// memoryLook is long enough for PM2 to have looked at everybody's memory once.
const memoryLook = 35 * time.Second

func (r Rehearsal) reload() Scenario {
	return Scenario{
		Name: "reload",
		Story: `pm2 reload, as a deployment does it, with requests under way: new connections, reused ones, and long
requests if a path for them was named. PM2 starts a new worker, and sends the old one SIGINT once the
new one listens; after kill_timeout it is killed, whatever it is doing.`,
		Fault:    fault.Rollout{},
		Replace:  true,
		Recover:  rolledWithin,
		Promises: r.rolled(),
	}
}

// rolled is what a reload must keep. PM2 replaces two workers at a time (constants.js,
// CONCURRENT_ACTIONS).
func (r Rehearsal) rolled() []promise.Promise {
	return []promise.Promise{promise.Replaces(rolledWithin), promise.DropsNothing(), promise.KeepsServing(max(1, r.App.Workers-2))}
}

func (r Rehearsal) slowStart() Scenario {
	return Scenario{
		Name: "slow-start",
		Story: `The same reload on a day when the database takes its time: each new process waits before its first line
runs. PM2 waits for listen_timeout (3 s unless configured), and then ends the old worker, whether the
new one serves or not.`,
		Fault:    fault.Rollout{Wait: r.Slow},
		Replace:  true,
		Recover:  rolledWithin,
		Promises: r.rolled(),
	}
}

func (r Rehearsal) killed() Scenario {
	return Scenario{
		Name: "worker-killed",
		Story: `The kernel kills a worker, as it does when memory runs out. What was with it is lost; nothing else may
be, and PM2 must have another one serve soon.`,
		Fault:    fault.KilledWorker{},
		Recover:  time.Minute,
		Promises: []promise.Promise{promise.Recovers(time.Minute), promise.LosesOnlyItsOwn(), promise.KeepsServing(max(0, r.App.Workers-1))},
	}
}

func (r Rehearsal) scale() Scenario {
	return Scenario{
		Name: "scale",
		Story: `pm2 scale to one worker more, and back to what there was. A worker that is taken away has kill_timeout
to finish what it has.`,
		Fault:     fault.Visitor{Workers: r.App.Workers},
		LiftAfter: 10 * time.Second,
		Recover:   time.Minute,
		Promises:  []promise.Promise{promise.Recovers(time.Minute), promise.DropsNothing(), promise.KeepsServing(max(1, r.App.Workers-1))},
	}
}

func (r Rehearsal) badRelease() Scenario {
	return Scenario{
		Name: "bad-release",
		Story: `A release that dies at every start, rolled out by the reference engine: it replaces one worker, sees it
die and stops there. The others must go on serving as if nothing had happened.`,
		Fault:    fault.BadDeploy{Flag: "next", Says: "this release cannot start"},
		Recover:  20 * time.Second,
		Linger:   20 * time.Second,
		Promises: []promise.Promise{promise.KeepsServing(r.App.Workers - 1), promise.DropsNothing(), promise.StopsChurning(20 * time.Second)},
	}
}

// RehearsalArm is the arm in which an act is drilled: with no engine, but for the
// one that is about an engine's canary.
func (s Scenario) RehearsalArm() string {
	if _, canary := s.Fault.(fault.BadDeploy); canary {
		return evidence.ArmEngine
	}
	return evidence.ArmRehearsal
}

// rehearsalArm makes the arm of its drill.
func rehearsalArm(d drill.Drill) drill.Drill {
	d.Engine = drill.Engine{Name: "nobody"}
	if d.Fault == nil {
		d.Soak = max(d.Soak, d.Linger)
	}
	return d
}
