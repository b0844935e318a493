package node

import (
	"context"
	"time"
)

// Place is where Node runs.
type Place interface {
	// Run runs Node with the arguments in the project's folder and gives it stdin. An error
	// is of the place, never of what runs.
	Run(ctx context.Context, args []string, stdin []byte) (End, error)
	// Only is the folder outside of which the place has no files of the host; "" for none.
	Only() string
	// PM2 is where the place has the command pm2, for its YAML parser; "" if it has none.
	PM2() string
}

// End is how a run of Node has ended.
type End struct {
	Stdout  []byte // at most MostOutput
	Stderr  string // the end of it
	Code    int
	Late    bool          // it was broken off after Within
	Flooded bool          // it was broken off after MostOutput
	Starved bool          // its memory was not enough
	Spent   time.Duration // processor time, where it was broken off; 0 if that is not known
}

// The limits of a run, which each place enforces.
const (
	Within     = 10 * time.Second
	MostOutput = 16 << 20 // bytes of stdout and stderr
	Memory     = 512 << 20
	Processes  = 64
	Heap       = 384 // MiB of it are V8's
)
