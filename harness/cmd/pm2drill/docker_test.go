package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestDockerNothingIsLeftBehind ends a harness by each signal, at a random moment of a
// drill's beginning. TestEndings does it all over a drill.
func TestDockerNothingIsLeftBehind(t *testing.T) {
	binary := built(t)
	r := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for _, e := range endings() {
		t.Run(e.name, func(t *testing.T) {
			after := time.Duration(r.Int64N(int64(5 * time.Second)))
			endAt(t, start(t, binary, sharedEngine(), false, r), e, after)
		})
	}
}

// built is the command that make has built, for a test that may use Docker.
func built(t *testing.T) string {
	t.Helper()
	if os.Getenv("PM2DRILL_DOCKER_TEST") == "" {
		t.Skip("set PM2DRILL_DOCKER_TEST=1 to run against Docker; make test-docker does")
	}
	binary, err := filepath.Abs("../../../bin/pm2drill")
	if err != nil {
		t.Fatal(err)
	}
	return binary
}
