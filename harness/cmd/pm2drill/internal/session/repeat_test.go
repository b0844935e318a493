package session

import (
	"os"
	"strings"
	"testing"
)

// TestCommandsAreOfWhatWasCalled: what is printed to do something again is the program that
// was called, and a shell reads its words as they were given.
func TestCommandsAreOfWhatWasCalled(t *testing.T) {
	s := Session{Flags: Flags{Command: "validate", Names: []string{"my app"}, Node: "26", PM2: "7"}, Own: map[string]string{"own": "./a b"}}
	for _, got := range []string{s.Command(), s.formatArmCommand("port-taken", "engine", 1), s.formatArmCommand("own", "engine", 1)} {
		if !strings.HasPrefix(got, os.Args[0]+" ") {
			t.Errorf("%s was called, and %q repeats it", os.Args[0], got)
		}
	}
	if got := s.Command(); !strings.HasSuffix(got, " 'my app'") {
		t.Errorf("a shell reads %q otherwise", got)
	}
}
