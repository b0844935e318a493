package fault

import (
	"slices"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// pauses takes all answers away from 11 s until an end.
func pauses(until time.Duration) func(*evidence.Record) {
	return func(r *evidence.Record) {
		r.Requests = slices.DeleteFunc(r.Requests, func(q evidence.Request) bool { return q.Done > 11*second && q.Done < until })
	}
}

// daemonIs has PM2's daemon as pid 50 before the injection, and as another one after it.
func daemonIs(pid int) func(*evidence.Record) {
	return func(r *evidence.Record) {
		r.Snapshots = []evidence.Snapshot{{At: 5 * second, Daemon: 50}, {At: 19 * second, Daemon: pid}}
	}
}

// fourUnder has PM2's daemon list all workers before the injection, and be another one, 0 for none,
// after it.
func fourUnder(daemon int) func(*evidence.Record) {
	return func(r *evidence.Record) {
		daemonIs(daemon)(r)
		for i := range 4 {
			r.Snapshots[0].Workers = append(r.Snapshots[0].Workers, evidence.Worker{ID: i, PID: 101 + i, Alive: true})
		}
	}
}

// startsFrom has four workers run before the injection, and four others after it, from a script.
func startsFrom(script string) func(*evidence.Record) {
	return func(r *evidence.Record) {
		fourUnder(50)(r)
		for i := range 4 {
			r.Snapshots[1].Workers = append(r.Snapshots[1].Workers, evidence.Worker{ID: i, PID: 201 + i, Alive: true, Settings: map[string]string{"script": script}})
		}
	}
}

// pm2Says has PM2's log say it at each of these moments.
func pm2Says(text string, at ...time.Duration) func(*evidence.Record) {
	return func(r *evidence.Record) {
		for _, t := range at {
			r.Events = append(r.Events, evidence.Event{At: t, Topic: "log:PM2", ID: -1, Text: text})
		}
	}
}

// lacks has worker 0 with a process before the injection, and from a moment on with that one, 0
// for none.
func lacks(at time.Duration, pid int) func(*evidence.Record) {
	return func(r *evidence.Record) {
		r.Snapshots = []evidence.Snapshot{
			{At: 9 * second, Daemon: 50, Workers: []evidence.Worker{{ID: 0, PID: 101, Alive: true}}},
			{At: at, Daemon: 50, Workers: []evidence.Worker{{ID: 0, PID: pid, Alive: pid > 0}}},
		}
	}
}

// TestBittenByPM2: what PM2 does to the app by itself, or cannot do, as TestBitten has it of what
// is done to the app.
func TestBittenByPM2(t *testing.T) {
	type edit = func(*evidence.Record)
	all := func(edits ...edit) edit {
		return func(r *evidence.Record) {
			for _, e := range edits {
				e(r)
			}
		}
	}
	everybody := func(r *evidence.Record) { gone(r, 101, 102, 103, 104) }
	leavesOne := func(r *evidence.Record) { gone(r, 101, 102, 103) }
	const over, changed = "[PM2][WORKER] Process 0 restarted because it exceeds --max-memory-restart value", "Change detected on path cache.json for app app - restarting"
	denied := func(r *evidence.Record) {
		r.Events = append(r.Events, evidence.Event{At: 12 * second, Topic: "process:exception", Text: "EACCES: permission denied, open 'x'"},
			evidence.Event{At: 12 * second, Topic: "process:event", Event: "exit"})
	}
	for _, c := range []struct {
		fault Fault
		harm  edit
		not   map[string]edit
	}{
		{CronRestart{}, all(everybody, pauses(13*second)), map[string]edit{
			"somebody served":             everybody,
			"nobody ended":                pauses(13 * second),
			"three of four ended":         all(pauses(13*second), func(r *evidence.Record) { gone(r, 101, 102, 103) }),
			"hardly anybody would notice": all(everybody, pauses(11*second+second/2)),
		}},
		{OperatorRestart{}, all(everybody, pauses(13*second)), map[string]edit{"nobody ended": pauses(13 * second)}},
		{NullMessage{}, daemonIs(0), map[string]edit{"it lives": daemonIs(50)}},
		{KilledDaemon{}, all(leavesOne, fourUnder(0)), map[string]edit{
			"it lives": all(leavesOne, fourUnder(50)), "all went": all(everybody, fourUnder(0)),
			"two are left": all(func(r *evidence.Record) { gone(r, 101, 102) }, fourUnder(0)),
		}},
		{PausedDaemon{For: 4 * second}, all(pauses(15*second), fourUnder(50)), map[string]edit{
			"a worker went": all(pauses(15*second), fourUnder(50), func(r *evidence.Record) { gone(r, 101) }), "for a moment": all(pauses(11*second+second/2), fourUnder(50)),
		}},
		{LinkedRelease{}, all(everybody, startsFrom("/srv/x/app.js")), map[string]edit{
			"PM2 has the new path": all(everybody, startsFrom("/srv/x-2/app.js")), "one has not gone": all(leavesOne, startsFrom("/srv/x/app.js")),
		}},
		{LinkedRelease{Anew: true}, all(everybody, startsFrom("/srv/x-2/app.js")), map[string]edit{
			"PM2 has the old path": all(everybody, startsFrom("/srv/x/app.js")),
		}},
		{UpdatedPM2{}, daemonIs(60), map[string]edit{"it is the same": daemonIs(50), "there is none": daemonIs(0)}},
		{MemoryLimit{}, pm2Says(over, 12*second), map[string]edit{"it said so before": pm2Says(over, 5*second)}},
		{OneOverLimit{}, pm2Says(over, 12*second), map[string]edit{"it said so before": pm2Says(over, 5*second)}},
		{LostNode{}, all(lacks(19*second, 0), func(r *evidence.Record) { gone(r, 101) }), map[string]edit{
			"PM2 has started another": all(lacks(19*second, 201), func(r *evidence.Record) { gone(r, 101) }),
			"for a moment":            all(lacks(13*second, 0), func(r *evidence.Record) { gone(r, 101) }),
			"none has gone":           lacks(19*second, 0),
		}},
		{LostNode{For: second}, func(r *evidence.Record) { gone(r, 101) }, map[string]edit{
			"one went that had never served": func(r *evidence.Record) { gone(r, 99) },
		}},
		{LargeEnvironment{KiB: 160}, lacks(19*second, 0), map[string]edit{
			"PM2 has started it": lacks(19*second, 201), "for a moment": lacks(13*second, 0),
		}},
		{LargeEnvironment{KiB: 60}, everybody, map[string]edit{"three of four went": func(r *evidence.Record) { gone(r, 101, 102, 103) }}},
		{ClosedLogs{}, denied, map[string]edit{"nobody died": func(r *evidence.Record) {
			denied(r)
			r.Events = r.Events[:1]
		}}},
		{RotatedLogs{}, pm2Says("Reloading logs...", 12*second), map[string]edit{"it said so before": pm2Says("Reloading logs...", 5*second)}},
		{WatchedRelease{Rounds: 2}, pm2Says(changed, 12*second, 12*second+second/10, 14*second), map[string]edit{
			"each worker's watcher tells of one change": pm2Says(changed, 12*second, 12*second+second/10, 12*second+second/5),
			"an app says so": func(r *evidence.Record) {
				pm2Says(changed, 12*second, 14*second)(r)
				for i := range r.Events {
					r.Events[i].Topic = "log:out"
				}
			},
		}},
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
