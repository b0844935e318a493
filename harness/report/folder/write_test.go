package folder

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

func TestWriteAndLoad(t *testing.T) {
	r := reporttest.GoldenSample()
	dir := filepath.Join(t.TempDir(), "deep", "run")
	if err := Write(dir, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	reporttest.CheckFiles(t, dir, "report.html", "report.json", "junit.xml", "evidence/stalled-worker-engine.jsonl.gz", "evidence/stalled-worker-engine-2.jsonl.gz")
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.Dir != dir || !reflect.DeepEqual(got.Run, r.Run) || len(got.Drills) != len(r.Drills) {
		t.Fatalf("run: %+v\nwant %+v", got.Run, r.Run)
	}
	for i, d := range got.Drills {
		want := r.Drills[i]
		d.Losses, want.Losses = nil, nil // attributed anew
		if len(d.Rulings) == 0 {
			d.Rulings, want.Rulings = nil, nil
		}
		if (d.Record == nil) != (want.Record == nil) {
			t.Fatalf("drill %d: evidence came or went", i)
		}
		if d.Record != nil && len(d.Record.Requests) != len(want.Record.Requests) {
			t.Errorf("drill %d: %d requests, want %d", i, len(d.Record.Requests), len(want.Record.Requests))
		}
		d.Record, want.Record = nil, nil
		if len(want.Labels) == 0 {
			d.Labels, want.Labels = nil, nil
		}
		for _, x := range []*report.Drill{&d, &want} {
			for j := range x.Rulings {
				for k := range x.Rulings[j].At {
					x.Rulings[j].At[k] = report.FromMillis(report.Millis(x.Rulings[j].At[k])) // the file keeps microseconds
				}
			}
		}
		if !reflect.DeepEqual(d, want) {
			t.Errorf("drill %d:\n got %+v\nwant %+v", i, d, want)
		}
	}
}

// TestWriteAgain: writing to a report's folder replaces the report and leaves
// what else lies there.
func TestWriteAgain(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "run")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{reporttest.UnsureSample()}}
	for range 2 {
		if err := Write(dir, report.DigestOf(r)); err != nil {
			t.Fatal(err)
		}
	}
	reporttest.CheckFiles(t, dir, "notes.txt", "report.html", "report.json", "junit.xml", "evidence/stalled-worker-healthy.jsonl.gz")
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind beside the report: %v, %v", left, err)
	}
}

// TestWriteFails: a report that cannot be written leaves nothing behind, and
// the one that was there stays.
func TestWriteFails(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "run")
	good := report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{reporttest.UnsureSample()}}
	if err := Write(dir, report.DigestOf(good)); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	bad := good
	bad.Drills = []report.Drill{reporttest.UnsureSample()}
	bad.Drills[0].Record.Alerts = append(bad.Drills[0].Record.Alerts, reporttest.BrokenAlert())
	if err := Write(dir, report.DigestOf(bad)); err == nil {
		t.Fatal("evidence that cannot be encoded was written")
	}
	after, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil || string(after) != string(before) {
		t.Errorf("the old report is gone: %v", err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) != 1 {
		t.Errorf("left behind beside the report: %v, %v", left, err)
	}
}

// TestLoadReadsTheFirstSchema: a report of before losses were left out loads as one of
// today does.
func TestLoadReadsTheFirstSchema(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := Write(dir, report.DigestOf(reporttest.KeptSample())); err != nil {
		t.Fatal(err)
	}
	today, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "report.json")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Replace(string(text), Schema, "pm2drill/report/1", 1)
	if err := os.WriteFile(name, []byte(regexp.MustCompile(`,\s*"losses_untold": \d+`).ReplaceAllString(old, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := Load(dir); err != nil || !reflect.DeepEqual(got, today) {
		t.Errorf("it reads otherwise: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"another schema":  `{"schema":"pm2drill/report/99"}`,
		"no JSON":         `<html>`,
		"a path outside":  `{"schema":"pm2drill/report/1","drills":[{"evidence":"../../etc/passwd"}]}`,
		"a missing drill": `{"schema":"pm2drill/report/1","drills":[{"evidence":"evidence/none.jsonl"}]}`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "report.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}
