package remedy

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// TestFactsOfTheLastMinute: facts that were gathered look by look are those that the looks of
// the last minute come to. A Reader that begins with these takes what they do not show for
// unknown, so the diagnoses are compared, not all that they rest on.
func TestFactsOfTheLastMinute(t *testing.T) {
	files, err := filepath.Glob("testdata/recorded/*.jsonl.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	stall := plan.DefaultLimits().Stall
	for i, file := range files {
		if i%5 != 0 {
			continue
		}
		all := recording(t, file)
		words := nodeerr.NewMemo()
		gathered := diagnose.NewReader(stall, words)
		for n, o := range all {
			got := gathered.Read(o)
			if n%7 != 0 {
				continue // for the time it takes
			}
			anew := readAnew(all[:n+1], stall, words)
			if is, want := diagnose.Diagnose(got), diagnose.Diagnose(anew); !reflect.DeepEqual(is, want) {
				t.Fatalf("%s at %s:\n%+v\nanew:\n%+v", filepath.Base(file), o.At, is, want)
			}
			if is, want := got.Focus(), anew.Focus(); !reflect.DeepEqual(is, want) {
				t.Fatalf("%s at %s: it looks at %+v, anew: %+v", filepath.Base(file), o.At, is, want)
			}
		}
	}
}

// readAnew returns what the last minute of observations comes to.
func readAnew(all []observe.Observation, stall time.Duration, words *nodeerr.Memo) diagnose.Facts {
	reader := diagnose.NewReader(stall, words)
	var facts diagnose.Facts
	for _, o := range all {
		if all[len(all)-1].At-o.At <= time.Minute {
			facts = reader.Read(o)
		}
	}
	return facts
}
