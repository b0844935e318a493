package alert

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// TestAlertHasItsContext: an alert of a worker that is this very process, with a
// connection of its own, and counters that have gone up since the incident opened.
func TestAlertHasItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if conn, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	veil := new(redact.Redactor)
	k := NewDesk(Sender{Engine: "test", App: "app", Port: l.Addr().(*net.TCPAddr).Port}, nil, veil, func(error) {})
	var history []observe.Observation
	f := diagnose.Diagnosis{Cause: engine.BootCrash, Subject: "Error: x", IDs: []int{0}, Human: "mend it"}
	see := func(restarts int, events ...observe.Event) {
		o := observe.Observation{At: host.Now(), Workers: []observe.Worker{
			{ID: 0, PID: os.Getpid(), Alive: true, Restarts: restarts, Unstable: restarts}, {ID: 1, Status: "stopped"},
		}, Events: events}
		history = append(history, o)
		k.Publish(history, nil)
	}
	see(2)
	k.NoteCounters(f)
	k.NoteAction(plan.Decision{Cause: f.Cause, Subject: f.Subject, Action: engine.ActionStop, ID: 0}, "done", "PASSWORD=hunter2")
	see(5, observe.Event{At: host.Now(), Kind: observe.KindExit, ID: 0}, observe.Event{At: host.Now(), Kind: observe.KindDeploy, ID: -1, Text: "server.js was changed"})
	a, err := limitAlert(k.build(engine.StatusFiring, Incident{Diagnosis: f, Next: "nothing", Suppressed: 3}), veil)
	if err != nil {
		t.Fatal(err)
	}

	w := a.Workers[0]
	if w.Before == nil || w.Before.Restarts != 2 || w.Restarts != 5 || w.Unstable != 5 {
		t.Errorf("counters before %+v, after %d and %d, want 2, 5 and 5", w.Before, w.Restarts, w.Unstable)
	}
	if w.FDs < 3 || w.Conns != 1 || a.Workers[1].FDs != 0 {
		t.Errorf("%d descriptors and %d connections, and %d of one that does not run; want more than 3, 1, 0", w.FDs, w.Conns, a.Workers[1].FDs)
	}
	if len(a.Timeline) != 2 || a.Timeline[0].By != "worker" || a.Timeline[1].By != "deploy" {
		t.Errorf("timeline %+v, want the worker's end and the deployment", a.Timeline)
	}
	if a.Next != "nothing" || a.Suppressed != 3 || !strings.Contains(a.Undo, "pm2 restart 0") || !strings.Contains(a.Undo, "server.js was changed") {
		t.Errorf("next %q, suppressed %d, undo %q", a.Next, a.Suppressed, a.Undo)
	}
	body, err := json.Marshal(a)
	if err != nil || bytes.Contains(body, []byte("hunter2")) {
		t.Errorf("%v: the secret is still there: %s", err, body)
	}
	if _, err := engine.DecodeAlert(body); err != nil {
		t.Error(err)
	}
}

// TestAlertIsBounded: whatever happened, an alert stays small, and keeps the
// latest of what it lists by time.
func TestAlertIsBounded(t *testing.T) {
	long := strings.Repeat("long words ", 200)
	veil := new(redact.Redactor)
	k := NewDesk(Sender{Engine: "test", App: "app"}, nil, veil, func(error) {})
	f := diagnose.Diagnosis{Cause: engine.Undetermined, Human: long}
	var o observe.Observation
	for i := range 2000 {
		f.Evidence = append(f.Evidence, engine.Fact{Source: "bus", Text: long})
		f.RuledOut = append(f.RuledOut, engine.Ruled{Cause: engine.BootCrash, Fact: long})
		k.NoteAction(plan.Decision{Cause: f.Cause, Action: engine.ActionStop, ID: i}, "done", long)
		o.Events = append(o.Events, observe.Event{At: time.Duration(i), Kind: observe.KindError, ID: i, Text: long},
			observe.Event{At: time.Duration(i), Kind: observe.KindAsked, ID: i, Text: long})
	}
	k.Publish([]observe.Observation{o}, nil)
	a, err := limitAlert(k.build(engine.StatusFiring, Incident{Diagnosis: f, Next: long}), veil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(a)
	if err != nil || len(body) > engine.MaxAlert/4 {
		t.Errorf("%v, %d bytes, want at most a quarter of %d", err, len(body), engine.MaxAlert)
	}
	if n := len(a.Timeline); n != maxMoments || !strings.HasPrefix(a.Timeline[n-1].Text, "worker 1999: ") {
		t.Errorf("%d moments, the last: %.40s", n, a.Timeline[n-1].Text)
	}
	if n := len(a.Actions); n != maxTaken || *a.Actions[n-1].ID != 1999 {
		t.Errorf("%d actions, the last of worker %d", n, *a.Actions[n-1].ID)
	}
}

// TestTimelineIsInOrder: deeds and events come by different ways.
func TestTimelineIsInOrder(t *testing.T) {
	got := []string{}
	for _, m := range buildTimeline([]observe.Observation{
		{Events: []observe.Event{{At: 3, Kind: observe.KindOnline, ID: 1}, {At: 2, Kind: observe.KindError, Text: "words"}},
			Actions: []observe.ActionEvent{{At: 1, Action: engine.ActionKill, Phase: engine.PhaseBegin, ID: 1}}},
		{Events: []observe.Event{{At: 2, Kind: observe.KindExit, ID: 1}, {At: 4, Kind: observe.KindAsked, ID: 0, Text: "reload"}, {At: 5, Kind: observe.KindStopping, ID: 0}},
			Actions: []observe.ActionEvent{{At: 6, Action: engine.ActionKill, Phase: engine.PhaseFailed, ID: 1, Error: "gone"}}},
	}) {
		got = append(got, m.By+": "+m.Text)
	}
	want := []string{
		"engine: kill of worker 1: begin",
		"worker: worker 1: its process ended",
		"worker: worker 1: PM2 has forked a process",
		"operator: worker 0: pm2 reload",
		"pm2: worker 0: PM2 was asked to end its process",
		"engine: kill of worker 1: failed: gone",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestUndoing: what the engine has started again need not be taken back.
func TestUndoing(t *testing.T) {
	did := func(action string, id int, result string) engine.Taken {
		return engine.Taken{Action: action, ID: &id, Result: result}
	}
	for _, c := range []struct {
		actions []engine.Taken
		want    string
	}{
		{nil, ""},
		{[]engine.Taken{did("stop", 1, "done"), did("stop", 2, "done"), did("stop", 3, "failed"), did("restart", 1, "done")},
			"pm2 restart 2 starts what the engine has stopped"},
		{[]engine.Taken{did("stop", 1, "done"), did("restart", 1, "done")}, ""},
		{[]engine.Taken{did("kill", 1, "done")}, ""},
	} {
		if got := explainUndo(c.actions, nil); got != c.want {
			t.Errorf("%+v: %q, want %q", c.actions, got, c.want)
		}
	}
}

// TestErrorsAreListedOnce: the same stack of three workers is one entry, at its last time.
func TestErrorsAreListedOnce(t *testing.T) {
	say := func(at time.Duration, id int, text string) observe.Observation {
		return observe.Observation{At: at, Events: []observe.Event{{At: at, Kind: observe.KindError, ID: id, Text: text}}}
	}
	const stack = "Error: x\n    at f (/srv/app.js:1:2)"
	got := listErrorLines([]observe.Observation{say(1, 2, stack), say(2, 0, stack), say(3, 1, "Error: y"), say(4, 2, stack)})
	if len(got) != 2 || !strings.HasSuffix(got[0], "worker 1: Error: y") || !strings.HasSuffix(got[1], "worker 2: "+stack+" (3 times, workers [0 2])") {
		t.Errorf("%q", got)
	}
}

// TestAlertRecallsWorkers: an alert of a dead daemon has the workers that were listed last, and
// says of each whether it runs.
func TestAlertRecallsWorkers(t *testing.T) {
	k := NewDesk(Sender{Engine: "test", App: "app"}, nil, new(redact.Redactor), func(error) {})
	k.Publish([]observe.Observation{
		{At: host.Now(), Daemon: observe.Daemon{PID: 50, Alive: true}, Workers: []observe.Worker{
			{ID: 0, PID: os.Getpid(), Alive: true, Status: "online"}, {ID: 1, PID: 1 << 30, Alive: true, Status: "online"},
		}},
		{At: host.Now(), Daemon: observe.Daemon{PID: 50, Error: "connection refused"}},
	}, nil)
	a := k.build(engine.StatusFiring, Incident{Diagnosis: diagnose.Diagnosis{Cause: engine.DaemonDead}})
	if len(a.Workers) != 2 || a.Workers[0].Derived == a.Workers[1].Derived || a.Workers[1].Derived != "dead" {
		t.Errorf("its workers are %+v", a.Workers)
	}
}
