package host

import (
	"os"
	"testing"
)

// TestOpenFiles: a file more is counted, and a process that is not there has none.
func TestOpenFiles(t *testing.T) {
	before, most := OpenFiles(os.Getpid())
	if before < 3 || most < before {
		t.Fatalf("%d of %d are open", before, most)
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if after, _ := OpenFiles(os.Getpid()); after <= before {
		t.Errorf("%d are open, and were %d before one more was", after, before)
	}
	if used, most := OpenFiles(1 << 30); used != 0 || most != 0 {
		t.Errorf("of nobody: %d of %d", used, most)
	}
}

// TestParseOpenFiles: the soft limit is read, and no other line's.
func TestParseOpenFiles(t *testing.T) {
	const text = "Limit                     Soft Limit           Hard Limit           Units\nMax processes             7                    7                    processes\nMax open files            1024                 4096                 files\n"
	for in, want := range map[string]int{text: 1024, "": 0, "Max open files            unlimited            unlimited            files\n": 0, "Max open files\n": 0} {
		if got := parseOpenFiles(in); got != want {
			t.Errorf("%q: %d, want %d", in, got, want)
		}
	}
}
