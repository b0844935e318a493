package fault

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

const second = time.Second

// calm is a record of four workers, pids 101 to 104 of daemon 50, that answer
// ten times a second from 0 s to 20 s.
func calm() *evidence.Record {
	r := &evidence.Record{Header: evidence.Header{Workers: 4, Arm: evidence.ArmControl}}
	for i := range 200 {
		for w := range 4 {
			r.Requests = append(r.Requests, evidence.Request{
				ID: fmt.Sprint(i, w), Lane: evidence.LaneShort, Class: evidence.Answered, PID: 101 + w, Done: time.Duration(i) * second / 10, Due: time.Duration(i)*second/10 - 20*time.Millisecond,
			})
		}
	}
	r.Snapshots = []evidence.Snapshot{{At: 19 * second, Daemon: 50, Children: []int{101, 102, 103, 104},
		Listeners: []evidence.Listener{{PID: 50, Port: 3000}}}}
	return r
}

func inject(r *evidence.Record) {
	r.Marks = append(r.Marks, evidence.Mark{At: 10 * second, Name: evidence.MarkInject})
}

func gone(r *evidence.Record, pids ...int) {
	for _, pid := range pids {
		r.Exits = append(r.Exits, evidence.Exit{At: 11 * second, PID: pid})
	}
}

// silent takes a worker's answers away from 11 s on.
func silent(r *evidence.Record, pid int) {
	for i := range r.Requests {
		if q := &r.Requests[i]; q.PID == pid && q.Done > 11*second {
			q.PID = 104
		}
	}
}

// failing makes every answer from 11 s on an error.
func failing(r *evidence.Record) {
	for i := range r.Requests {
		if q := &r.Requests[i]; q.Done > 11*second {
			q.Class, q.Sent = evidence.WrongStatus, q.Done
		}
	}
}

// seenStopped has a look see that process stopped by a signal.
func seenStopped(pid int) func(*evidence.Record) {
	return func(r *evidence.Record) {
		r.Snapshots = append(r.Snapshots, evidence.Snapshot{At: 12 * second, Daemon: 50, Workers: []evidence.Worker{{ID: 1, PID: pid, Alive: true, State: "T"}}})
	}
}

// injectedAt is when the injection's commands have returned.
func injectedAt(t time.Duration) func(*evidence.Record) {
	return func(r *evidence.Record) {
		r.Marks = append(r.Marks, evidence.Mark{At: t, Name: evidence.MarkInjected})
	}
}

func complain(r *evidence.Record) {
	r.Events = append(r.Events,
		evidence.Event{At: 12 * second, Topic: "log:err", Text: "Error: bind EADDRINUSE null:3000"},
		evidence.Event{At: 12 * second, Topic: "process:event", Event: "exit"})
}

// leave makes these the instance numbers of those that PM2 lists.
func leave(numbers ...string) func(*evidence.Record) {
	return func(r *evidence.Record) {
		s := evidence.Snapshot{At: 15 * second, Daemon: 50}
		for i, n := range numbers {
			s.Workers = append(s.Workers, evidence.Worker{ID: i, Instance: n})
		}
		r.Snapshots = append(r.Snapshots, s)
	}
}

// slow makes these workers' answers from 11 s on take a second.
func slow(pids ...int) func(*evidence.Record) {
	return func(r *evidence.Record) {
		for i := range r.Requests {
			if q := &r.Requests[i]; q.Done > 11*second && slices.Contains(pids, q.PID) {
				q.Due -= second
			}
		}
	}
}

// spend has the workers use that much CPU by 19 s.
func spend(ticks ...int) func(*evidence.Record) {
	return func(r *evidence.Record) {
		before, after := evidence.Snapshot{At: 5 * second, Daemon: 50}, evidence.Snapshot{At: 19 * second, Daemon: 50}
		for i, n := range ticks {
			before.Workers = append(before.Workers, evidence.Worker{ID: i, PID: 101 + i, CPU: 7})
			after.Workers = append(after.Workers, evidence.Worker{ID: i, PID: 101 + i, CPU: 7 + n})
		}
		r.Snapshots = []evidence.Snapshot{before, after}
	}
}

// run has these workers run the job for the same tick, at 15 s.
func run(pids ...int) func(*evidence.Record) {
	return func(r *evidence.Record) {
		for _, pid := range pids {
			r.JobRuns = append(r.JobRuns, evidence.JobRun{At: 15 * second, Tick: 15, PID: pid})
		}
	}
}

func stagger(r *evidence.Record) {
	for i := range r.JobRuns {
		r.JobRuns[i].Tick += int64(i)
	}
}

// renew has all workers replaced by 201 to 204, those of which run that are named.
func renew(pids ...int) func(*evidence.Record) {
	return func(r *evidence.Record) {
		gone(r, 101, 102, 103, 104)
		s := evidence.Snapshot{At: 19 * second, Daemon: 50, Children: pids}
		for i := range 4 {
			s.Workers = append(s.Workers, evidence.Worker{ID: i, PID: 201 + i, Alive: slices.Contains(pids, 201+i)})
		}
		r.Snapshots = append(r.Snapshots, s)
	}
}

// givenUp has the workers without a process, and this is what PM2 says of them.
func givenUp(status ...string) func(*evidence.Record) {
	return func(r *evidence.Record) {
		s := evidence.Snapshot{At: 19 * second, Daemon: 50}
		for i, st := range status {
			s.Workers = append(s.Workers, evidence.Worker{ID: i, Status: st})
		}
		r.Snapshots = append(r.Snapshots, s)
	}
}

// succeed has worker 101 gone, and another answer in its place from then on.
func succeed(after time.Duration) func(*evidence.Record) {
	return func(r *evidence.Record) {
		gone(r, 101)
		for i := range r.Requests {
			if q := &r.Requests[i]; q.PID == 101 && q.Done > 11*second {
				q.PID = 201
				if q.Done < 11*second+after {
					q.Class = evidence.Refused
				}
			}
		}
	}
}

// unheard has worker 101 replaced at 11 s by 201, which PM2 calls online at a time,
// 0 for never.
func unheard(online time.Duration) func(*evidence.Record) {
	return func(r *evidence.Record) {
		succeed(0)(r)
		s := evidence.Snapshot{At: 12 * second, Daemon: 50, Workers: []evidence.Worker{{ID: 0, PID: 201, Alive: true}, {ID: 1, PID: 102, Alive: true}}}
		r.Snapshots = append(r.Snapshots, s)
		if online > 0 {
			r.Events = append(r.Events, evidence.Event{At: online, Event: "online", ID: 0})
		}
	}
}

func takePort(r *evidence.Record) {
	r.Snapshots[0].Listeners = []evidence.Listener{{PID: 77, Command: "node stranger.js", Port: 3000}}
}

// leaveDead has PM2 list that worker without a process.
func leaveDead(id int) func(*evidence.Record) {
	return func(r *evidence.Record) {
		s := evidence.Snapshot{At: 12 * second, Daemon: 50}
		for i := range 4 {
			s.Workers = append(s.Workers, evidence.Worker{ID: i, PID: 101 + i, Alive: i != id, Status: "online"})
		}
		s.Workers[id].Status = "stopped"
		r.Snapshots = append(r.Snapshots, s)
	}
}

// TestBitten gives each fault the record of a cluster it has hit, and every
// record that must not convince it; first of all one of a calm cluster, and one
// of the same harm with nothing injected.
func TestBitten(t *testing.T) {
	type edit = func(*evidence.Record)
	all := func(edits ...edit) edit {
		return func(r *evidence.Record) {
			for _, e := range edits {
				e(r)
			}
		}
	}
	everybody := func(r *evidence.Record) { gone(r, 101, 102, 103, 104) }
	one := func(r *evidence.Record) { silent(r, 101) }
	for _, c := range []struct {
		fault Fault
		harm  edit
		not   map[string]edit
	}{
		{DependencyDown{}, everybody, map[string]edit{
			"three of four went": func(r *evidence.Record) { gone(r, 101, 102, 103) },
		}},
		{DependencyDown{}, failing, map[string]edit{
			"one is well": func(r *evidence.Record) {
				failing(r)
				for i := range r.Requests {
					if r.Requests[i].PID == 104 {
						r.Requests[i].Class = evidence.Answered
					}
				}
			},
		}},
		{DependencyDown{Restart: true}, everybody, map[string]edit{"the old ones are still there": failing}},
		{StalledWorker{}, one, map[string]edit{
			"it has exited":   all(one, func(r *evidence.Record) { gone(r, 101) }),
			"all went silent": func(r *evidence.Record) { r.Requests = r.Requests[:4*110] },
		}},
		{OperatorStop{ID: 3}, leaveDead(3), map[string]edit{
			"another one is stopped": leaveDead(2),
		}},
		{StoppedWorker{}, all(one, seenStopped(101)), map[string]edit{
			"it has exited":              all(one, seenStopped(101), func(r *evidence.Record) { gone(r, 101) }),
			"nobody saw it stopped":      one,
			"another one is the stopped": all(one, seenStopped(103)),
			"it went silent too soon":    all(one, seenStopped(101), injectedAt(19500*time.Millisecond)),
			"it was stopped long before": all(one, func(r *evidence.Record) { seenStopped(101)(r); r.Snapshots[1].At = 2 * second }),
		}},
		{PortTaken{}, all(takePort, complain), map[string]edit{
			"nobody complained":      takePort,
			"only the daemon has it": complain,
			"a worker has it": all(complain, func(r *evidence.Record) {
				r.Snapshots[0].Listeners[0].PID = 103
			}),
		}},
		{BadRelease{Flag: "listen-twice", Says: "EADDRINUSE"}, complain, map[string]edit{
			"a stranger has the port": all(complain, takePort),
			"nobody died": func(r *evidence.Record) {
				complain(r)
				r.Events = r.Events[:1]
			},
			"it said something else": func(r *evidence.Record) {
				complain(r)
				r.Events[0].Text = "Error: something else"
			},
		}},
		{BadDeploy{Flag: "x", Says: "EADDRINUSE"}, complain, map[string]edit{
			"it said something else": func(r *evidence.Record) {
				complain(r)
				r.Events[0].Text = "Error: something else"
			},
		}},
		{Rollout{}, func(r *evidence.Record) { gone(r, 101) }, map[string]edit{
			"one went that had never served": func(r *evidence.Record) { gone(r, 99) },
		}},
		{KilledWorker{}, func(r *evidence.Record) { gone(r, 101) }, map[string]edit{
			"one went that had never served": func(r *evidence.Record) { gone(r, 99) },
		}},
		{Visitor{Workers: 4}, succeed(0), map[string]edit{"one is silent": one}},
		{Redeploy{File: "x", Says: "EADDRINUSE"}, all(renew(201), complain), map[string]edit{
			"nobody complained":   renew(201),
			"the old ones remain": complain,
			"a stranger has the port": all(complain, renew(201), func(r *evidence.Record) {
				r.Snapshots[1].Listeners = []evidence.Listener{{PID: 77, Port: 3000}}
			}),
			"they are not listed again": all(complain, renew(201), func(r *evidence.Record) {
				r.Snapshots[1].Workers = nil
			}),
		}},
		{Redeploy{File: "x"}, renew(201, 202, 203, 204), map[string]edit{"one does not run": renew(201, 202, 203)}},
		{SlowRelease{Flag: "x"}, succeed(6 * second), map[string]edit{
			"its successor answers at once": succeed(second),
			"nobody has gone":               one,
		}},
		{PoisonRequests{Says: "EADDRINUSE", Kills: true}, complain, map[string]edit{
			"nobody died": func(r *evidence.Record) {
				complain(r)
				r.Events = r.Events[:1]
			},
			"it said something else": func(r *evidence.Record) {
				complain(r)
				r.Events[0].Text = "Error: something else"
			},
		}},
		{PoisonRequests{Says: "EADDRINUSE"}, func(r *evidence.Record) {
			complain(r)
			r.Events = r.Events[:1]
		}, map[string]edit{"a worker died": complain}},
		{ScaleDown{To: 2}, leave("2", "3"), map[string]edit{
			"three are left":     leave("1", "2", "3"),
			"the leader is left": leave("0", "3"),
			"nobody is left":     leave(),
		}},
		{ScaleDown{To: 2, Delete: []int{3, 2}}, leave("0", "1"), map[string]edit{
			"the leader went":     leave("1", "2"),
			"the leader is alone": leave("0"),
		}},
		{ScaleRequest{To: 2}, leave("2", "3"), map[string]edit{
			"three are left":     leave("1", "2", "3"),
			"the leader is left": leave("0", "3"),
		}},
		{HotWorker{}, slow(101), map[string]edit{
			"all are slow":   slow(101, 102, 103, 104),
			"nobody answers": func(r *evidence.Record) { r.Requests = r.Requests[:4*110] },
		}},
		{BusyClient{}, spend(90, 10, 10, 10), map[string]edit{
			"all are busy":    spend(90, 80, 90, 80),
			"hardly any work": spend(30, 1, 1, 1),
		}},
		{UnguardedJob{}, run(101, 102, 103, 104), map[string]edit{
			"two have":             run(101, 102),
			"one has, four times":  run(101, 101, 101, 101),
			"each at its own time": func(r *evidence.Record) { run(101, 102, 103, 104)(r); stagger(r) },
		}},
		{OverlappingReload{}, run(101, 201), map[string]edit{
			"one has, twice":       run(101, 101),
			"each at its own time": func(r *evidence.Record) { run(101, 201)(r); stagger(r) },
		}},
		{UnreadyRelease{Flag: "x", For: 5 * second}, unheard(0), map[string]edit{
			"PM2 heard of it at once": unheard(13 * second),
			"nobody was replaced":     func(r *evidence.Record) { r.Events = nil },
			"it has not served for long": func(r *evidence.Record) {
				unheard(0)(r)
				r.Requests = r.Requests[:4*150]
			},
		}},
		{GivenUp{Release: BadRelease{Says: "EADDRINUSE"}}, all(complain, givenUp("errored", "waiting restart", "errored", "errored")), map[string]edit{
			"nobody complained": givenUp("errored", "errored", "errored", "errored"),
			"three of four":     all(complain, givenUp("errored", "errored", "errored")),
			"one is stopped":    all(complain, givenUp("errored", "errored", "errored", "stopped")),
			"one waits": all(complain, givenUp("errored", "errored", "errored", "waiting restart"), func(r *evidence.Record) {
				r.Snapshots[1].Workers[3].PID = 99 // the dead one's, of a restart to come
			}),
		}},
		{RollingRestart{}, func(r *evidence.Record) { gone(r, 101) }, nil},
		{Weather{}, func(r *evidence.Record) { gone(r, 101) }, nil},
	} {
		for name, bend := range c.not {
			r := calm()
			inject(r)
			bend(r)
			if bite, ok := c.fault.Bitten(r); ok {
				t.Errorf("%T, %s: bitten: %s", c.fault, name, bite.Note)
			}
		}
		hurt, idle, spared := calm(), calm(), calm()
		inject(hurt)
		c.harm(hurt)
		if bite, ok := c.fault.Bitten(hurt); !ok || bite.Note == "" {
			t.Errorf("%T: not bitten where it bit: %q", c.fault, bite.Note)
		}
		c.harm(idle)
		if bite, ok := c.fault.Bitten(idle); ok {
			t.Errorf("%T, nothing injected: bitten: %s", c.fault, bite.Note)
		}
		inject(spared)
		if bite, ok := c.fault.Bitten(spared); ok {
			t.Errorf("%T, a calm cluster: bitten: %s", c.fault, bite.Note)
		}
	}
}

func TestWeatherPlan(t *testing.T) {
	f := Weather{For: 10 * second, Deploy: 4 * second, Pause: 3 * second}
	if got, want := f.listDeploys(), []time.Duration{0, 4 * second, 8 * second}; !slices.Equal(got, want) {
		t.Errorf("deployments at %v, want %v", got, want)
	}
	if got, want := f.listPauses(), []time.Duration{3 * second, 6 * second, 9 * second}; !slices.Equal(got, want) {
		t.Errorf("pauses at %v, want %v", got, want)
	}
}

func TestStallNamesItsWorker(t *testing.T) {
	r := calm()
	inject(r)
	silent(r, 102)
	if bite, ok := (StalledWorker{}).Bitten(r); !ok || len(bite.PIDs) != 1 || bite.PIDs[0] != 102 {
		t.Errorf("bite %+v (%v), want pid 102", bite, ok)
	}
}

// TestRequestsAsk: a fault that is a request names what an engine needs for it, and
// no other does.
func TestRequestsAsk(t *testing.T) {
	for _, f := range []Fault{
		RollingRestart{}, ScaleRequest{}, BadDeploy{}, UnreadyRelease{}, SlowRelease{Roll: true}, SlowRelease{},
		OverlappingReload{}, BadRelease{}, Weather{}, StalledWorker{}, ScaleDown{},
	} {
		asks, ok := f.(interface{ Asks() string })
		if request := f.Kind() == evidence.KindRequest; request != (ok && asks.Asks() != "") {
			t.Errorf("%T is of kind %s, and asks: %v", f, f.Kind(), ok)
		}
	}
}

// TestIgnored: a deployment that an engine was asked for and never began has
// happened, and does no harm; PM2 alone is not given that excuse.
func TestIgnored(t *testing.T) {
	for _, f := range []Fault{BadDeploy{Flag: "x", Says: "x"}, UnreadyRelease{Flag: "x", For: second}} {
		for _, c := range []struct {
			name, arm string
			after     time.Duration
			begun     bool
			want      bool
		}{
			{"for long", evidence.ArmEngine, 31 * second, false, true},
			{"not for long", evidence.ArmEngine, 29 * second, false, false},
			{"it has begun", evidence.ArmEngine, 31 * second, true, false},
			{"nobody was asked", evidence.ArmControl, 31 * second, false, false},
		} {
			r := calm()
			inject(r)
			r.Header.Arm = c.arm
			if c.begun {
				gone(r, 101)
			}
			at, _ := findInjection(r)
			r.Requests = append(r.Requests, evidence.Request{Lane: evidence.LaneKeepAlive, Class: evidence.Answered, PID: 102, Done: at + c.after})
			if bite, ok := f.Bitten(r); ok != c.want {
				t.Errorf("%T, %s: bitten %v, want %v: %s", f, c.name, ok, c.want, bite.Note)
			}
		}
	}
}

// TestCommandThatAsks: a request bites once an engine has it, and where none is once PM2 has
// done something; one with a proof of its own bites by that, or when it is ignored.
func TestCommandThatAsks(t *testing.T) {
	roll := Command{Ask: engine.Request{Request: engine.RequestRoll}}
	proven := Command{Run: "touch bad", Ask: roll.Ask, Proof: Proof{Exits: 1}}
	aided := calm()
	aided.Header.Arm = evidence.ArmEngine
	if _, ok := roll.Bitten(aided); ok {
		t.Error("it bites before it was injected")
	}
	inject(aided)
	if _, ok := roll.Bitten(aided); !ok {
		t.Error("an engine that was asked was not seen to be")
	}
	if _, ok := proven.Bitten(aided); ok {
		t.Error("it bites without its proof")
	}
	gone(aided, 101)
	if _, ok := proven.Bitten(aided); !ok {
		t.Error("it does not bite with its proof")
	}
	alone := calm()
	inject(alone)
	scale := Command{Ask: engine.Request{Request: engine.RequestScale, Workers: 2}}
	for _, f := range []Command{roll, scale} {
		if _, ok := f.Bitten(alone); ok {
			t.Errorf("%+v bites although PM2 has done nothing", f.Ask)
		}
	}
	gone(alone, 101)
	alone.Snapshots = append(alone.Snapshots, evidence.Snapshot{At: 20 * second, Workers: []evidence.Worker{{ID: 2}, {ID: 3}}})
	for _, f := range []Command{roll, scale} {
		if _, ok := f.Bitten(alone); !ok {
			t.Errorf("%+v does not bite although PM2 has done it", f.Ask)
		}
		if f.Kind() != evidence.KindRequest || f.Asks() != f.Ask.Request {
			t.Errorf("%+v is a %s that asks for %q", f.Ask, f.Kind(), f.Asks())
		}
	}
}
