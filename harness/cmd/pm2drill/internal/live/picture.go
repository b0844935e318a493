// Package live shows the workers of one app live, on a terminal or as lines, and carries
// out what keys ask for, until somebody leaves. What is shown comes from a Source: a drill's
// cluster, or the app of this host.
package live

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Source returns what is shown and does what keys ask for. Look and one Key.Do may be
// called at the same time, by two goroutines.
type Source interface {
	// Look returns the state as it is now. An error ends the view.
	Look(context.Context) (Picture, error)
	Keys() []Key
}

// Key is a key of the view besides arrows, c and q.
type Key struct {
	Name string // the character that is typed
	Help string // what it does, in a few words; "" if the next key's says so
	Do   func(context.Context) error
}

// ErrLeft reports that somebody has left the view.
var ErrLeft = errors.New("left")

// Picture is the state of an app and its workers at one moment. Texts may hold anything
// that an app has written.
type Picture struct {
	Title   string
	State   string // of the fault and the engine
	Brief   string // the whole state in one line, where there is no terminal
	Notes   []string
	Down    string // why no worker can be listed; "" if they can
	Workers []Worker
	Load    []Lane
	News    []string // newest last
	Hints   []string // commands to paste into another terminal, most useful first
}

// Worker is one row of PM2's list.
type Worker struct {
	ID, PID  int
	Word     string // of its state: see Seen.Describe
	Health   Health
	CPU      float64 // per cent of one core; Unknown if nobody has measured it
	RSS      int64   // bytes
	Restarts int
	Rate     string    // its requests, or its last answer
	CPUs     []float64 // CPU over the last minute, one value per second, newest last
	Rates    []float64 // answers per second, as CPUs
	Stderr   []string  // its last lines, newest last
}

// Unknown stands for a figure that nobody has measured.
const Unknown = -1.0

// Lane is one kind of request of the load.
type Lane struct {
	Name              string
	Answered, Dropped float64       // per second
	Slowest           time.Duration // of the answers just now
	All, Lost         int           // since the load began
}

// Health is how a worker is.
type Health int

// From the best to the worst.
const (
	Good Health = iota
	Doubtful
	Bad
)

// Seen is what is known of a worker when its state is put into words.
type Seen struct {
	Status string  // PM2's word
	Alive  bool    // its process runs
	State  string  // /proc state letter; "" if unknown
	CPU    float64 // per cent of one core, or Unknown
	Asked  bool    // requests are sent to the app
	Serves bool    // it has answered some just now
	Mute   bool    // its heartbeat is overdue
}

// busy is the CPU, per cent of one core, from which a worker that answers nothing counts as
// stalled: its event loop computes and does nothing else. On a host that is short of cores
// it gets less than a whole one, and is ready to run (R) whenever it is looked at.
const busy = 50

// Describe returns a word for the state: PM2's own where the process is gone or nobody asks
// the app for anything.
func (s Seen) Describe() (string, Health) {
	switch {
	case !s.Alive && (s.Status == "online" || s.Status == "launching"):
		return "gone", Bad
	case !s.Alive:
		return s.Status, Bad
	case s.State == "T" || s.State == "t":
		return "suspended", Bad
	case s.Mute:
		return "stalled", Bad
	case s.Serves:
		return "serving", Good
	case s.Status != "online":
		return s.Status, Doubtful
	case !s.Asked:
		return s.Status, Good
	case s.CPU >= busy || s.State == "R":
		return "stalled", Bad
	}
	return "silent", Doubtful
}

// drawSparkline returns the newest width values as bars. The highest bar stands for most, or
// for the highest value where that is more.
func drawSparkline(values []float64, width int, most float64) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	values = values[max(0, len(values)-width):]
	for _, v := range values {
		most = max(most, v)
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", width-len(values)))
	for _, v := range values {
		switch {
		case v < 0:
			b.WriteByte(' ')
		case v == 0 || most == 0:
			b.WriteRune(bars[0])
		default:
			b.WriteRune(bars[min(len(bars)-1, int(v/most*float64(len(bars))))])
		}
	}
	return b.String()
}

// findWorker returns the index of the worker with that id, or of the nearest one above it.
func findWorker(workers []Worker, id int) int {
	i := slices.IndexFunc(workers, func(w Worker) bool { return w.ID >= id })
	if i < 0 {
		return max(0, len(workers)-1)
	}
	return i
}
