package reporttest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
)

// GateSample is three repetitions of six arms: an engine that cannot roll, one
// arm that is right twice of three times, one drill that proves nothing, and one
// that was drilled again.
func GateSample() report.Report {
	r := report.Report{Run: SampleRun()}
	r.Run.Versions.Engine, r.Run.Command = "warden", "pm2drill gate --profile core --engine '/opt/warden/warden --watch' --seed 42 --repeat 3"
	for n := range 3 {
		stalled, quiet := StalledSample(), UnsureSample()
		if n != 1 {
			spareRequests(&stalled)
		}
		if n != 2 {
			quiet.Verdict, quiet.Rulings[0].Verdict, quiet.Rulings[0].Because = promise.Kept, promise.Kept, "no diagnosis, no action, no alert in 19s"
		}
		for _, d := range []report.Drill{HealthySample(), ControlSample(), EngineSample(), quiet, stalled, UnaskedSample()} {
			r.Drills = append(r.Drills, Turn(d, n))
		}
	}
	r.Voids = []report.Drill{Turn(buildSpoiledSample(), 1)}
	return r
}

// Turn is the drill as the n-th repetition, of an engine that declares two things.
func Turn(d report.Drill, n int) report.Drill {
	rec := d.Record
	rec.Header.Seed += int64(n)
	d.Command = fmt.Sprintf("pm2drill run --arms %s --seed %d %s", d.Arm, rec.Header.Seed, d.Scenario)
	ready := map[string]any{"type": "ready", "engine": "warden", "version": "2.0.1", "capabilities": []string{promise.Detect, promise.Alert}}
	for i, c := range rec.Claims {
		if c.Type == "ready" {
			rec.Claims[i].Raw, _ = json.Marshal(ready)
		}
	}
	return d
}

// spareRequests makes of a drill whose engine dropped requests one in which it did not.
func spareRequests(d *report.Drill) {
	for i := range d.Losses {
		d.Losses[i].Cause = promise.ByFault
	}
	d.Verdict, d.Rulings[1].Verdict, d.Rulings[1].Because = promise.Kept, promise.Kept, "2041 short, 2041 keepalive, 205 long requests; the engine cost none"
}

// UnaskedSample is a roll that the engine was not asked for.
func UnaskedSample() report.Drill {
	s := newSynth("sigint-ignored", evidence.ArmEngine, 20*time.Second, 60)
	s.mark("steady", 9, "", "")
	s.mark("skipped", 15, "", promise.Roll)
	s.mark("end", 22, "", "")
	for id := range 4 {
		s.addWorker(id, 4300+id, 1, 2, 0)
	}
	lacking := func(name, sentence string) promise.Ruling {
		return promise.Ruling{Name: name, Promise: sentence, Verdict: promise.Skipped, Expected: promise.Kept,
			Because: `the engine does not declare "roll"`, Lacks: promise.Roll}
	}
	return buildDrill(s.finish("stopped"), "A rolling restart is asked for; SIGINT is caught and nothing comes of it.", promise.Partial, []promise.Ruling{
		lacking("replaces", "every worker is a new process within 60s"), lacking("drops-nothing", "not one request is dropped"),
	}, nil)
}

// buildSpoiledSample returns a drill in which the host lost requests of its own.
func buildSpoiledSample() report.Drill {
	d := UnsureSample()
	for i, tally := range d.Record.Tallies {
		if tally.Lane == evidence.LaneNoise {
			d.Record.Tallies[i].Counts = map[evidence.Class]int{evidence.Answered: tally.Owed - 4, evidence.TimedOut: 4}
		}
	}
	return d
}
