package observer

import (
	"testing"
	"time"
)

// TestChatter: of what an app prints in a second some is kept, and in the next some again.
func TestChatter(t *testing.T) {
	var c chatter
	kept := 0
	for i := range 3000 {
		if !c.isFull(time.Hour + time.Duration(i)*time.Millisecond) {
			kept++
		}
	}
	if kept != 3*maxStdout {
		t.Errorf("%d lines of three seconds are kept, %d are to be", kept, 3*maxStdout)
	}
}
