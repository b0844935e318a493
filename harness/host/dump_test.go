package host

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFindDump(t *testing.T) {
	if got := FindDump(os.Getpid()); got != "" {
		t.Errorf("this test writes %q", got)
	}
	name := filepath.Join(t.TempDir(), "Heap.20261130.1.0.001.heapsnapshot")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := FindDump(os.Getpid()); got != name {
		t.Errorf("got %q, want %q", got, name)
	}
	if got := FindDump(1 << 30); got != "" {
		t.Errorf("nobody writes %q", got)
	}
}
