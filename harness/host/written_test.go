package host

import (
	"os"
	"testing"
)

// TestWritten writes, and finds that it has.
func TestWritten(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/x")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	before := Written(os.Getpid())
	if _, err := f.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if n := Written(os.Getpid()) - before; n < 1<<20 {
		t.Errorf("it has written %d bytes more", n)
	}
	if n := Written(os.Getpid() + 1<<21); n != 0 {
		t.Errorf("a process that is not there has written %d bytes", n)
	}
}
