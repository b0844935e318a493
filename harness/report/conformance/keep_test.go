package conformance

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

var keep = flag.String("keep", "", "write the sample reports to this folder, for looking at")

func TestKeepSamples(t *testing.T) {
	if *keep == "" {
		t.Skip("no -keep folder")
	}
	unsure, partial := report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{reporttest.UnsureSample()}}, report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{reporttest.UnaskedSample()}}
	for name, r := range map[string]report.Report{"kept": reporttest.KeptSample(), "broken": reporttest.BrokenSample(), "unsure": unsure, "partial": partial, "repeated": reporttest.GateSample()} {
		if err := WriteGate(filepath.Join(*keep, name), Conformance(report.DigestOf(r), Gate{Profile: "core"})); err != nil {
			t.Fatal(err)
		}
	}
}
