package remedy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// TestReviewFindsWhatWasFound: a recorded drill, reviewed, has the causes of its plan.
func TestReviewFindsWhatWasFound(t *testing.T) {
	files, err := filepath.Glob("testdata/recorded/*-engine.jsonl.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		found, err := Review(unzipped(t, file), plan.DefaultLimits())
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		plan, err := os.ReadFile(strings.TrimSuffix(file, ".jsonl.gz") + ".plan")
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range found.Found {
			if !strings.Contains(string(plan), string(x.Cause)) {
				t.Errorf("%s: it finds %s, which the plan does not have", file, x.Cause)
			}
		}
		if strings.Contains(string(plan), "detect") && len(found.Found) == 0 {
			t.Errorf("%s: it finds nothing", file)
		}
	}
	if _, err := Review(strings.NewReader("{\"at\":1}\n{"), plan.DefaultLimits()); err == nil {
		t.Error("half a line is read")
	}
}
