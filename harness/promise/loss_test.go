package promise

import (
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

func TestLosses(t *testing.T) {
	reused := func(conn int) func(*evidence.Request) {
		return func(q *evidence.Request) { q.Lane, q.Conn, q.Reused = evidence.LaneKeepAlive, conn, true }
	}
	for _, c := range []struct {
		name   string
		record func() history
		cause  string
		server string
		pid    int
		worker int
	}{
		{"before anything was injected", func() history { return faulted().drop(6, evidence.Reset) },
			ByApp, NeverReceived, 0, -1},
		{"inside a worker the fault hit", func() history {
			h := begun(faulted().drop(12, evidence.TimedOut), 101)
			h.Marks[3].PIDs = []int{101}
			return h
		}, ByFault, Begun, 101, 0},
		{"inside a worker the fault hit and the engine killed", func() history {
			h := begun(faulted().act(12, "kill", 0, 101).exit(12.1, 0, 101).drop(11.9, evidence.Reset), 101)
			h.Marks[3].PIDs = []int{101}
			return h
		}, ByFault, Begun, 101, 0},
		{"inside a worker the engine restarted", func() history {
			return begun(faulted().act(12, "restart", 1, 0).exit(12.1, 1, 102).drop(12, evidence.Reset), 102)
		}, ByEngine, Begun, 102, 1},
		{"inside a worker that crashed after the fault", func() history {
			return begun(faulted().crashed(12.1, 1, 102).drop(12, evidence.Reset), 102)
		}, ByFault, Begun, 102, 1},
		{"inside a worker long after the engine had restarted it", func() history {
			return begun(faulted().act(12, "restart", 1, 0).crashed(20, 1, 102).drop(19.9, evidence.Reset), 102)
		}, ByFault, Begun, 102, 1},
		{"refused after the engine restarted the last worker", func() history {
			return faulted().act(12, "restart", 3, 0).exit(11, 0, 101).exit(12.1, 3, 104).drop(12.2, evidence.Refused)
		}, ByEngine, NeverReceived, 104, 3},
		{"inside a worker that somebody replaced before the engine stopped the next", func() history {
			return begun(faulted().crashed(12, 1, 102).exit(12.15, 1, 202).act(12.2, "stop", 1, 0).drop(11.9, evidence.Reset), 102)
		}, ByFault, Begun, 102, 1},
		{"inside a worker the engine stopped", func() history {
			return begun(faulted().act(12, "stop", 1, 0).exit(12.1, 1, 102).drop(12, evidence.Reset), 102)
		}, ByEngine, Begun, 102, 1},
		{"refused while the fault keeps everybody down", func() history {
			return faulted().crashed(12.1, 3, 104).drop(14, evidence.Refused)
		}, ByFault, NeverReceived, 104, 3},
		{"lost between primary and worker in a roll", func() history {
			return asked().act(12, "restart", 2, 0).exit(12.3, 2, 103).drop(12.2, evidence.TimedOut)
		}, ByEngine, NeverReceived, 103, 2},
		{"lost in a roll by an engine that says nothing", func() history {
			return asked().exit(12.3, 2, 103).drop(12.2, evidence.TimedOut)
		}, ByEngine, NeverReceived, 103, 2},
		{"lost in PM2's own reload", func() history {
			h := asked().exit(12.3, 2, 103).drop(12.2, evidence.TimedOut)
			h.Header.Arm = evidence.ArmControl
			return h
		}, ByPM2, NeverReceived, 103, 2},
		{"lost in a reload that a claim is about", func() history {
			h := asked().exit(12.3, 2, 103).drop(12.2, evidence.TimedOut)
			h.Header.Arm = evidence.ArmClaim
			return h
		}, ByPM2, NeverReceived, 103, 2},
		{"on a reused connection to a worker that went", func() history {
			h := faulted()
			h.settle(evidence.Request{Lane: evidence.LaneKeepAlive, Due: sec(8), Conn: 7, Class: evidence.Answered, PID: 103})
			return h.crashed(12.1, 2, 103).drop(12, evidence.Reset, reused(7))
		}, ByFault, NeverReceived, 103, 2},
		{"answered by a stranger", func() history {
			return faulted().drop(15, evidence.WrongStatus, func(q *evidence.Request) { q.Status = 404 })
		}, ByFault, NeverReceived, 0, -1},
		{"answered with an error by a worker that was there before the fault", func() history {
			return finished(faulted().act(11, "restart", 1, 0).drop(12, evidence.WrongStatus, failing(103)), 103)
		}, ByFault, Finished, 103, 2},
		{"answered so by a worker that was started since, beside one that was there before", func() history {
			h := finished(faulted().act(11, "restart", 1, 0).drop(12, evidence.WrongStatus, failing(201)), 201)
			h.Requests = append(h.Requests, evidence.Request{ID: "noise", Lane: evidence.LaneNoise, Class: evidence.WrongStatus, Status: 503, PID: 103, Done: sec(12.5)})
			return h
		}, ByFault, Finished, 201, -1},
		{"answered so by a worker that was started since, and by no other", func() history {
			return finished(faulted().act(11, "restart", 1, 0).drop(12, evidence.WrongStatus, failing(201)), 201)
		}, ByUnknown, Finished, 201, -1},
		{"answered so long after the fault was lifted", func() history {
			return finished(faulted().act(11, "restart", 1, 0).lifted(20).drop(22, evidence.WrongStatus, failing(103)), 103)
		}, ByUnknown, Finished, 103, 2},
		{"answered so in a roll", func() history {
			return finished(asked().act(11, "restart", 1, 0).drop(12, evidence.WrongStatus, failing(103)), 103)
		}, ByUnknown, Finished, 103, 2},
		{"by a worker that was too slow for all of them", func() history {
			h := begun(faulted().act(11, "restart", 1, 0).drop(15, evidence.TimedOut), 103)
			h.Marks = append(h.Marks, evidence.Mark{At: sec(16), Name: evidence.MarkRecovered})
			return h
		}, BySaturated, Begun, 103, 2},
		{"by a worker that was too slow when all were back", func() history {
			h := begun(faulted().act(11, "restart", 1, 0).drop(15, evidence.TimedOut), 103)
			h.Marks = append(h.Marks, evidence.Mark{At: sec(14), Name: evidence.MarkRecovered})
			return h
		}, ByUnknown, Begun, 103, 2},
		{"by a survivor that was too slow while the fault's target lives", func() history {
			h := begun(faulted().silence(10, 99, 101, 102).drop(12, evidence.TimedOut), 103)
			h.Marks[3].PIDs = []int{101}
			return h
		}, BySaturated, Begun, 103, 2},
		{"by a survivor that was replaced long after", func() history {
			return begun(faulted().drop(12, evidence.TimedOut), 103).crashed(25, 2, 103)
		}, BySaturated, Begun, 103, 2},
		{"by a survivor, while a worker was missing that the engine had taken", func() history {
			return begun(watched().gone(11.5, 1, 102, 0).drop(12, evidence.TimedOut), 103)
		}, ByEngine, Begun, 103, 2},
		{"by a survivor, when the engine's had been followed by another", func() history {
			return begun(watched().gone(11.5, 1, 102, 202).drop(14, evidence.TimedOut), 103)
		}, BySaturated, Begun, 103, 2},
		{"by a survivor in PM2's own reload", func() history {
			return control(begun(asked().drop(12, evidence.TimedOut), 103))
		}, BySaturated, Begun, 103, 2},
		{"by a survivor in an engine's roll, with nobody missing", func() history {
			return begun(asked().drop(12, evidence.TimedOut), 103)
		}, ByUnknown, Begun, 103, 2},
		{"by a survivor in an engine's roll, with one missing", func() history {
			return begun(watchedAsked().act(11, "restart", 1, 0).exit(11.2, 1, 102).drop(12, evidence.TimedOut), 103)
		}, ByEngine, Begun, 103, 2},
		{"by nobody known, while a target is silent", func() history {
			h := faulted().silence(10, 99, 101, 102).drop(12, evidence.TimedOut)
			h.Marks[3].PIDs = []int{101}
			return h
		}, ByFault, NeverReceived, 0, -1},
		{"by nobody known, while a target answers", func() history {
			h := faulted().act(11, "restart", 1, 0).drop(15, evidence.TimedOut, func(q *evidence.Request) { q.Sent = sec(14) })
			h.Marks[3].PIDs = []int{101}
			last := &h.Requests[len(h.Requests)-1]
			last.Sent, last.Due, last.Done = sec(13), sec(13), sec(15)
			return h
		}, ByUnknown, NeverReceived, 0, -1},
		{"before the engine did anything", func() history {
			return faulted().drop(15, evidence.Reset).act(17, "restart", 1, 0)
		}, ByFault, NeverReceived, 0, -1},
		{"while no worker of the app serves", func() history {
			h := faulted().act(12, "stop", 1, 0)
			h.Requests = slices.DeleteFunc(h.Requests, func(q evidence.Request) bool { return q.Due > sec(12) && q.Due < sec(20) })
			return h.drop(15, evidence.Reset)
		}, ByFault, NeverReceived, 0, -1},
		{"after it did something, for no reason on record", func() history {
			return faulted().act(12, "restart", 1, 0).drop(15, evidence.Reset)
		}, ByUnknown, NeverReceived, 0, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			losses := Losses(c.record().record())
			if len(losses) != 1 {
				t.Fatalf("%d losses, want 1", len(losses))
			}
			l := losses[0]
			if l.Cause != c.cause || l.Server != c.server || l.PID != c.pid || l.Worker != c.worker {
				t.Errorf("laid to %s (server %s, pid %d, worker %d), want %s (%s, %d, %d): %s",
					l.Cause, l.Server, l.PID, l.Worker, c.cause, c.server, c.pid, c.worker, l.Why)
			}
		})
	}
}

// TestOwnWords: what an engine says of the action that cost a request is quoted.
func TestOwnWords(t *testing.T) {
	h := faulted().claim(12, evidence.Claim{Type: "action", Action: "drain", Phase: "begin", ID: 1})
	h = h.claim(13, evidence.Claim{Type: "action", Action: "drain", Phase: "done", ID: 1, Raw: []byte(`{"why":"the deadline passed"}`)})
	got := Losses(begun(h.exit(12.1, 1, 102).drop(12, evidence.Reset), 102).record())[0].Why
	if want := `pid 102 went 100ms after it was sent: the engine's drain of worker 1 (of which it says "the deadline passed")`; got != want {
		t.Errorf("it is said of it: %s\nwant %s", got, want)
	}
}
