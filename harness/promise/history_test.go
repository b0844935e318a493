package promise

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// history builds the record of a drill of four workers, pids 101 to 104, that
// serve from 0 s on. Tests bend it. Times are seconds.
type history struct {
	*evidence.Record
	n map[string]int
}

func sec(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// healthy serves from 0 s to 30 s with a steady mark at 5 s, no fault.
func healthy() history {
	h := history{Record: &evidence.Record{}, n: map[string]int{}}
	h.Header = evidence.Header{Arm: evidence.ArmHealthy, App: "app", Workers: 4, Lanes: []evidence.LaneSpec{
		{Lane: evidence.LaneShort, Rate: 20, Timeout: sec(2)},
	}}
	h.Marks = []evidence.Mark{{At: sec(5), Name: evidence.MarkSteady}, {At: sec(31), Name: evidence.MarkEnd}}
	for i := range 600 {
		h.answer(float64(i)/20, 101+i%4)
		h.settle(evidence.Request{Lane: evidence.LaneNoise, Due: sec(float64(i) / 20), Class: evidence.Answered})
	}
	for _, t := range []float64{1, 10, 29} {
		h.snapshot(t, 101, 102, 103, 104)
	}
	h.Claims = []evidence.Claim{{At: sec(1), Type: "ready", ID: -1, Raw: []byte(`{"capabilities":["detect","alert"]}`)}}
	return h
}

// faulted is healthy with a fault injected at 10 s that bit.
func faulted() history {
	h := healthy()
	h.Header.Arm = evidence.ArmEngine
	h.Marks = append(h.Marks,
		evidence.Mark{At: sec(10), Name: evidence.MarkInject, Kind: evidence.KindFault},
		evidence.Mark{At: sec(11), Name: evidence.MarkBitten})
	return h
}

// asked is faulted with a request in the place of the fault.
func asked() history {
	h := faulted()
	h.Marks[2].Kind = evidence.KindRequest
	return h
}

func (h history) answer(t float64, pid int) {
	h.settle(evidence.Request{Lane: evidence.LaneShort, Due: sec(t), Class: evidence.Answered, PID: pid})
}

// settle adds a request that took 20 ms, and the app's account of an answer.
func (h history) settle(q evidence.Request) {
	h.n[q.Lane]++
	q.ID = fmt.Sprintf("%s-%d", q.Lane, h.n[q.Lane])
	q.Sent, q.Done = q.Due, q.Due+sec(0.02)
	h.Requests = append(h.Requests, q)
	if q.Class == evidence.Answered && q.Lane != evidence.LaneNoise {
		h.Served = append(h.Served, evidence.Served{At: q.Done, ID: q.ID, PID: q.PID, Phase: Finished})
	}
}

func (h history) snapshot(t float64, pids ...int) {
	s := evidence.Snapshot{At: sec(t), Daemon: 50}
	for i, pid := range pids {
		s.Workers = append(s.Workers, evidence.Worker{ID: i, PID: pid, Alive: pid > 0})
	}
	h.Snapshots = append(h.Snapshots, s)
}

// silence takes a pid's answers away from t on, and gives the load to another.
func (h history) silence(from, to float64, pid, other int) history {
	for i := range h.Requests {
		q := &h.Requests[i]
		if q.PID == pid && q.Due >= sec(from) && q.Due < sec(to) {
			q.PID = other
		}
	}
	return h
}

func (h history) drop(t float64, c evidence.Class, edit ...func(*evidence.Request)) history {
	q := evidence.Request{Lane: evidence.LaneShort, Due: sec(t), Class: c}
	for _, e := range edit {
		e(&q)
	}
	h.settle(q)
	return h
}

// refusing has nobody answer from t on.
func refusing(h history, t float64) history {
	for i := range h.Requests {
		if q := &h.Requests[i]; q.Lane == evidence.LaneShort && q.Due > sec(t) {
			q.Class, q.PID = evidence.Refused, 0
		}
	}
	return h
}

func (h history) exit(t float64, id, pid int) history {
	h.Exits = append(h.Exits, evidence.Exit{At: sec(t), PID: pid, ID: id})
	return h
}

// died is what PM2's bus says of a worker that ended.
func (h history) died(t float64, id int) history {
	h.Events = append(h.Events, evidence.Event{At: sec(t), Topic: "process:event", Event: "exit", ID: id, Name: h.Header.App})
	return h
}

// started has PM2 start the worker at each of these times.
func (h history) started(id int, times ...float64) history {
	for _, t := range times {
		h.Events = append(h.Events, evidence.Event{At: sec(t), Topic: "process:event", Event: "online", ID: id, Name: h.Header.App})
	}
	return h
}

// mark adds a mark.
func (h history) mark(t float64, name string) history {
	h.Marks = append(h.Marks, evidence.Mark{At: sec(t), Name: name, Note: "noted"})
	return h
}

// crashed is a worker's process that ended with an exit code of its own, as PM2 logs it.
func (h history) crashed(t float64, id, pid int) history {
	return h.exit(t, id, pid).log(t+0.01, fmt.Sprintf("App [app:%d] exited with code [1] via signal [SIGINT]", id))
}

// killed is a worker's process that a signal ended, as PM2 logs it.
func (h history) killed(t float64, id, pid int, signal string) history {
	return h.exit(t, id, pid).log(t+0.01, fmt.Sprintf("App [app:%d] exited with code [0] via signal [%s]", id, signal))
}

// log is a line of PM2's own log.
func (h history) log(t float64, text string) history {
	h.Events = append(h.Events, evidence.Event{At: sec(t), Topic: "log:PM2", ID: -1, Text: text})
	return h
}

func (h history) claim(t float64, c evidence.Claim) history {
	c.At = sec(t)
	h.Claims = append(h.Claims, c)
	return h
}

func (h history) detect(t float64, cause string) history {
	return h.claim(t, evidence.Claim{Type: "detected", Cause: cause, ID: -1})
}

// act claims an action from t to t+1.
func (h history) act(t float64, action string, id, pid int) history {
	h = h.claim(t, evidence.Claim{Type: "action", Action: action, Phase: "begin", ID: id, PID: pid})
	return h.claim(t+1, evidence.Claim{Type: "action", Action: action, Phase: "done", ID: id, PID: pid})
}

func (h history) alert(t float64, edit ...func(map[string]any)) history {
	body := map[string]any{
		"status": "firing", "app": "app", "cause": "c",
		"evidence":  []any{map[string]any{"source": "proc", "text": "pid 101 is in state T"}},
		"ruled_out": []any{map[string]any{"cause": "other", "fact": "it is not"}},
		"workers":   []any{map[string]any{"id": 0, "pid": 101}}, "human": "change x", "dedupe": "d",
	}
	for _, e := range edit {
		e(body)
	}
	raw, _ := json.Marshal(body)
	h.Alerts = append(h.Alerts, evidence.Alert{At: sec(t), Body: raw})
	return h
}

// symptom tells people of a symptom whose cause is not known.
func (h history) symptom(t float64, key string) history {
	h = h.claim(t, evidence.Claim{Type: "symptom", ID: -1})
	return h.alert(t, func(a map[string]any) { a["cause"], a["symptom"], a["dedupe"] = "undetermined", "no_service", key })
}

func (h history) lifted(t float64) history {
	h.Marks = append(h.Marks, evidence.Mark{At: sec(t), Name: evidence.MarkLifted})
	return h
}

// replace ends a worker's process at t and has another one answer in its stead.
func (h history) replace(t float64, id, pid, with int) history {
	h = h.exit(t, id, pid).silence(t, 99, pid, with)
	pids := []int{101, 102, 103, 104}
	pids[id] = with
	h.snapshot(t+0.2, pids...)
	return h
}

// record is the finished record: rows in order of time, tallies that balance.
func (h history) record() *evidence.Record {
	counts := map[string]map[evidence.Class]int{}
	for _, q := range h.Requests {
		if counts[q.Lane] == nil {
			counts[q.Lane] = map[evidence.Class]int{}
		}
		counts[q.Lane][q.Class]++
	}
	for lane, by := range counts {
		owed := 0
		for _, n := range by {
			owed += n
		}
		h.Tallies = append(h.Tallies, evidence.Tally{Lane: lane, Owed: owed, Counts: by})
	}
	return h.Record
}

// job is a fault under which the app's job goes on running every second, from 0
// s to 30 s, as bent by edit.
func job(edit func([]evidence.JobRun) []evidence.JobRun) func() history {
	return func() history {
		h := faulted()
		for i := range 31 {
			h.JobRuns = append(h.JobRuns, evidence.JobRun{At: sec(float64(i) + 0.01), Tick: int64(1000 + i), PID: 101})
		}
		h.JobRuns = edit(h.JobRuns)
		return h
	}
}

// as is the job as it should be; the others are what becomes of it.
func as(r []evidence.JobRun) []evidence.JobRun                  { return r }
func none([]evidence.JobRun) []evidence.JobRun                  { return nil }
func upTo(tick int64) func([]evidence.JobRun) []evidence.JobRun { return missing(tick+1, 9999) }

// missing takes the ticks from and to and those between away.
func missing(from, to int64) func([]evidence.JobRun) []evidence.JobRun {
	return func(r []evidence.JobRun) []evidence.JobRun {
		return slices.DeleteFunc(r, func(run evidence.JobRun) bool { return from <= run.Tick && run.Tick <= to })
	}
}

// again has another worker run a tick too.
func again(tick int64) func([]evidence.JobRun) []evidence.JobRun {
	return func(r []evidence.JobRun) []evidence.JobRun {
		return append(r, evidence.JobRun{At: sec(float64(tick-1000) + 0.05), Tick: tick, PID: 102})
	}
}

// late has the process that runs a tick take the one before for that tick too.
func late(tick int64) func([]evidence.JobRun) []evidence.JobRun {
	return func(r []evidence.JobRun) []evidence.JobRun {
		for i := range r {
			if r[i].Tick == tick-1 {
				r[i].At, r[i].Tick = r[i].At+sec(0.6), tick
			}
		}
		return r
	}
}

// slow makes a worker's answers that are due between the two moments take a
// second longer.
func (h history) slow(pid int, from, to float64) history {
	for i := range h.Requests {
		if q := &h.Requests[i]; q.PID == pid && q.Due >= sec(from) && q.Due <= sec(to) {
			q.Done += sec(1)
		}
	}
	return h
}

// weathered is a fault in which every worker was replaced once, a worker paused
// at the two moments, and one computed from 12 s to 23 s.
func weathered(pauses ...float64) func() history {
	return func() history {
		h := faulted()
		for id := range 4 {
			h = h.replace(24+float64(id), id, 101+id, 201+id)
		}
		for _, t := range pauses {
			h = h.slow(102, t, t+0.1)
		}
		h.Snapshots = nil
		for t := range 30 {
			h.snapshot(float64(t), 101, 102, 103, 104)
			h.Snapshots[t].Workers[0].CPU = 90 * (min(max(t, 12), 23) - 12)
		}
		return h
	}
}

// calm is a claim's arm in which nothing is injected, on purpose.
func calm() history {
	h := healthy()
	h.Header.Arm, h.Header.Calm = evidence.ArmClaim, true
	return h
}

// listening is a fault under which these pids listen on the port. The daemon is
// 50, its workers 101 to 104.
func listening(pids ...int) func() history {
	return func() history {
		h := faulted()
		h.snapshot(20, 101, 102, 103, 104)
		for i := range h.Snapshots {
			h.Snapshots[i].Children = []int{101, 102, 103, 104}
			for _, pid := range pids {
				h.Snapshots[i].Listeners = append(h.Snapshots[i].Listeners, evidence.Listener{PID: pid, Port: 3000})
			}
		}
		return h
	}
}

// unseen is a fault under which nobody looked at the cluster.
func unseen() history {
	h := faulted()
	h.Snapshots = nil
	return h
}

// keeping is calm with kept connections to these workers.
func keeping(pids ...int) func() history {
	return func() history {
		h := calm()
		for i := range 300 {
			h.settle(evidence.Request{Lane: evidence.LaneKeepAlive, Due: sec(float64(i) / 10), Class: evidence.Answered, PID: pids[i%len(pids)]})
		}
		return h
	}
}

// spread gives the kept connections four numbers.
func spread(h history) history {
	for i := range h.Requests {
		h.Requests[i].Conn = i % 4
	}
	return h
}

// unready is the answer of a worker that is still starting.
func unready(q *evidence.Request) { q.PID, q.Status = 201, 503 }

// drifted ends with a kill_timeout of has seconds for all, and an alert that says
// it is said.
func drifted(has, said float64) history {
	h := asked()
	h.snapshot(29.5, 101, 102, 103, 104)
	last := h.Snapshots[len(h.Snapshots)-1]
	for i := range last.Workers {
		last.Workers[i].KillTimeout = sec(has)
	}
	return h.alert(20, func(a map[string]any) {
		a["drift"] = []any{map[string]any{"key": "kill_timeout", "was": 1000, "now": said * 1000}}
	})
}

// begun adds the app's word that a pid had the request and did not finish it.
func begun(h history, pid int) history {
	q := h.Requests[len(h.Requests)-1]
	h.Served = append(h.Served, evidence.Served{At: q.Sent, ID: q.ID, PID: pid, Phase: Begun})
	return h
}

// finished adds the app's word that a pid has answered the request.
func finished(h history, pid int) history {
	h = begun(h, pid)
	h.Served[len(h.Served)-1].Phase = Finished
	return h
}

// failing is an answer of that worker with an error.
func failing(pid int) func(*evidence.Request) {
	return func(q *evidence.Request) { q.PID, q.Status = pid, 503 }
}

// killedWith is a rehearsal in which worker 101 is killed, and a request lost that the
// worker of that pid had begun.
func killedWith(pid int) history {
	h := begun(faulted().replace(11, 0, 101, 201).drop(10.9, evidence.Reset), pid)
	h.Header.Arm = evidence.ArmRehearsal
	for i := range h.Marks {
		if h.Marks[i].Name == evidence.MarkBitten {
			h.Marks[i].PIDs = []int{101}
		}
	}
	return h
}
