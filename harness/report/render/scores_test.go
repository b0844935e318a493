package render

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

func TestScoreOfADrill(t *testing.T) {
	s := report.ScoreOf(report.DigestOfDrill(reporttest.StalledSample()))
	if s.Detect.Took != reporttest.At(4.8) || s.Detect.Floor.By != promise.FloorHeartbeat || s.Detect.Ratio < 4.84 || s.Detect.Ratio > 4.86 {
		t.Errorf("detection %+v, want 4.8 s over one heartbeat", s.Detect)
	}
	if s.Recover.Took != reporttest.At(10.1) || s.Recover.Floor.By != promise.FloorBoot || s.Recover.Ratio < 5 || s.Recover.None {
		t.Errorf("recovery %+v, want 10.1 s over a boot of about 1 s", s.Recover)
	}
	engine := 0
	for _, n := range s.ByEngine {
		engine += n
	}
	if engine == 0 || engine+s.ByFault+s.ByRest != len(reporttest.StalledSample().Losses) || s.Actions != 2 || s.Least != 3 || s.Workers != 4 {
		t.Errorf("figures %+v", s)
	}
}

// TestScoresTogether: of repeated drills none may hide behind a better one.
func TestScoresTogether(t *testing.T) {
	run := func(v promise.Verdict, took float64, floor time.Duration, drops, least int) report.Score {
		f := promise.Floor{Time: floor}
		return report.Score{Scenario: "s", Verdict: v, Detect: report.Timing{Took: reporttest.At(took), Floor: f, Ratio: f.Ratio(reporttest.At(took))},
			ByEngine: map[string]int{"short": drops}, ByFault: drops, Actions: drops, Least: least, Workers: 4}
	}
	all := report.Together([]report.Score{
		run(promise.Kept, 3, reporttest.At(1), 0, 3), run(promise.Broken, 2, reporttest.At(4), 5, 1), run(promise.Inconclusive, 9, reporttest.At(2), 1, -1),
	})
	if all.Verdict != promise.Broken || all.ByEngine["short"] != 5 || all.ByFault != 5 || all.Actions != 5 || all.Least != 1 {
		t.Errorf("together they are %+v", all)
	}
	if all.Detect.Took != reporttest.At(3) || all.Detect.Ratio != 3 {
		t.Errorf("the median detection is %+v, want that of the first run with its own floor", all.Detect)
	}
	if none := report.Together([]report.Score{{Least: -1}, {Least: -1}}); none.Detect.Took != 0 || none.Least != -1 {
		t.Errorf("of nothing known comes %+v", none)
	}
}

// TestScoreTable: rolls have no floor of detection, and a recovery that needed
// no new process says so.
func TestScoreTable(t *testing.T) {
	rolled := reporttest.StalledSample()
	rolled.Scenario = "rolled"
	for i := range rolled.Record.Marks {
		if rolled.Record.Marks[i].Name == evidence.MarkInject {
			rolled.Record.Marks[i].Kind = evidence.KindRequest
		}
	}
	lasting := reporttest.StalledSample()
	lasting.Scenario, lasting.Record.Snapshots = "lasting", nil
	text := tableText(ScoreTable(report.DigestOf(report.Report{Drills: []report.Drill{reporttest.StalledSample(), rolled, lasting}}), false))
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

func tableText(t Table) string {
	var b strings.Builder
	t.Text(&b, Paint{})
	return b.String()
}

// TestTablesFit holds the terminal's tables to its width, with the longest
// name and the largest figures that the catalogue brings.
func TestTablesFit(t *testing.T) {
	d := reporttest.StalledSample()
	d.Scenario, d.Detect, d.Recover = "twenty-letters-long-", reporttest.At(99.9), reporttest.At(99.9)
	r := report.Report{Drills: []report.Drill{d, d, d}}
	for _, tab := range []Table{ScoreTable(report.DigestOf(r), false), buildRepeatTable(report.DigestOf(r), false)} {
		for _, line := range strings.Split(tableText(tab), "\n") {
			if n := utf8.RuneCountInString(line); n > TextWidth {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}

func TestRepeats(t *testing.T) {
	good, bad, once := reporttest.StalledSample(), reporttest.StalledSample(), reporttest.HealthySample()
	good.Verdict, good.Losses = promise.Kept, nil
	good.Detect, bad.Recover = reporttest.At(2), 0
	all := report.Repeats(report.DigestOf(report.Report{Drills: []report.Drill{good, once, bad, good}}))
	if len(all) != 1 {
		t.Fatalf("%d arms are repeated, want 1", len(all))
	}
	x := all[0]
	if x.Kept != 2 || len(x.Drills) != 3 || !x.Flaky() || *x.Detect != (report.Spread[time.Duration]{Least: reporttest.At(2), Median: reporttest.At(2), Most: reporttest.At(4.8)}) ||
		*x.Recover != (report.Spread[time.Duration]{Least: reporttest.At(10.1), Median: reporttest.At(10.1), Most: reporttest.At(10.1)}) || len(x.Lanes) != 3 {
		t.Errorf("repetitions %+v", x)
	}
	text := tableText(buildRepeatTable(report.DigestOf(report.Report{Drills: []report.Drill{good, bad}}), false))
	for _, want := range []string{"flaky: 1 of 2", "2.00/4.80/4.80", "Flaky: stalled-worker engine (1 of 2)."} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	unsure := reporttest.UnsureSample()
	if text := tableText(buildRepeatTable(report.DigestOf(report.Report{Drills: []report.Drill{unsure, unsure}}), false)); !strings.Contains(text, "0 of 2, inconclusive") {
		t.Errorf("two inconclusive drills read:\n%s", text)
	}
	partly, skipped := good, promise.Ruling{Verdict: promise.Skipped, Expected: promise.Kept}
	partly.Verdict, partly.Rulings = promise.Partial, append(partly.Rulings[:1:1], skipped)
	if text := tableText(buildRepeatTable(report.DigestOf(report.Report{Drills: []report.Drill{partly, partly}}), false)); !strings.Contains(text, "2 of 2, partial") {
		t.Errorf("two partial drills read:\n%s", text)
	}
	partly.Rulings = []promise.Ruling{skipped}
	if text := tableText(buildRepeatTable(report.DigestOf(report.Report{Drills: []report.Drill{partly, partly}}), false)); !strings.Contains(text, "0 of 2, partial") {
		t.Errorf("two drills of which all was skipped read:\n%s", text)
	}
	if text := tableText(buildRepeatTable(report.DigestOf(report.Report{Drills: []report.Drill{good, good}}), false)); strings.Contains(strings.ToLower(text), "flaky") {
		t.Errorf("nothing was flaky:\n%s", text)
	}
	if text := tableText(buildRepeatTable(report.DigestOf(report.Report{Drills: []report.Drill{good, once}}), false)); text != "" {
		t.Errorf("nothing was repeated:\n%s", text)
	}
}

// TestTooSoon: a detection that needs no harm to be seen is named, and no other is.
func TestTooSoon(t *testing.T) {
	at := func(scenario string, ratio float64) report.Score {
		floor := promise.Floor{Time: 2 * time.Second, By: promise.FloorPause}
		return report.Score{Scenario: scenario, Detect: report.Timing{Took: time.Duration(ratio * float64(floor.Time)), Floor: floor, Ratio: ratio}}
	}
	if got := describeTooSoon([]report.Score{at("a", 1.2), at("b", 0.95), at("c", 0)}); got != "" {
		t.Errorf("nobody was too soon: %q", got)
	}
	if got := describeTooSoon([]report.Score{at("a", 1.2), at("b", 0.03)}); !strings.Contains(got, "b at ") || strings.Contains(got, "a at 1.2") {
		t.Errorf("it says %q", got)
	}
}
