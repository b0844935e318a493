package promise

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// ruled is a run and how a promise is to be ruled on it.
type ruled struct {
	name    string
	promise Promise
	record  func() history
	want    Verdict
}

// histories holds, for every promise, runs that keep it and runs that break it; but for
// those that files of their own have.
var histories = []ruled{
	{"nobody fell out", Recovers(sec(5)), faulted, Kept},
	{"one came back in time", Recovers(sec(5)), func() history { return faulted().silence(10, 14, 101, 102) }, Kept},
	{"one came back late", Recovers(sec(5)), func() history { return faulted().silence(10, 17, 101, 102) }, Broken},
	{"one stayed out", Recovers(sec(5)), func() history { return faulted().silence(10, 99, 101, 102) }, Broken},
	{"one left in the last second", Recovers(sec(5)), func() history { return faulted().exit(29.9, 0, 101) }, Broken},
	{"nobody came back", Recovers(sec(5)), func() history { return refusing(faulted(), 12) }, Broken},
	{"nobody came back after the lift", Recovers(sec(5)), func() history { return refusing(faulted(), 12).lifted(20) }, Broken},
	{"late but soon after the lift", Recovers(sec(5)), func() history { return faulted().silence(10, 17, 101, 102).lifted(15) }, Kept},
	{"all replaced", Replaces(sec(20)), func() history {
		return asked().replace(12, 0, 101, 201).replace(13, 1, 102, 202).replace(14, 2, 103, 203).replace(15, 3, 104, 204)
	}, Kept},
	{"one left as it was", Replaces(sec(20)), func() history {
		return asked().replace(12, 0, 101, 201).replace(13, 1, 102, 202).replace(14, 2, 103, 203)
	}, Broken},
	{"named it", Diagnoses("c"), func() history { return faulted().detect(12, "c") }, Kept},
	{"named something else", Diagnoses("c"), func() history { return faulted().detect(12, "other") }, Broken},
	{"named both", Diagnoses("c"), func() history { return faulted().detect(12, "c").detect(13, "other") }, Broken},
	{"named nothing", Diagnoses("c"), faulted, Broken},
	{"named both of two", Diagnoses("c", "other"), func() history { return faulted().detect(12, "other").detect(13, "c") }, Kept},
	{"named the other of two alone", Diagnoses("c", "other"), func() history { return faulted().detect(12, "other") }, Broken},
	{"named two, and a third", Diagnoses("c", "other"), func() history { return faulted().detect(12, "c").detect(13, "third") }, Broken},
	{"knew beforehand", Diagnoses("c"), func() history { return faulted().detect(9, "c") }, Broken},
	{"said nothing", DiagnosesNothing(), faulted, Kept},
	{"said something", DiagnosesNothing(), func() history { return faulted().detect(12, "c") }, Broken},
	{"paged", DiagnosesNothing(), func() history { return faulted().alert(12) }, Broken},
	{"one alert", Alerts("c", sec(5)), func() history { return faulted().alert(12) }, Kept},
	{"no alert", Alerts("c", sec(5)), faulted, Broken},
	{"a symptom and its cause", Alerts("c", sec(5)), func() history { return faulted().symptom(11, "d").alert(12) }, Kept},
	{"a symptom and no cause", Alerts("c", sec(5)), func() history { return faulted().symptom(11, "d") }, Broken},
	{"a symptom and its cause as two incidents", Alerts("c", sec(5)), func() history { return faulted().symptom(11, "e").alert(12) }, Broken},
	{"a symptom that is over, and then a cause", Alerts("c", sec(5)), func() history {
		return faulted().symptom(11, "e").alert(12, func(a map[string]any) { a["status"], a["dedupe"] = "resolved", "e" }).alert(13)
	}, Kept},
	{"a symptom, another that is over, and then a cause", Alerts("c", sec(5)), func() history {
		return faulted().symptom(11, "e").alert(12, func(a map[string]any) { a["status"], a["dedupe"] = "resolved", "f" }).alert(13)
	}, Broken},
	{"a symptom where nothing is wrong yet", Alerts("c", sec(5)), func() history { return faulted().symptom(5, "d").alert(12) }, Broken},
	{"a symptom and its diagnosis", Diagnoses("c"), func() history { return faulted().symptom(11, "d").detect(12, "c") }, Kept},
	{"a symptom before anything", Diagnoses("c"), func() history { return faulted().symptom(5, "d").detect(12, "c") }, Broken},
	{"a symptom of nothing", DiagnosesNothing(), func() history {
		return faulted().claim(12, evidence.Claim{Type: "symptom", ID: -1})
	}, Broken},
	{"two alerts", Alerts("c", sec(5)), func() history { return faulted().alert(12).alert(13) }, Broken},
	{"a late alert", Alerts("c", sec(5)), func() history { return faulted().alert(16) }, Broken},
	{"a bare alert", Alerts("c", sec(5)), func() history {
		return faulted().alert(12, func(b map[string]any) { delete(b, "workers") })
	}, Broken},
	{"an alert that cites a number", Alerts("c", sec(5)), func() history {
		return faulted().alert(12, func(b map[string]any) { b["evidence"] = []any{0} })
	}, Broken},
	{"an alert that cites nothing by name", Alerts("c", sec(5)), func() history {
		return faulted().alert(12, func(b map[string]any) { b["evidence"] = []any{map[string]any{"text": "it is so"}} })
	}, Broken},
	{"an alert whose look-alikes are a number", Alerts("c", sec(5)), func() history {
		return faulted().alert(12, func(b map[string]any) { b["ruled_out"] = []any{1} })
	}, Broken},
	{"an alert whose table has an empty row", Alerts("c", sec(5)), func() history {
		return faulted().alert(12, func(b map[string]any) { b["workers"] = []any{map[string]any{}} })
	}, Broken},
	{"an alert of no status", Alerts("c", sec(5)), func() history {
		return faulted().alert(12, func(b map[string]any) { delete(b, "status") })
	}, Broken},
	{"an alert that is surer than sure", Alerts("c", sec(5)), func() history {
		return faulted().alert(12, func(b map[string]any) { b["confidence"] = 2 })
	}, Broken},
	{"one alert of each of two", Alerts("c", sec(5), "other"), func() history {
		return faulted().alert(11, func(b map[string]any) {
			b["cause"], b["ruled_out"] = "other", []any{map[string]any{"cause": "c", "fact": "it is besides"}}
		}).alert(12)
	}, Kept},
	{"an alert of the other of two alone", Alerts("c", sec(5), "other"), func() history {
		return faulted().alert(11, func(b map[string]any) { b["cause"] = "other" })
	}, Broken},
	{"an alert of something else", Alerts("c", sec(5)), func() history {
		return faulted().alert(12, func(b map[string]any) { b["cause"] = "x" })
	}, Broken},
	{"an alert and its end", Alerts("c", sec(5)), func() history {
		return faulted().alert(12).alert(20, func(b map[string]any) { b["status"] = "resolved" })
	}, Kept},
	{"a rough time", Weathers(1, 2, 1), weathered(12, 18), Kept},
	{"too few deployments", Weathers(2, 2, 1), weathered(12, 18), Inconclusive},
	{"one pause seen twice", Weathers(1, 2, 1), weathered(12, 13), Inconclusive},
	{"no spike", Weathers(0, 0, 1), faulted, Inconclusive},
	{"says what to change", Mentions("change x"), func() history { return faulted().alert(12) }, Kept},
	{"says what was seen", Mentions("pid 77"), func() history {
		return faulted().alert(12, func(b map[string]any) {
			b["evidence"] = []any{map[string]any{"source": "sockets", "text": "held by pid 77"}}
		})
	}, Kept},
	{"says it in the app's words only", Mentions("pid 77"), func() history {
		return faulted().alert(12, func(b map[string]any) { b["logs"] = []any{"pid 77"} })
	}, Broken},
	{"says it when all is over", Mentions("change x"), func() history {
		return faulted().alert(20, func(b map[string]any) { b["status"] = "resolved" })
	}, Broken},
	{"nothing lost", DropsNothing(), asked, Kept},
	{"the generator out of breath", DropsNothing(), func() history { return asked().drop(12, evidence.Unsent) }, Kept},
	{"one lost", DropsNothing(), func() history { return asked().drop(12, evidence.Reset) }, Broken},
	{"the fault lost one", SparesRequests(), func() history {
		return faulted().drop(12, evidence.Reset).crashed(12.01, 0, 101)
	}, Kept},
	{"the engine lost one", SparesRequests(), func() history {
		return faulted().act(11.9, "restart", 0, 0).drop(12, evidence.Reset).exit(12.01, 0, 101)
	}, Broken},
	{"nobody knows who lost one", SparesRequests(), func() history {
		return faulted().act(11, "restart", 0, 0).drop(14, evidence.Reset)
	}, Inconclusive},
	{"lost at once only", StopsLosing(sec(5)), func() history { return faulted().drop(12, evidence.Reset) }, Kept},
	{"went on losing", StopsLosing(sec(5)), func() history { return faulted().drop(16, evidence.Reset) }, Broken},
	{"quiet", StaysQuiet(), healthy, Kept},
	{"diagnosed", StaysQuiet(), func() history { return healthy().detect(12, "c") }, Broken},
	{"acted", StaysQuiet(), func() history { return healthy().act(12, "restart", 1, 0) }, Broken},
	{"a worker went", StaysQuiet(), func() history { return healthy().exit(12, 0, 101) }, Broken},
	{"paged for nothing", StaysQuiet(), func() history { return healthy().alert(12) }, Broken},
	{"nothing moved", StaysUp(), healthy, Kept},
	{"one was started again", StaysUp(), func() history { return healthy().exit(12, 0, 101) }, Broken},
	{"PM2 has restarted one", StaysUp(), func() history {
		h := healthy()
		h.Snapshots[2].Workers[1].Restarts = 1
		return h
	}, Broken},
	{"one is missing", StaysUp(), func() history {
		h := healthy()
		h.snapshot(29.5, 101, 102, 103)
		return h
	}, Broken},
	{"only what was with it", LosesOnlyItsOwn(), func() history { return killedWith(101) }, Kept},
	{"another's as well", LosesOnlyItsOwn(), func() history { return killedWith(102) }, Broken},
	{"stays as the operator left it", StaysStopped(3), func() history {
		h := faulted()
		h.snapshot(12, 101, 102, 103, 0)
		h.Snapshots[2].Workers[3].Alive = false
		return h
	}, Kept},
	{"somebody brings it back", StaysStopped(3), func() history {
		h := faulted()
		h.snapshot(12, 101, 102, 103, 0)
		h.snapshot(14, 101, 102, 103, 105)
		return h
	}, Broken},
	{"is read late", TellsTheTruth(), func() history {
		h := faulted().act(12, "restart", 1, 0)
		h.snapshot(11.5, 101, 105, 103, 104)
		slices.SortFunc(h.Snapshots, func(a, b evidence.Snapshot) int { return int(a.At - b.At) })
		for i := range h.Claims {
			if h.Claims[i].Type == "action" {
				h.Claims[i].Raw = []byte(fmt.Sprintf(`{"at":%d}`, h.Claims[i].At-sec(1)))
			}
		}
		return h
	}, Kept},
	{"says nothing at all", StaysQuiet(), func() history { h := healthy(); h.Claims = nil; return h }, Kept},
	{"crashed", StaysQuiet(), func() history { return healthy().mark(12, evidence.MarkEngineEnded) }, Broken},
	{"flooded", StaysQuiet(), func() history { return healthy().mark(12, evidence.MarkEngineMuted) }, Broken},
	{"says more than is kept", TellsTheTruth(), func() history { return faulted().mark(12, evidence.MarkEngineMuted) }, Broken},
	{"sees a recovery that is none", TellsTheTruth(), func() history {
		return faulted().silence(11, 31, 104, 101).claim(15, evidence.Claim{Type: "verified", ID: -1})
	}, Broken},
	{"acts and does not say so", ActsAtMost(0), func() history { return faulted().log(12, "Stopping app:app id:1") }, Broken},
	{"another's worker is stopped", ActsAtMost(0), func() history { return faulted().log(12, "Stopping app:app id:11") }, Kept},
	{"the injection's own command", ActsAtMost(0), func() history {
		return faulted().mark(10.5, evidence.MarkInjected).log(10.4, "Stopping app:app id:1")
	}, Kept},
	{"kills and does not say so", ActsAtMost(0), func() history {
		return faulted().log(12, "App [app:1] exited with code [0] via signal [SIGKILL]")
	}, Broken},
	{"PM2's own last resort is the act it follows", ActsAtMost(1), func() history {
		return faulted().log(12, "Stopping app:app id:1").log(13.6, "App [app:1] exited with code [0] via signal [SIGKILL]")
	}, Kept},
	{"acts as it says", ActsAtMost(1), func() history {
		return faulted().act(12, "restart", 1, 0).log(12.1, "Stopping app:app id:1")
	}, Kept},
	{"an app that is deployed meanwhile has other processes", KeepsBounds(), func() history {
		h := faulted()
		h.Header.Restless = []string{"courier"}
		for i := range h.Snapshots {
			h.Snapshots[i].Others = []evidence.Worker{{ID: 9, Name: "courier", PID: 900 + i}}
		}
		return h
	}, Kept},
	{"an app that is deployed meanwhile has gone", KeepsBounds(), func() history {
		h := faulted()
		h.Header.Restless = []string{"courier"}
		h.Snapshots[0].Others = []evidence.Worker{{ID: 9, Name: "courier", PID: 900}}
		return h
	}, Broken},
	{"another app's process is another", KeepsBounds(), func() history {
		h := faulted()
		for i := range h.Snapshots {
			h.Snapshots[i].Others = []evidence.Worker{{ID: 9, Name: "neighbour", PID: 900 + i}}
		}
		return h
	}, Broken},
	{"within its budget", ActsAtMost(1), func() history { return faulted().act(12, "restart", 1, 0) }, Kept},
	{"beyond its budget", ActsAtMost(1), func() history {
		return faulted().act(12, "restart", 1, 0).act(14, "restart", 2, 0)
	}, Broken},
	{"same daemon, same ids", KeepsBounds(), faulted, Kept},
	{"another daemon", KeepsBounds(), func() history {
		h := faulted()
		h.Snapshots[2].Daemon = 51
		return h
	}, Broken},
	{"a worker deleted", KeepsBounds(), func() history { h := faulted(); h.snapshot(29.5, 101, 102, 103); return h }, Broken},
	{"three of four", KeepsServing(3), func() history { return faulted().silence(12, 99, 101, 102) }, Kept},
	{"three of four, and one may be away", KeepsServingAllBut(1), func() history { return faulted().silence(12, 99, 101, 102) }, Kept},
	{"two of four, and one may be away", KeepsServingAllBut(1), func() history {
		return faulted().silence(12, 99, 101, 103).silence(12, 99, 102, 104)
	}, Broken},
	{"an action for each worker", ActsAtMostEach(1), func() history { return faulted().act(12, "restart", 0, 0).replace(12.5, 0, 101, 201) }, Kept},
	{"five actions for four workers", ActsAtMostEach(1), func() history {
		h := faulted()
		for _, at := range []float64{12, 13, 14, 15, 16} {
			h = h.act(at, "restart", 0, 0)
		}
		return h
	}, Broken},
	{"the fault bites", TakesEffect(), faulted, Kept},
	{"the fault does not bite", TakesEffect(), func() history { h := faulted(); h.Marks = h.Marks[:3]; return h }, Inconclusive},
	{"two of four", KeepsServing(3), func() history {
		return faulted().silence(12, 99, 101, 103).silence(12, 99, 102, 104)
	}, Broken},
	{"died at once only", StopsChurning(sec(5)), func() history { return faulted().died(12, 0) }, Kept},
	{"goes on dying", StopsChurning(sec(5)), func() history { return faulted().died(12, 0).died(16, 0) }, Broken},
	{"not watched long enough", StopsChurning(sec(20)), faulted, Inconclusive},
	{"two chances each", StartsAtMost(2), func() history { return faulted().started(0, 12, 13).started(1, 12, 13) }, Kept},
	{"a third before the injection", StartsAtMost(2), func() history { return faulted().started(0, 9, 12, 13) }, Kept},
	{"a third chance", StartsAtMost(2), func() history { return faulted().started(0, 12, 13, 14) }, Broken},
	{"nobody left", KeepsServing(1), func() history { return refusing(faulted(), 12) }, Broken},
	{"restarted as it says", TellsTheTruth(), func() history {
		return faulted().act(12, "restart", 0, 0).replace(12.5, 0, 101, 201)
	}, Kept},
	{"replaced as it says", TellsTheTruth(), func() history {
		return faulted().act(12, "replace", 0, 101).replace(12.5, 0, 101, 201)
	}, Kept},
	{"replaced nothing", TellsTheTruth(), func() history { return faulted().act(12, "replace", 0, 101) }, Broken},
	{"restarted nothing", TellsTheTruth(), func() history { return faulted().act(12, "restart", 0, 0) }, Broken},
	{"killed as it says", TellsTheTruth(), func() history {
		return faulted().act(12, "kill", 0, 101).replace(12.5, 0, 101, 201)
	}, Kept},
	{"killed nobody", TellsTheTruth(), func() history { return faulted().act(12, "kill", 0, 101) }, Broken},
	{"stopped as it says", TellsTheTruth(), func() history {
		h := faulted().act(12, "stop", 0, 0)
		h.snapshot(12.5, 0, 102, 103, 104)
		return h
	}, Kept},
	{"one run for each tick", RunsOnce(), job(as), Kept},
	{"a tick is missing", RunsOnce(), job(missing(1015, 1015)), Kept},
	{"two runs of a tick before the injection", RunsOnce(), job(again(1009)), Kept},
	{"two runs of a tick", RunsOnce(), job(again(1020)), Broken},
	{"a process that a busy host has kept waiting", RunsOnce(), job(late(1020)), Kept},
	{"no job was seen", RunsOnce(), job(none), Inconclusive},
	{"it runs on", KeepsRunning(sec(3)), job(as), Kept},
	{"two ticks are missing", KeepsRunning(sec(3)), job(missing(1015, 1016)), Kept},
	{"three ticks are missing", KeepsRunning(sec(3)), job(missing(1015, 1017)), Broken},
	{"it never runs again", KeepsRunning(sec(3)), job(upTo(1012)), Broken},
	{"it had ended before the injection", KeepsRunning(sec(3)), job(upTo(1004)), Inconclusive},
	{"no job was seen", KeepsRunning(sec(3)), job(none), Inconclusive},
	{"all are as fast as before", StaysFast(sec(5)), faulted, Kept},
	{"one is slow for a while", StaysFast(sec(10)), func() history { return faulted().slow(101, 11, 19) }, Kept},
	{"one stays slow", StaysFast(sec(5)), func() history { return faulted().slow(101, 11, 99) }, Broken},
	{"not watched long enough", StaysFast(sec(25)), faulted, Inconclusive},
	{"the daemon listens", OneListener(), listening(50), Kept},
	{"a worker listens", OneListener(), listening(101), Broken},
	{"the daemon and a worker listen", OneListener(), listening(50, 101), Broken},
	{"nobody listens", OneListener(), listening(), Broken},
	{"nobody looked", OneListener(), unseen, Inconclusive},
	{"one worker listens", LoneListener(), listening(101), Kept},
	{"the daemon listens", LoneListener(), listening(50), Broken},
	{"a stranger listens", LoneListener(), listening(77), Broken},
	{"two workers listen", LoneListener(), listening(101, 102), Broken},
	{"all get the same", SharesEvenly(evidence.LaneShort, 10), calm, Kept},
	{"one gets twice as much", SharesEvenly(evidence.LaneShort, 10), func() history { return calm().silence(0, 99, 101, 102) }, Broken},
	{"one gets a little more", SharesEvenly(evidence.LaneShort, 10), func() history { return calm().silence(28, 99, 101, 102) }, Kept},
	{"one gets more", SharesEvenly(evidence.LaneShort, 10), func() history { return calm().silence(20, 99, 101, 102) }, Broken},
	{"hardly any traffic", SharesEvenly(evidence.LaneLong, 10), calm, Inconclusive},
	{"two get it all", LeavesOut(evidence.LaneKeepAlive), keeping(101, 102), Kept},
	{"all get some on two connections", LeavesOut(evidence.LaneKeepAlive), keeping(101, 102, 103, 104), Broken},
	{"two get it all, and the others do not serve", LeavesOut(evidence.LaneKeepAlive), func() history {
		return keeping(101, 102)().silence(0, 99, 103, 101).silence(0, 99, 104, 101)
	}, Broken},
	{"no kept connections", LeavesOut(evidence.LaneKeepAlive), calm, Inconclusive},
	{"as many connections as workers", LeavesOut(evidence.LaneKeepAlive), func() history { return spread(keeping(101, 102)()) }, Inconclusive},
	{"nobody answers", AnswersReady(), func() history { return refusing(asked(), 9) }, Inconclusive},
	{"all are ready", AnswersReady(), asked, Kept},
	{"one is not", AnswersReady(), func() history { return asked().drop(12, evidence.WrongStatus, unready) }, Broken},
	{"it was not, before", AnswersReady(), func() history { return asked().drop(6, evidence.WrongStatus, unready) }, Kept},
	{"a request is lost otherwise", AnswersReady(), func() history { return asked().drop(12, evidence.Reset) }, Kept},
	{"nothing was started", AnswersReady(), calm, Inconclusive},
	{"three at the end, and each serves", Scales(3, sec(20)), func() history {
		h := asked().silence(20, 99, 104, 101)
		h.snapshot(29.5, 101, 102, 103)
		return h
	}, Kept},
	{"four wanted, four there", Scales(4, sec(5)), asked, Kept},
	{"three wanted, four there", Scales(3, sec(20)), asked, Broken},
	{"scaled late", Scales(3, sec(15)), func() history { h := asked(); h.snapshot(29.5, 101, 102, 103); return h }, Broken},
	{"one of three does not serve", Scales(3, sec(20)), func() history {
		h := asked().silence(20, 99, 103, 101)
		h.snapshot(29.5, 101, 102, 103)
		return h
	}, Broken},
	{"reset as it says", TellsTheTruth(), func() history {
		h := faulted().act(25, "reset", 1, 102)
		h.snapshot(26.5, 101, 102, 103, 104)
		return h
	}, Kept},
	{"reset nothing", TellsTheTruth(), func() history {
		h := faulted().act(25, "reset", 1, 102)
		h.snapshot(26.5, 101, 102, 103, 104)
		for _, s := range h.Snapshots {
			s.Workers[1].Restarts = 3
		}
		return h
	}, Broken},
	{"closed the port as it says", TellsTheTruth(), func() history {
		h := faulted().act(25, "release", -1, 50)
		h.snapshot(26.5, 0, 0, 0, 0)
		return h
	}, Kept},
	{"left the port open", TellsTheTruth(), func() history {
		h := faulted().act(25, "release", -1, 50)
		h.snapshot(27, 0, 0, 0, 0)
		h.Snapshots[len(h.Snapshots)-1].Listeners = []evidence.Listener{{PID: 50, Port: 3000}}
		return h
	}, Broken},
	{"took one away as it says", TellsTheTruth(), func() history {
		h := asked().act(25, "scale", 3, 104)
		h.snapshot(29.5, 101, 102, 103)
		return h
	}, Kept},
	{"took none away", TellsTheTruth(), func() history { return asked().act(25, "scale", 3, 104) }, Broken},
	{"added one as it says", TellsTheTruth(), func() history {
		h := asked().act(25, "scale", -1, 105)
		h.snapshot(29.5, 101, 102, 103, 104, 105)
		return h
	}, Kept},
	{"added none", TellsTheTruth(), func() history { return asked().act(25, "scale", -1, 105) }, Broken},
	{"added one that was there", TellsTheTruth(), func() history { return asked().act(25, "scale", -1, 104) }, Broken},
	{"all are given it, and people are told", Reconfigures("kill_timeout", sec(2)), func() history { return drifted(4, 4) }, Kept},
	{"one has what it had", Reconfigures("kill_timeout", sec(2)), func() history {
		h := drifted(4, 4)
		h.Snapshots[len(h.Snapshots)-1].Workers[2].KillTimeout = sec(1)
		return h
	}, Broken},
	{"people are told otherwise", Reconfigures("kill_timeout", sec(2)), func() history { return drifted(4, 5) }, Broken},
	{"nobody is told", Reconfigures("kill_timeout", sec(2)), func() history {
		h := drifted(4, 4)
		h.Alerts = nil
		return h
	}, Broken},
	{"it is another setting", Reconfigures("listen_timeout", sec(2)), func() history { return drifted(4, 4) }, Broken},
	{"stopped nothing", TellsTheTruth(), func() history { return faulted().act(12, "stop", 0, 0) }, Broken},
}

// TestSkips: what an engine does not declare is neither kept nor broken, and makes
// of a drill that is otherwise kept a partial one.
func TestSkips(t *testing.T) {
	silent := faulted()
	silent.Claims = nil
	unasked := faulted()
	unasked.Marks = append(unasked.Marks, evidence.Mark{Name: evidence.MarkSkipped, Note: Roll})
	for _, c := range []struct {
		name    string
		record  *evidence.Record
		promise Promise
		want    Verdict
		lacks   string
	}{
		{"it cannot detect", silent.record(), Diagnoses("c"), Skipped, Detect},
		{"it may be silent for that", silent.record(), DiagnosesNothing(), Skipped, Detect},
		{"it cannot alert", silent.record(), Alerts("c", sec(5)), Skipped, Alert},
		{"it claims nothing", silent.record(), TellsTheTruth(), Skipped, ""},
		{"outcomes are judged all the same", silent.record(), KeepsBounds(), Kept, ""},
		{"it was not asked", unasked.record(), KeepsBounds(), Skipped, Roll},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Judge(c.record, []Promise{c.promise})[0]; got.Verdict != c.want || got.Met() != (c.want == Kept) || got.Lacks != c.lacks {
				t.Errorf("%s for want of %q, want %s for %q: %s", got.Verdict, got.Lacks, c.want, c.lacks, got.Because)
			}
		})
	}
	for _, c := range []struct {
		rulings string
		want    Verdict
	}{{"", Inconclusive}, {"k", Kept}, {"ks", Partial}, {"s", Partial}, {"ksi", Inconclusive}, {"isb", Broken}, {"bs", Broken}} {
		var rulings []Ruling
		for _, letter := range c.rulings {
			v := map[rune]Verdict{'k': Kept, 's': Skipped, 'i': Inconclusive, 'b': Broken}[letter]
			rulings = append(rulings, Ruling{Verdict: v, Expected: Kept})
		}
		if got := Verdicts(rulings); got != c.want {
			t.Errorf("rulings %q sum up to %s, want %s", c.rulings, got, c.want)
		}
	}
}

func TestPromises(t *testing.T) {
	for _, h := range slices.Concat(histories, streamHistories()) {
		t.Run(h.promise.Name+"/"+h.name, func(t *testing.T) {
			got := Judge(h.record().record(), []Promise{h.promise})[0]
			if got.Verdict != h.want {
				t.Errorf("%q is %s, want %s: %s", h.promise.Sentence, got.Verdict, h.want, got.Because)
			}
			if got.Because == "" {
				t.Error("the ruling gives no reason")
			}
		})
	}
}

// TestEveryPromiseHasHistories reads the promises' names off the source, so
// that a promise nobody has seen kept and broken cannot be added: one whose
// judge always says the same fails here or in TestPromises.
func TestEveryPromiseHasHistories(t *testing.T) {
	for _, name := range declared(t) {
		seen := map[Verdict]bool{}
		for _, h := range slices.Concat(histories, handHistories(), debuggedHistories(), earlyHistories(), budgetHistories(), streamHistories()) {
			if h.promise.Name == name {
				seen[h.want] = true
			}
		}
		precondition := name == "weathers" || name == "takes-effect" // they say whether the run proves anything
		if !seen[Kept] || !(seen[Broken] || precondition && seen[Inconclusive]) {
			t.Errorf("promise %s lacks a history that keeps it or one that breaks it: %v", name, seen)
		}
	}
}

// declared lists the Name of every Promise literal of the package.
func declared(t *testing.T) []string {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if id, ok := lit.Type.(*ast.Ident); !ok || id.Name != "Promise" {
				return true
			}
			for _, e := range lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Name" {
					name, _ := strconv.Unquote(kv.Value.(*ast.BasicLit).Value)
					names = append(names, name)
				}
			}
			return true
		})
	}
	if len(names) < 10 {
		t.Fatalf("found only %d promises in the source: %v", len(names), names)
	}
	return names
}

// TestPreconditions cripples the harness one part at a time: each must make a
// promise that is otherwise kept inconclusive.
func TestPreconditions(t *testing.T) {
	noMark := func(name string) func(*evidence.Record) {
		return func(r *evidence.Record) {
			for i := range r.Marks {
				if r.Marks[i].Name == name {
					r.Marks[i].Name = "gone"
				}
			}
		}
	}
	for name, cripple := range map[string]func(*evidence.Record){
		"no steady state":      noMark(evidence.MarkSteady),
		"cut short":            noMark(evidence.MarkEnd),
		"fault off":            noMark(evidence.MarkInject),
		"fault did not bite":   noMark(evidence.MarkBitten),
		"load off":             func(r *evidence.Record) { r.Requests, r.Tallies = nil, nil },
		"ledger lost a row":    func(r *evidence.Record) { r.Requests = r.Requests[1:] },
		"ledger counted twice": func(r *evidence.Record) { r.Requests[1].ID = r.Requests[0].ID },
		"pacer lies":           func(r *evidence.Record) { r.Tallies[0].Owed++ },
		"no journal":           func(r *evidence.Record) { r.Served = nil },
		"journal disagrees":    func(r *evidence.Record) { r.Served = r.Served[1:] },
		"load below its rate":  func(r *evidence.Record) { r.Header.Lanes[0].Rate = 40 },
		"load fell silent":     func(r *evidence.Record) { r.Marks[1].At = sec(60) },
		"load fell silent early": func(r *evidence.Record) {
			r.Marks = append(r.Marks, evidence.Mark{At: sec(36), Name: evidence.MarkLoadEnd})
		},
		"host lost the noise": func(r *evidence.Record) { shift(r, evidence.LaneNoise, evidence.TimedOut) },
		"generator out of puff": func(r *evidence.Record) {
			for range 4 { // of 600
				shift(r, evidence.LaneShort, evidence.Unsent)
			}
		},
		"noise generator out of puff": func(r *evidence.Record) {
			for range 4 {
				shift(r, evidence.LaneNoise, evidence.Unsent)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := faulted().record()
			if got := Judge(r, []Promise{DropsNothing()})[0]; got.Verdict != Kept {
				t.Fatalf("whole, it is %s: %s", got.Verdict, got.Because)
			}
			cripple(r)
			if got := Judge(r, []Promise{DropsNothing()})[0]; got.Verdict != Inconclusive {
				t.Errorf("crippled, it is %s: %s", got.Verdict, got.Because)
			}
		})
	}
}

// TestJournalOfStrangers: what another process than PM2's answers is in no journal, and that
// voids nothing; an answer of PM2's own worker must be in one.
func TestJournalOfStrangers(t *testing.T) {
	for _, pid := range []int{999, 101} {
		r := faulted().looking().record()
		if err := checkServed(r); err != nil {
			t.Fatal(err)
		}
		q := r.Requests[len(r.Requests)-1]
		q.ID, q.PID, q.Lane, q.Class = "unknown", pid, evidence.LaneShort, evidence.Answered
		r.Requests = append(r.Requests, q)
		own := r.Credit()
		if err := checkServed(r); (err != nil) != own(&q) || own(&q) != (pid != 999) {
			t.Errorf("an answer of pid %d that no journal has, PM2's own %v: %v", pid, own(&q), err)
		}
	}
}

// TestMeddlingIsNotExcused: what the host spoils proves nothing, but that an engine has
// meddled it cannot have done.
func TestMeddlingIsNotExcused(t *testing.T) {
	for _, c := range []struct {
		name    string
		promise Promise
		record  func() history
		want    Verdict
	}{
		{"another daemon", KeepsBounds(), func() history { h := faulted(); h.Snapshots[2].Daemon = 51; return h }, Broken},
		{"the same daemon", KeepsBounds(), faulted, Inconclusive},
		{"the app is edited", KeepsFiles(), func() history {
			return faulted().looking().file(20, evidence.File{Path: appFile, Inode: 1, Sum: "b"})
		}, Broken},
		{"a stranger on the port", KeepsPort(), func() history { return faulted().looking().heard(20, 22, "::", 777) }, Broken},
		{"a request is lost", DropsNothing(), func() history { return asked().drop(12, evidence.Reset) }, Inconclusive},
	} {
		r := c.record().record()
		shift(r, evidence.LaneNoise, evidence.TimedOut)
		if got := Judge(r, []Promise{c.promise})[0]; got.Verdict != c.want {
			t.Errorf("%s, on a noisy host: %s is %s, want %s: %s", c.name, got.Name, got.Verdict, c.want, got.Because)
		}
	}
}

// TestLateEnd: a request that hangs holds up a drill's end, and takes nothing from the
// load that went on until it was told to stop.
func TestLateEnd(t *testing.T) {
	r := faulted().record()
	r.Marks[1].At = sec(60)
	r.Marks = append(r.Marks, evidence.Mark{At: sec(30), Name: evidence.MarkLoadEnd})
	if got := Judge(r, []Promise{DropsNothing()})[0]; got.Verdict != Kept {
		t.Errorf("it is %s: %s", got.Verdict, got.Because)
	}
}

// shift turns one answered request of a lane into another class, rows and tally.
func shift(r *evidence.Record, lane string, to evidence.Class) {
	for i := range r.Requests {
		if q := &r.Requests[i]; q.Lane == lane && q.Class != to {
			q.Class = to
			break
		}
	}
	for _, t := range r.Tallies {
		if t.Lane == lane {
			t.Counts[evidence.Answered]--
			t.Counts[to]++
		}
	}
}

func TestVerdicts(t *testing.T) {
	ruling := func(v, want Verdict) Ruling { return Ruling{Verdict: v, Expected: want} }
	for _, c := range []struct {
		name string
		in   []Ruling
		want Verdict
	}{
		{"nothing judged", nil, Inconclusive},
		{"all kept", []Ruling{ruling(Kept, Kept)}, Kept},
		{"broken as it must", []Ruling{ruling(Broken, Broken)}, Kept},
		{"kept where it must break", []Ruling{ruling(Kept, Broken)}, Broken},
		{"one broken", []Ruling{ruling(Kept, Kept), ruling(Broken, Kept)}, Broken},
		{"one open", []Ruling{ruling(Kept, Kept), ruling(Inconclusive, Kept)}, Inconclusive},
		{"one open, one broken", []Ruling{ruling(Inconclusive, Kept), ruling(Broken, Kept)}, Broken},
	} {
		if got := Verdicts(c.in); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestLater: a promise with a deadline can be had with a later one, and says so.
func TestLater(t *testing.T) {
	for _, p := range []Promise{
		Recovers(sec(10)), Replaces(sec(10)), Alerts("x", sec(10)), StopsLosing(sec(10)), StaysFast(sec(10)), StopsChurning(sec(10)),
	} {
		later := p.Later(sec(5))
		if later.Name != p.Name || !strings.Contains(p.Sentence, "10s") || !strings.Contains(later.Sentence, "15s") {
			t.Errorf("%q is %q five seconds later", p.Sentence, later.Sentence)
		}
	}
}
