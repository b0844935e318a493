package conformance

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// shardDrill names a drill of a whole run.
func shardDrill(d report.Drill) report.ShardDrill {
	return report.ShardDrill{Scenario: d.Scenario, Arm: d.Arm, Seed: d.Record.Header.Seed}
}

// wholeOf is what a shard says of a whole run.
func wholeOf(r report.Report) (whole []report.ShardDrill) {
	for _, d := range r.Drills {
		whole = append(whole, shardDrill(d))
	}
	return whole
}

// split divides a report among n shards by scenario, which name is given out in turn, and
// writes and reads each as a run would.
func split(t *testing.T, r report.Report, n int) []report.Report {
	t.Helper()
	var names []string
	shards := make([]report.Report, n)
	for i := range shards {
		shards[i].Run = r.Run
		shards[i].Run.Shard = &report.Shard{Index: i + 1, Of: n, Whole: wholeOf(r), EngineSum: "e", WholeCommand: r.Run.Command}
	}
	for _, d := range r.Drills {
		at := slices.Index(names, d.Scenario)
		if at < 0 {
			at, names = len(names), append(names, d.Scenario)
		}
		s := &shards[at%n]
		s.Drills = append(s.Drills, d)
		s.Run.Shard.Due++
	}
	shards[0].Voids = r.Voids
	for i, s := range shards {
		dir := fmt.Sprintf("%s/shard-%d", t.TempDir(), i+1)
		if err := folder.Write(dir, report.DigestOf(s)); err != nil {
			t.Fatal(err)
		}
		var err error
		if shards[i], err = folder.Load(dir); err != nil {
			t.Fatal(err)
		}
	}
	return shards
}

// TestMergeEqualsTheWhole: shards in any order make the report that one run would have made.
func TestMergeEqualsTheWhole(t *testing.T) {
	whole := reporttest.GateSample()
	dir := t.TempDir()
	if err := folder.Write(dir, report.DigestOf(whole)); err != nil {
		t.Fatal(err)
	}
	read, err := folder.Load(dir) // what a file does not keep is not kept by a shard either
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{2, 8} { // of eight, some are empty
		shards := split(t, whole, n)
		slices.Reverse(shards)
		merged, err := report.Merge(shards)
		if err != nil {
			t.Fatal(err)
		}
		if missing := report.Missing(shards); missing != "" {
			t.Errorf("%s are missing of %d", missing, n)
		}
		var want, got bytes.Buffer
		if err := folder.JSON(&want, report.DigestOf(read)); err != nil {
			t.Fatal(err)
		}
		if err := folder.JSON(&got, report.DigestOf(merged)); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("%d shards make another report than the whole run: %d and %d bytes", n, got.Len(), want.Len())
		}
		gate := Gate{Profile: "core", Due: len(whole.Drills)}
		if a, b := Conformance(report.DigestOf(merged), gate).Result(), Conformance(report.DigestOf(read), gate).Result(); a != b {
			t.Errorf("%d shards: %s, and the whole is %s", n, a, b)
		}
	}
}

// TestMergeMissing: what a missing shard should have drilled proves nothing.
func TestMergeMissing(t *testing.T) {
	whole := reporttest.KeptSample()
	for i := range whole.Drills {
		whole.Drills[i].Verdict = promise.Kept
	}
	shards := split(t, whole, 1)
	shards[0].Run.Shard.Of = 2
	shards[0].Run.Shard.Whole = append(shards[0].Run.Shard.Whole, report.ShardDrill{Scenario: "port-taken", Arm: "engine", Seed: 1})
	merged, err := report.Merge(shards)
	if err != nil {
		t.Fatal(err)
	}
	if v := merged.Verdict(); v != promise.Inconclusive || len(merged.Drills) != len(whole.Drills)+1 || report.Missing(shards) != "2/2" {
		t.Errorf("%s, %d drills, missing %s", v, len(merged.Drills), report.Missing(shards))
	}
	gate := Gate{Profile: "core", Due: len(merged.Drills)}
	if s := Conformance(report.DigestOf(merged), gate); s.Result() != Inconclusive || !strings.Contains(s.Shortfall(), "cut short") {
		t.Errorf("%s: %s", s.Result(), s.Shortfall())
	}
	if err := WriteGate(t.TempDir(), Conformance(report.DigestOf(merged), gate)); err != nil {
		t.Error(err)
	}
}

// TestMergeEmptyShard: a shard with nothing to drill is kept, and one that has drilled nothing
// of what it was to is not.
func TestMergeEmptyShard(t *testing.T) {
	empty := report.Report{Run: reporttest.SampleRun()}
	empty.Run.Shard = &report.Shard{Index: 3, Of: 3, Whole: []report.ShardDrill{{Scenario: "a", Arm: "engine", Seed: 1}}}
	if v := empty.Verdict(); v != promise.Kept {
		t.Errorf("an empty shard is %s", v)
	}
	if s := Conformance(report.DigestOf(empty), Gate{Profile: "core"}); s.Result() != Passed {
		t.Errorf("the gate of an empty shard: %s", s.Result())
	}
	empty.Run.Shard.Due = 1
	if v := empty.Verdict(); v != promise.Inconclusive {
		t.Errorf("a shard that was cut short is %s", v)
	}
}

// TestMergeRefusesTheUnlike: each way in which shards are not parts of one run is named.
func TestMergeRefusesTheUnlike(t *testing.T) {
	for says, spoil := range map[string]func(*report.Report){
		"parts in all": func(r *report.Report) { r.Run.Shard.Of = 5 },
		"seed":         func(r *report.Report) { r.Run.Seed++ },
		"pm2drill":     func(r *report.Report) { r.Run.Versions.PM2Drill = "v9" },
		"PM2":          func(r *report.Report) { r.Run.Versions.PM2 = "5.4.3" },
		"Node":         func(r *report.Report) { r.Run.Versions.Node = "20.1.0" },
		"engine":       func(r *report.Report) { r.Run.Versions.Engine = "another" },
		"files":        func(r *report.Report) { r.Run.Shard.EngineSum = "another" },
		"catalogue":    func(r *report.Report) { r.Run.Shard.Whole = r.Run.Shard.Whole[1:] },
		"both are":     func(r *report.Report) { r.Run.Shard.Index = 1 },
		"is no shard":  func(r *report.Report) { r.Run.Shard = nil },
	} {
		shards := split(t, reporttest.KeptSample(), 2)
		spoil(&shards[1])
		if _, err := report.Merge(shards); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), shards[1].Dir) {
			t.Errorf("%s: %v", says, err)
		}
	}
	if _, err := report.Merge(nil); err == nil {
		t.Error("nothing is merged")
	}
}
