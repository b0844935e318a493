package folder

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestRehearsalIsKept: the JSON has all of it, beside it lie rehearsal.json and the patch,
// and a stored report that is written again has the same.
func TestRehearsalIsKept(t *testing.T) {
	r := reporttest.RehearsedSample()
	first, second := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	if err := Write(first, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(second, report.DigestOf(loaded)); err != nil {
		t.Fatal(err)
	}
	again, err := Load(second)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Rehearsal, r.Rehearsal) {
		t.Errorf("read back: %+v", again.Rehearsal)
	}
	for name, want := range map[string]string{"settings.patch": r.Rehearsal.Patch, "handler.patch": r.Rehearsal.Handler.Patch} {
		if patch, err := os.ReadFile(filepath.Join(second, name)); err != nil || string(patch) != want {
			t.Errorf("%s is %q: %v", name, patch, err)
		}
	}
	reporttest.CheckFiles(t, second, "rehearsal.json")
}
