package main

import (
	"os"
	"strings"
	"testing"
)

// TestCommandsAreOfWhatWasCalled: what is printed to do something again is the program that
// was called, and a shell reads its words as they were given.
func TestCommandsAreOfWhatWasCalled(t *testing.T) {
	s := session{flags: runFlags{command: "validate", names: []string{"my app"}, node: "26", pm2: "7"}, own: map[string]string{"own": "./a b"}}
	for _, got := range []string{s.command(), s.reproduce("port-taken", "engine", 1), s.reproduce("own", "engine", 1)} {
		if !strings.HasPrefix(got, os.Args[0]+" ") {
			t.Errorf("%s was called, and %q repeats it", os.Args[0], got)
		}
	}
	if got := s.command(); !strings.HasSuffix(got, " 'my app'") {
		t.Errorf("a shell reads %q otherwise", got)
	}
	st := stage{session: s}
	st.rehearsal.path, st.rehearsal.act, st.Env = "/", "reload,scale", "production"
	if got := st.commandOf("scale"); !strings.Contains(got, "--acts scale --env production") || strings.Contains(got, "reload") {
		t.Errorf("one act again: %q", got)
	}
}
