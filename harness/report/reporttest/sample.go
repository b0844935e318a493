// Package reporttest has what the tests of the report packages share: runs made up of
// synthetic evidence, golden files and a headless browser.
package reporttest

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
)

func newKept(name, sentence, because string) promise.Ruling {
	cause := map[string]string{"stays-quiet": promise.NoCause, "diagnoses": "dependency_outage"}[name]
	return promise.Ruling{Name: name, Promise: sentence, Cause: cause, Verdict: promise.Kept, Because: because, Expected: promise.Kept}
}

// attributeLosses attributes a record's losses by a simple rule, so that the golden files
// do not depend on the wording of package promise.
func attributeLosses(r *evidence.Record, cause, why string) []promise.Loss {
	var out []promise.Loss
	for _, q := range r.Dropped() {
		l := promise.Loss{Request: q, Server: promise.NeverReceived, Worker: -1, Cause: cause, Why: why}
		if q.PID > 0 {
			l.PID, l.Worker, l.Server = q.PID, (q.PID-4300)%4, promise.Begun
			l.Why = fmt.Sprintf("worker %d (pid %d) went %d ms after it was sent; %s", l.Worker, l.PID, (q.Done - q.Sent).Milliseconds(), why)
		}
		out = append(out, l)
	}
	return out
}

func buildDrill(rec *evidence.Record, story string, verdict promise.Verdict, rulings []promise.Ruling, losses []promise.Loss) report.Drill {
	h := rec.Header
	return report.Drill{
		Scenario: h.Scenario, Arm: h.Arm, Story: story, Labels: []string{"cause:dies-at-boot", "tier:1"},
		Record: rec, Rulings: rulings, Losses: losses, Verdict: verdict,
		Phases: []report.Phase{{Name: "start", Duration: 4200 * time.Millisecond}, {Name: "steady", Duration: 6 * time.Second}, {Name: "fault", Duration: 12 * time.Second},
			{Name: "recovery", Duration: 11500 * time.Millisecond}, {Name: "collect", Duration: 1300 * time.Millisecond}},
		Command: fmt.Sprintf("pm2drill run %s --arm %s --seed 42 --node 26.10.0 --pm2 7.0.4", h.Scenario, h.Arm),
	}
}

const databaseStory = "The database goes down for 14 s while the app serves. Every worker dies with it, dies again at each boot, and PM2 gives up on all four without saying so; when the database is back, PM2 does not come back."

// buildDatabaseDown returns the first half of an incident: four workers die at 18 s and
// each boots in vain four times.
func buildDatabaseDown(arm string) *synth {
	s := newSynth("dies-at-boot-while-its-database-is-down", arm, 56*time.Second, 60)
	s.mark("steady", 9, "", "4 workers answered")
	s.mark("inject", 18, evidence.KindFault, "stopped the database")
	s.mark("bitten", 18.21, "", "the database's port refuses", 4300, 4301, 4302, 4303)
	s.mark("lift", 32, "", "")
	s.mark("lifted", 32.4, "", "the database's port accepts")
	s.mark("end", 58, "", "")
	for id := range 4 {
		d := 0.05 * float64(id)
		s.addWorker(id, 4300+id, 1+d, 2+d, 18.3+d)
		for n, t := range []float64{19.1, 20.6, 22.9, 26.2} {
			s.addWorker(id, 4310+10*n+id, t+d, 999, t+d+0.42)
			s.addEvent(t+d+0.4, "log:err", "", id, "Error: connect ECONNREFUSED 172.18.0.3:5432\n    at TCPConnectWrap.afterConnect [as oncomplete]")
		}
		s.addEvent(26.64+d, "log:PM2", "", -1, fmt.Sprintf("Script /srv/app/server.js had too many unstable restarts (5). Stopped. \"errored\" (worker %d)", id))
	}
	return s
}

// HealthySample is a drill without a fault.
func HealthySample() report.Drill {
	s := newSynth("dies-at-boot-while-its-database-is-down", evidence.ArmHealthy, 26*time.Second, 60)
	s.mark("steady", 9, "", "4 workers answered")
	s.mark("end", 28, "", "")
	s.claim(2.4, "ready", "", "", "", -1, map[string]any{"engine": "pm2drill engine", "version": "0.1.0", "capabilities": []string{"detect", "alert"}})
	for id := range 4 {
		s.addWorker(id, 4300+id, 1+0.05*float64(id), 2, 0)
	}
	return buildDrill(s.finish("stopped"), databaseStory, promise.Kept, []promise.Ruling{
		newKept("stays-quiet", "the engine leaves a healthy cluster alone", "no diagnosis, no action, no alert in 19s"),
		newKept("drops-nothing", "not one request is dropped", "1200 short, 1200 keepalive, 120 long requests, none dropped"),
	}, nil)
}

// ControlSample is a database outage that nobody heals.
func ControlSample() report.Drill {
	rec := buildDatabaseDown(evidence.ArmControl).finish("waiting restart")
	d := buildDrill(rec, databaseStory, promise.Kept, []promise.Ruling{
		{Name: "recovers", Promise: "every worker serves again within 15s", Verdict: promise.Broken, Expected: promise.Broken,
			Because: "0 of 4 workers served at the end, 26s after the fault's end", At: []time.Duration{zeroAt + At(32.4)}},
		newKept("keeps-bounds", "PM2's daemon and its list of workers stay what they were", "daemon 31 and workers [0 1 2 3] throughout"),
	}, attributeLosses(rec, promise.ByFault, "the fault's consequence"))
	return d
}

// EngineSample is the same outage, healed by an engine.
func EngineSample() report.Drill {
	s := buildDatabaseDown(evidence.ArmEngine)
	s.claim(2.4, "ready", "", "", "", -1, map[string]any{"engine": "pm2drill engine", "version": "0.1.0", "capabilities": []string{"detect", "alert"}})
	s.claim(19.92, "detected", "dependency_outage", "", "", -1, map[string]any{
		"evidence": []map[string]string{
			{"source": "log", "text": "all 4 workers: connect ECONNREFUSED 172.18.0.3:5432 at boot"},
			{"source": "probe", "text": "172.18.0.3:5432 refuses connections"},
		},
		"ruled_out": []map[string]string{{"cause": "boot_crash.deterministic", "fact": "the same code served until 18.3 s"}},
	})
	s.claim(19.95, "withheld", "", "restart", "", -1, map[string]any{"why": "the database is down: a restart would die at boot"})
	s.claim(20.1, "incident", "", "", "", -1, map[string]any{"incident": "opened"})
	s.addAlert(20.12, buildAlert("firing"))
	for id := range 4 {
		t := 32.9 + 1.35*float64(id)
		s.addWorker(id, 4400+id, t, t+0.9, 0)
		s.addAction(t-0.1, t+1.1, "restart", id, "the database answers again")
	}
	s.mark("recovered", 37.9, "", "4 workers answer")
	s.claim(38.4, "verified", "", "", "", -1, map[string]any{"by": []string{"4 of 4 workers answer", "no restart for 1 s"}})
	s.claim(38.5, "incident", "", "", "", -1, map[string]any{"incident": "resolved"})
	s.addAlert(38.52, buildAlert("resolved"))
	rec := s.finish("waiting restart")
	d := buildDrill(rec, databaseStory, promise.Kept, []promise.Ruling{
		newKept("recovers", "every worker serves again within 15s", "all 4 workers served after 5.45s"),
		newKept("diagnoses", "the engine names dependency_outage within 10s and nothing else", "named after 1.92s"),
		newKept("alerts", "the engine posts one alert with the incident's whole context within 15s", "one alert after 2.12s, with 2 facts, 1 look-alike ruled out and 4 workers"),
		newKept("spares-requests", "no action of the engine drops a request", "2999 short, 2999 keepalive, 299 long requests; the fault itself cost 1838, the engine none"),
		newKept("tells-the-truth", "PM2 and the kernel confirm every action the engine claims", "4 of 4 claimed actions are done and confirmed"),
	}, attributeLosses(rec, promise.ByFault, "the fault's consequence"))
	d.Detect, d.Recover = At(1.92), At(5.45)
	return d
}

func buildAlert(status string) map[string]any {
	workers := []map[string]any{}
	for id := range 4 {
		workers = append(workers, map[string]any{"id": id, "pid": 0, "status": "waiting restart", "derived": "gave_up", "restarts": 5})
	}
	return map[string]any{
		"engine": "pm2drill engine 0.1.0", "status": status, "app": "app", "cause": "dependency_outage", "confidence": 0.95,
		"evidence":  []map[string]string{{"source": "log", "text": "connect ECONNREFUSED 172.18.0.3:5432"}, {"source": "probe", "text": "port 5432 refuses"}},
		"ruled_out": []map[string]string{{"cause": "boot_crash.deterministic", "fact": "the same code served before"}},
		"workers":   workers, "human": "Let the app retry its first connection: server.js exits when the database refuses it at boot.",
	}
}

// StalledSample is an engine that restarts a worker which serves: its own
// action costs requests.
func StalledSample() report.Drill {
	s := newSynth("stalled-worker", evidence.ArmEngine, 40*time.Second, 60)
	s.mark("steady", 9, "", "4 workers answered")
	s.mark("inject", 15, evidence.KindFault, "blocked the event loop of pid 4302", 4302)
	s.mark("bitten", 15.05, "", "pid 4302 spins and answers nothing", 4302)
	s.mark("recovered", 22.3, "", "")
	s.mark("end", 42, "", "")
	for id := range 4 {
		l := s.addWorker(id, 4300+id, 1+0.05*float64(id), 2, 0)
		if id == 2 {
			l.stall, l.resume, l.gone = At(15), At(900), At(20.2)
			s.addWorker(2, 4352, 20.4, 21.6, 0)
		}
		if id == 1 {
			l.gone = At(24.02)
			s.addWorker(1, 4361, 24.2, 25.1, 0)
		}
	}
	s.claim(2.4, "ready", "", "", "", -1, map[string]any{"engine": "rash engine", "version": "2.0.1", "capabilities": []string{"detect", "alert"}})
	s.claim(19.8, "detected", "stalled_event_loop", "", "", -1, map[string]any{
		"evidence": []map[string]string{{"source": "proc", "text": "pid 4302 burns 100 ticks/s"}, {"source": "sockets", "text": "3 connections with unread requests"}}})
	s.addAction(20.1, 21.7, "kill", 2, "its event loop is blocked")
	s.addAction(23.9, 25.2, "restart", 1, "to be on the safe side")
	s.claim(26, "verified", "", "", "", -1, map[string]any{"by": []string{"4 of 4 workers answer"}})
	rec := s.finish("stopped")
	losses := attributeLosses(rec, promise.ByFault, "the fault hit it")
	first := time.Duration(0)
	mine := 0
	for i := range losses {
		if losses[i].PID == 4301 {
			losses[i].Cause, losses[i].Why = promise.ByEngine, "the engine's restart of worker 1, which served"
			if mine++; first == 0 {
				first = losses[i].Request.Due
			}
		}
	}
	d := buildDrill(rec, "One worker's event loop blocks for good. It keeps its port and its place in the rotation and answers nothing.", promise.Broken, []promise.Ruling{
		newKept("recovers", "every worker serves again within 15s", "all 4 workers served after 10.1s"),
		{Name: "spares-requests", Promise: "no action of the engine drops a request", Verdict: promise.Broken, Expected: promise.Kept,
			Because: fmt.Sprintf("%d lost to the engine's restart of worker 1, which served", mine), At: []time.Duration{first}},
		newKept("keeps-serving", "never fewer than 3 workers serve", "at least 3 served at any instant"),
	}, losses)
	d.Detect, d.Recover = At(4.8), At(10.1)
	return d
}

// UnsureSample is a drill that proves nothing: the host was too busy.
func UnsureSample() report.Drill {
	s := newSynth("stalled-worker", evidence.ArmHealthy, 20*time.Second, 60)
	s.mark("steady", 9, "", "")
	s.mark("end", 22, "", "")
	for id := range 4 {
		s.addWorker(id, 4300+id, 1, 2, 0)
	}
	why := "the host was too noisy: 3 of 168 requests were lost beside the cluster"
	return buildDrill(s.finish("stopped"), "Nothing is wrong.", promise.Inconclusive, []promise.Ruling{
		{Name: "stays-quiet", Promise: "the engine leaves a healthy cluster alone", Verdict: promise.Inconclusive, Expected: promise.Kept, Because: why},
	}, nil)
}

// SampleRun is the run of the samples.
func SampleRun() report.Run {
	return report.Run{
		ID: "20261101-143210-7f3a", Started: time.Date(2026, 11, 1, 14, 32, 10, 0, time.UTC), Duration: 4*time.Minute + 12*time.Second, Seed: 42,
		Versions: report.Versions{PM2Drill: "0.1.0", Engine: "pm2drill engine 0.1.0", PM2: "7.0.4", Node: "26.10.0"},
		Host:     report.Host{Cores: 2, Kernel: "6.1.0-28-amd64", Docker: "28.2.2"},
		Command:  "pm2drill run --seed 42 --node 26.10.0 --pm2 7.0.4",
	}
}

// KeptSample is a run in which everything is as it should be.
func KeptSample() report.Report {
	return report.Report{Run: SampleRun(), Drills: []report.Drill{HealthySample(), ControlSample(), EngineSample()}}
}

// BrokenSample is a run with every kind of ruling in it.
func BrokenSample() report.Report {
	r := KeptSample()
	spared := ControlSample()
	spared.Scenario, spared.Verdict = "port-held-by-a-stranger", promise.Broken
	spared.Rulings[0].Verdict, spared.Rulings[0].Because, spared.Rulings[0].At = promise.Kept, "all 4 workers served after 3.1s", nil
	none := report.Drill{Scenario: "port-held-by-a-stranger", Arm: evidence.ArmEngine, Story: "A process that PM2 does not own holds the port.",
		Verdict: promise.Inconclusive, Command: "pm2drill run port-held-by-a-stranger --arm engine --seed 42"}
	wolf, lucky := EngineSample(), StalledSample()
	wolf.Arm, wolf.Rulings[1].Cause, wolf.Rulings[1].Verdict, wolf.Verdict = evidence.ArmDecoy, "boot_crash.deterministic", promise.Broken, promise.Broken
	lucky.Verdict, lucky.Rulings[1].Verdict = promise.Kept, promise.Kept
	r.Drills = append(r.Drills, UnsureSample(), StalledSample(), spared, none, lucky, wolf)
	return r
}
