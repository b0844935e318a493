package host

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestTailOfAGrowingFile: whoever reads a file piece by piece while it is written, each from
// where the last one ended, gets all of it once.
func TestTailOfAGrowingFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	var wrote bytes.Buffer
	done := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < 50000 && err == nil; i++ {
			line := fmt.Sprintf("line %d\n", i)
			wrote.WriteString(line)
			_, err = f.WriteString(line)
		}
		done <- err
	}()
	var read bytes.Buffer
	at := int64(0)
	for ended := false; ; {
		text, info, err := TailFrom(name, at, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		read.Write(text)
		at = info.Size()
		if ended {
			break
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			ended = true // one more piece
		default:
		}
	}
	if !bytes.Equal(read.Bytes(), wrote.Bytes()) {
		t.Errorf("read %d bytes of %d", read.Len(), wrote.Len())
	}
}
