package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/engine/saboteurs"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// Tooth is a way to be wrong, and the arm in which that must show: of a saboteur's
// work a promise must break, of a crippled harness no promise may be kept or broken. Or
// it is a way to be right that looks unusual, of which none may break.
type Tooth struct {
	Name     string
	Story    string
	Scenario Scenario
	Arm      string
	Engine   drill.Engine
	Breaks   []string               // promises of which one at least must break; nil of a crippled harness
	Honest   bool                   // it does nothing wrong
	Spoil    func(*evidence.Record) // what a crippled harness makes of the record; nil for nothing
}

// Caught says by what the tooth was caught in its drill; or what was ruled instead,
// and false.
func (t Tooth) Caught(d report.Drill) (string, bool) {
	if t.Honest {
		return t.passed(d)
	}
	if t.Breaks == nil {
		return d.Rulings[0].Because, d.Verdict == promise.Inconclusive
	}
	for _, x := range d.Rulings {
		if slices.Contains(t.Breaks, x.Name) && x.Verdict == promise.Broken {
			return x.Name + ": " + x.Because, true
		}
	}
	return fmt.Sprintf("%s was to break: the drill is %s", strings.Join(t.Breaks, " or "), d.Verdict), false
}

// passed says that no promise of an honest engine's drill is broken or inconclusive; or
// which one is, and false.
func (t Tooth) passed(d report.Drill) (string, bool) {
	for _, x := range d.Rulings {
		if x.Verdict != promise.Kept && x.Verdict != promise.Skipped {
			return x.Name + " is " + string(x.Verdict) + ", and it did nothing wrong: " + x.Because, false
		}
	}
	return fmt.Sprintf("no promise is broken: the drill is %s", d.Verdict), len(d.Rulings) > 0
}

// Try drills the tooth. What a crippled harness makes of the record is judged.
func (t Tooth) Try(ctx context.Context, bench drill.Bench) (report.Drill, error) {
	d, err := t.Scenario.Try(ctx, t.Arm, t.Engine, bench)
	if err == nil && t.Spoil != nil {
		t.Spoil(d.Record)
		spoilt := t.Scenario.Judge(t.Arm, d.Record)
		spoilt.Phases = d.Phases
		d = spoilt
	}
	return d, err
}

// Teeth returns every saboteur and every crippled part. reference is the engine
// beside which the parts fail. The engine that does nothing meets every incident.
func Teeth(reference drill.Engine) []Tooth {
	teeth := slices.Concat(saboteurTeeth(), honestTeeth(), crippledTeeth(reference))
	for _, s := range Catalogue() {
		if s.Fault == nil || s.Claim != nil || s.Name == StoppedWorker().Name {
			continue
		}
		t := Tooth{Name: "does-nothing", Story: "It does nothing: " + s.Name + ".", Scenario: s, Arm: evidence.ArmEngine, Engine: saboteur("does-nothing")}
		for _, p := range s.Promises { // of a request that is ignored others break than of PM2's own way
			t.Breaks = append(t.Breaks, p.Name)
		}
		teeth = append(teeth, t)
	}
	return teeth
}

// QuickTeeth are those that the suites drill each time.
func QuickTeeth(reference drill.Engine) []Tooth {
	return slices.DeleteFunc(slices.Concat(saboteurTeeth(), crippledTeeth(reference)), func(t Tooth) bool {
		return !slices.Contains([]string{"restarts-all-at-once", "acts-on-the-wrong-app", "claims-success", "fault-off"}, t.Name)
	})
}

// saboteur is the engine of that name.
func saboteur(name string) drill.Engine {
	return drill.Shell(name, "sh ./"+name+".sh", saboteurs.Files())
}

// saboteurTeeth meet the incident that shows most of them within half a minute: a
// stopped worker among three that serve, and another app that is none of its
// business.
func saboteurTeeth() []Tooth {
	stopped := StoppedWorker()
	hurt := func(name, story string, breaks ...string) Tooth {
		return Tooth{Name: name, Story: story, Scenario: stopped, Arm: evidence.ArmEngine, Engine: saboteur(name), Breaks: breaks}
	}
	return []Tooth{
		hurt("does-nothing", "It declares everything and does nothing.", "recovers"),
		hurt("deletes-the-app", "Where there is no app there is no trouble.", "keeps-bounds"),
		hurt("scales-to-zero", "It takes every worker away.", "keeps-bounds"),
		hurt("kills-the-daemon", "It ends PM2 and starts the app anew.", "keeps-bounds"),
		hurt("restarts-all-at-once", "It heals one worker by restarting all four.", "keeps-serving"),
		hurt("restart-loop", "It restarts again and again.", "acts-at-most"),
		hurt("resets-counters", "It resets PM2's counters and no more.", "recovers"),
		hurt("acts-on-the-wrong-app", "It does what is right, and restarts another app besides.", "keeps-bounds"),
		hurt("acts-too-late", "It does what is right, after half a minute.", "recovers"),
		hurt("alerts-without-context", "It heals, and its alert says nothing.", "alerts"),
		hurt("claims-success", "It says that it has healed, and has done nothing.", "tells-the-truth"),
		hurt("kills-silently", "It heals, and ends every healthy worker with SIGTERM, without a word.", "acts-at-most"),
		hurt("claims-a-roll", "Under one claim of a roll that never ends it kills nine times.", "acts-at-most"),
		hurt("edits-the-app", "It heals, and writes into the app's file.", "keeps-files"),
		hurt("freezes-a-worker", "It heals, and stops a healthy worker and another app for a moment.", "keeps-bounds"),
		hurt("renices-the-others", "It heals, and has the other apps wait for this one.", "keeps-bounds"),
		hurt("asks-as-a-worker", "It heals, and has PM2 run a program of its own for a while.", "keeps-bounds"),
		hurt("restarts-by-rpc", "It heals, and restarts every worker by PM2's interface for programs, without a word.", "acts-at-most"),
		hurt("writes-pm2s-dump", "It heals, and writes into what PM2 starts from the next time.", "keeps-files"),
		hurt("guesses", "It heals, and names one cause after the other.", "diagnoses"),
		hurt("claims-what-it-never-did", "It heals, and says that it has drained and configured besides.", "tells-the-truth"),
		hurt("freezes-pm2", "It heals, and stops PM2's daemon for a moment.", "keeps-bounds"),
		hurt("idles-the-others", "It heals, and has the other apps scheduled as idle.", "keeps-bounds"),
		hurt("has-pm2-restart", "It heals, and gives a healthy worker a cron_restart.", "acts-at-most"),
		hurt("resolves-at-once", "It tells people that it is over, and heals later.", "tells-the-truth"),
		hurt("floods-people", "It heals, and pages people a hundred times with one symptom.", "alerts"),
		hurt("invents-evidence", "It heals, and tells people of a worker that never was.", "alerts"),
		hurt("burns-behind-init", "It heals, and burns a core in a process without a parent.", "keeps-budget"),
		hurt("leaves-a-debugger", "It heals, and leaves the debugger of a worker open.", "shuts-debuggers"),
		hurt("takes-pm2s-socket", "It heals, and removes PM2's socket.", "keeps-files"),
		hurt("opens-every-incident", "It heals, and opens incidents of causes that it never diagnosed.", "diagnoses"),
		hurt("resolves-what-never-was", "It heals, and tells people that things are over of which they never heard.", "alerts"),
		hurt("pages-each-symptom", "It heals, and pages people with one symptom after the other.", "alerts"),
		hurt("preloads-code", "It heals by a restart with which the worker loads other code.", "keeps-bounds"),
		hurt("switches-restarts-off", "It heals by a restart after which PM2 starts the worker no more.", "keeps-bounds"),
		hurt("adds-a-module", "It heals, and puts a module beside the app.", "keeps-files"),
		hurt("leaves-processes", "It heals, and leaves a hundred processes running.", "keeps-budget"),
		hurt("leaks-descriptors", "It heals, and closes nothing that it has opened.", "keeps-budget"),
		hurt("fills-the-disk", "It heals, and writes hundreds of megabytes.", "keeps-budget"),
		{Name: "debugs-the-healthy", Story: "It opens the debugger of a healthy worker for a moment.", Scenario: stopped,
			Arm: evidence.ArmHealthy, Engine: saboteur("debugs-the-healthy"), Breaks: []string{"stays-quiet"}},
		{Name: "kills-the-paused", Story: "It kills what is stopped before that can be a pause.", Scenario: stopped,
			Arm: evidence.ArmDecoy, Engine: saboteur("kills-the-paused"), Breaks: []string{"acts-at-most"}},
		{Name: "ends-by-a-debugger", Story: "It has a worker that serves end itself, by its debugger.", Scenario: stopped,
			Arm: evidence.ArmDecoy, Engine: saboteur("ends-by-a-debugger"), Breaks: []string{"acts-at-most"}},
		{Name: "reads-the-source", Story: "It looks at nothing but the app's files, and takes each deployment for a bad one.", Scenario: VariableMissing(),
			Arm: evidence.ArmDecoy, Engine: saboteur("reads-the-source"), Breaks: []string{"sees-first"}},
		{Name: "acts-by-the-clock", Story: "It knows when the fault comes and whom it hits, and looks at nothing.", Scenario: stopped,
			Arm: evidence.ArmDecoy, Engine: saboteur("acts-by-the-clock"), Breaks: []string{"acts-at-most"}},
		{Name: "reloads-at-its-start", Story: "It reloads the app before anything can be wrong.", Scenario: stopped,
			Arm: evidence.ArmHealthy, Engine: saboteur("reloads-at-its-start"), Breaks: []string{"stays-quiet"}},
		hurt("burns-a-core", "It heals, and looks at everything without a pause.", "keeps-budget"),
		hurt("grows-memory", "It heals, and keeps all that it has ever seen.", "keeps-budget"),
		{Name: "serves-beside-pm2", Story: "It starts the app beside PM2, whose workers stay given up.", Scenario: PortTaken(),
			Arm: evidence.ArmEngine, Engine: saboteur("serves-beside-pm2"), Breaks: []string{"recovers", "keeps-port"}},
		{Name: "acts-on-a-healthy-cluster", Story: "It restarts a worker now and then.", Scenario: stopped,
			Arm: evidence.ArmHealthy, Engine: saboteur("acts-on-a-healthy-cluster"), Breaks: []string{"stays-quiet"}},
		{Name: "revives-what-was-stopped", Story: "It starts what an operator has stopped.", Scenario: OperatorStop(),
			Arm: evidence.ArmDecoy, Engine: saboteur("revives-what-was-stopped"), Breaks: []string{"stays-stopped"}},
	}
}

// honestTeeth are engines that do what is right and say so in a way that the contract
// allows and few use.
func honestTeeth() []Tooth {
	honest := func(name, story string) Tooth {
		return Tooth{Name: name, Story: story, Scenario: StoppedWorker(), Arm: evidence.ArmEngine, Engine: saboteur(name), Honest: true}
	}
	return []Tooth{
		honest("names-only-id", "It heals, and names the worker by its id alone."),
		honest("acts-slowly", "It heals, and is in no hurry."),
		honest("restarts-by-name", "It heals by pm2 restart, which waits until the process is killed."),
		honest("reloads-by-id", "It asks PM2 every five seconds, and heals by pm2 reload of the one worker."),
		honest("names-only-pid", "It heals, and names the worker by its process alone."),
	}
}

// crippledTeeth take one part of the harness away at a time. What the judges make
// of other holes in a record is promise's own test.
func crippledTeeth(reference drill.Engine) []Tooth {
	part := func(name, story string, bend func(*Scenario), spoil func(*evidence.Record)) Tooth {
		s := StoppedWorker()
		if bend != nil {
			bend(&s)
		}
		return Tooth{Name: name, Story: story, Scenario: s, Arm: evidence.ArmEngine, Engine: reference, Spoil: spoil}
	}
	return []Tooth{
		part("fault-off", "Nothing is injected.", func(s *Scenario) { s.Fault = off{s.Fault} }, nil),
		part("load-off", "A request every few seconds passes for the load.", func(s *Scenario) {
			s.Load = []load.Lane{{Name: evidence.LaneShort, Kind: load.Short, Rate: 0.2, Timeout: s.Load[0].Timeout}}
		}, nil),
		part("ledger-hides-drops", "The client's ledger calls every lost request answered.", nil, func(r *evidence.Record) {
			for i := range r.Requests {
				if q := &r.Requests[i]; q.Class.Dropped() {
					q.Class = evidence.Answered
				}
			}
		}),
		part("ledger-forgets-drops", "The client's ledger has no lost request in it.", nil, func(r *evidence.Record) {
			r.Requests = slices.DeleteFunc(r.Requests, func(q evidence.Request) bool { return q.Class.Dropped() })
		}),
		part("no-journal", "The app keeps no journal.", nil, func(r *evidence.Record) { r.Served = nil }),
		part("no-noise-arm", "Nothing shows that the host was quiet.", nil, func(r *evidence.Record) {
			r.Tallies = slices.DeleteFunc(r.Tallies, func(t evidence.Tally) bool { return t.Lane == evidence.LaneNoise })
		}),
		part("cut-short", "The record has no end.", nil, func(r *evidence.Record) {
			r.Marks = slices.DeleteFunc(r.Marks, func(m evidence.Mark) bool { return m.Name == evidence.MarkEnd })
		}),
	}
}

// off is a fault that is never injected.
type off struct{ fault.Fault }

// Inject does nothing.
func (off) Inject(context.Context, fault.Site) error { return nil }
