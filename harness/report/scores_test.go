package report

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

func TestScoreOfADrill(t *testing.T) {
	s := scoreOf(DigestOfDrill(stalledSample()))
	if s.detect.took != at(4.8) || s.detect.floor.By != promise.FloorHeartbeat || s.detect.ratio < 4.84 || s.detect.ratio > 4.86 {
		t.Errorf("detection %+v, want 4.8 s over one heartbeat", s.detect)
	}
	if s.recover.took != at(10.1) || s.recover.floor.By != promise.FloorBoot || s.recover.ratio < 5 || s.recover.none {
		t.Errorf("recovery %+v, want 10.1 s over a boot of about 1 s", s.recover)
	}
	engine := 0
	for _, n := range s.byEngine {
		engine += n
	}
	if engine == 0 || engine+s.byFault+s.byRest != len(stalledSample().Losses) || s.actions != 2 || s.least != 3 || s.workers != 4 {
		t.Errorf("figures %+v", s)
	}
}

// TestScoresTogether: of repeated drills none may hide behind a better one.
func TestScoresTogether(t *testing.T) {
	run := func(v promise.Verdict, took float64, floor time.Duration, drops, least int) score {
		f := promise.Floor{Time: floor}
		return score{scenario: "s", verdict: v, detect: timing{took: at(took), floor: f, ratio: f.Ratio(at(took))},
			byEngine: map[string]int{"short": drops}, byFault: drops, actions: drops, least: least, workers: 4}
	}
	all := together([]score{
		run(promise.Kept, 3, at(1), 0, 3), run(promise.Broken, 2, at(4), 5, 1), run(promise.Inconclusive, 9, at(2), 1, -1),
	})
	if all.verdict != promise.Broken || all.byEngine["short"] != 5 || all.byFault != 5 || all.actions != 5 || all.least != 1 {
		t.Errorf("together they are %+v", all)
	}
	if all.detect.took != at(3) || all.detect.ratio != 3 {
		t.Errorf("the median detection is %+v, want that of the first run with its own floor", all.detect)
	}
	if none := together([]score{{least: -1}, {least: -1}}); none.detect.took != 0 || none.least != -1 {
		t.Errorf("of nothing known comes %+v", none)
	}
}

// TestScoreTable: rolls have no floor of detection, and a recovery that needed
// no new process says so.
func TestScoreTable(t *testing.T) {
	rolled := stalledSample()
	rolled.Scenario = "rolled"
	for i := range rolled.Record.Marks {
		if rolled.Record.Marks[i].Name == evidence.MarkInject {
			rolled.Record.Marks[i].Kind = evidence.KindRequest
		}
	}
	lasting := stalledSample()
	lasting.Scenario, lasting.Record.Snapshots = "lasting", nil
	text := tableText(scoreTable(DigestOf(Report{Drills: []Drill{stalledSample(), rolled, lasting}}), false))
	for scenario, want := range map[string]string{
		"stalled-worker": "4.80 s 0.99 s 4.85× 10.1 s",
		"rolled":         "4.80 s 10.1 s",
		"lasting":        "4.80 s 0.99 s 4.85× 10.1 s none ",
	} {
		line := ""
		for _, l := range strings.Split(text, "\n") {
			if strings.HasPrefix(l, "✗ "+scenario) {
				line = strings.Join(strings.Fields(l), " ")
			}
		}
		if !strings.Contains(line, want) {
			t.Errorf("the line of %s is %q, and lacks %q", scenario, line, want)
		}
	}
	if !strings.Contains(text, " 1/1/2 ") || !strings.Contains(text, "Dropped by the engine: short/keepalive/long.") {
		t.Errorf("the engine's drops are not told by lane:\n%s", text)
	}
}

func tableText(t table) string {
	var b strings.Builder
	t.text(&b, paint{})
	return b.String()
}

// TestTablesFit holds the terminal's tables to its width, with the longest
// name and the largest figures that the catalogue brings.
func TestTablesFit(t *testing.T) {
	d := stalledSample()
	d.Scenario, d.Detect, d.Recover = "twenty-letters-long-", at(99.9), at(99.9)
	r := Report{Drills: []Drill{d, d, d}}
	for _, tab := range []table{scoreTable(DigestOf(r), false), repeatTable(DigestOf(r), false)} {
		for _, line := range strings.Split(tableText(tab), "\n") {
			if n := utf8.RuneCountInString(line); n > textWidth {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}

func TestRepeats(t *testing.T) {
	good, bad, once := stalledSample(), stalledSample(), healthySample()
	good.Verdict, good.Losses = promise.Kept, nil
	good.Detect, bad.Recover = at(2), 0
	all := repeats(DigestOf(Report{Drills: []Drill{good, once, bad, good}}))
	if len(all) != 1 {
		t.Fatalf("%d arms are repeated, want 1", len(all))
	}
	x := all[0]
	if x.kept != 2 || len(x.drills) != 3 || !x.flaky() || *x.detect != (span3[time.Duration]{at(2), at(2), at(4.8)}) ||
		*x.recover != (span3[time.Duration]{at(10.1), at(10.1), at(10.1)}) || len(x.lanes) != 3 {
		t.Errorf("repetitions %+v", x)
	}
	text := tableText(repeatTable(DigestOf(Report{Drills: []Drill{good, bad}}), false))
	for _, want := range []string{"flaky: 1 of 2", "2.00/4.80/4.80", "Flaky: stalled-worker engine (1 of 2)."} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	unsure := unsureSample()
	if text := tableText(repeatTable(DigestOf(Report{Drills: []Drill{unsure, unsure}}), false)); !strings.Contains(text, "0 of 2, inconclusive") {
		t.Errorf("two inconclusive drills read:\n%s", text)
	}
	partly, skipped := good, promise.Ruling{Verdict: promise.Skipped, Expected: promise.Kept}
	partly.Verdict, partly.Rulings = promise.Partial, append(partly.Rulings[:1:1], skipped)
	if text := tableText(repeatTable(DigestOf(Report{Drills: []Drill{partly, partly}}), false)); !strings.Contains(text, "2 of 2, partial") {
		t.Errorf("two partial drills read:\n%s", text)
	}
	partly.Rulings = []promise.Ruling{skipped}
	if text := tableText(repeatTable(DigestOf(Report{Drills: []Drill{partly, partly}}), false)); !strings.Contains(text, "0 of 2, partial") {
		t.Errorf("two drills of which all was skipped read:\n%s", text)
	}
	if text := tableText(repeatTable(DigestOf(Report{Drills: []Drill{good, good}}), false)); strings.Contains(strings.ToLower(text), "flaky") {
		t.Errorf("nothing was flaky:\n%s", text)
	}
	if text := tableText(repeatTable(DigestOf(Report{Drills: []Drill{good, once}}), false)); text != "" {
		t.Errorf("nothing was repeated:\n%s", text)
	}
}

// TestTooSoon: a detection that needs no harm to be seen is named, and no other is.
func TestTooSoon(t *testing.T) {
	at := func(scenario string, ratio float64) score {
		return score{scenario: scenario, detect: timing{ratio: ratio}}
	}
	if got := tooSoon([]score{at("a", 1.2), at("b", 0.95), at("c", 0)}); got != "" {
		t.Errorf("nobody was too soon: %q", got)
	}
	if got := tooSoon([]score{at("a", 1.2), at("b", 0.03)}); !strings.Contains(got, "b at ") || strings.Contains(got, "a at 1.2") {
		t.Errorf("it says %q", got)
	}
}
