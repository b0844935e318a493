package observer

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestAborts: each line that tells of an abort or a debugger is found once, whole, also where the file is cut.
func TestAborts(t *testing.T) {
	a := aborts{name: filepath.Join(t.TempDir(), "pm2.log")}
	if got := a.read(); got != nil {
		t.Errorf("of no file: %q", got)
	}
	const fatal = "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"
	const debugger = "Debugger listening on ws://127.0.0.1:9229/c4de476b-1839-4402-a11f-6cfd3fa9f36f"
	for _, step := range []struct {
		flag int
		text string
		want []string
	}{
		{os.O_APPEND, "App [app:0] online\n<--- Last few GCs --->\nFATAL ERROR: Reached heap", nil},
		{os.O_APPEND, " limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n", []string{fatal}},
		{os.O_APPEND, "", nil},
		{os.O_TRUNC, fatal + "\n", []string{fatal}},
		{os.O_APPEND, "App [Debugger attached.:0] online\n" + debugger + "\nDebugger attached.\n", []string{debugger, "Debugger attached."}},
	} {
		f, err := os.OpenFile(a.name, os.O_CREATE|os.O_WRONLY|step.flag, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(step.text); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if got := a.read(); !slices.Equal(got, step.want) {
			t.Errorf("after %q: %q, want %q", step.text, got, step.want)
		}
	}
}
