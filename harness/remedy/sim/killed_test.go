package sim

import (
	"testing"
	"time"
)

// TestKilledAtEveryInstant: an operator stops the app, a stranger takes its port, and the
// operator starts the app again; the engine stops the workers, and is killed at some instant.
// Whichever it is, the next engine brings all of them back.
func TestKilledAtEveryInstant(t *testing.T) {
	e := NewEngine(Sabotage{})
	for _, ready := range []time.Duration{0, time.Second, 2500 * time.Millisecond} {
		for at := 5 * time.Second; at < 12*time.Second; at += tick {
			w := World{Workers: 2, Boot: 500 * time.Millisecond, MaxRestarts: 16, Ready: ready, Faults: []Fault{
				{Kind: TakenDown, At: 3 * time.Second, For: 2 * time.Second, Worker: 0},
				{Kind: TakenDown, At: 3 * time.Second, For: 2 * time.Second, Worker: 1},
				{Kind: PortTaken, At: 4 * time.Second, For: 20 * time.Second},
				{Kind: EngineGone, At: at, For: time.Second},
			}}
			if broken := Check(w, e); len(broken) > 0 {
				t.Errorf("%s\n  -> %q", w, broken)
			}
		}
	}
}

// TestTakenDownAtEveryInstant: a stranger takes the app's port and leaves it again, and the engine
// starts the workers; an operator stops one of them at some instant. Whichever it is, also between
// the two parts of the engine's own restart, the worker stays down.
func TestTakenDownAtEveryInstant(t *testing.T) {
	e := NewEngine(Sabotage{})
	for at := 9 * time.Second; at < 20*time.Second; at += tick {
		w := World{Workers: 2, Boot: 500 * time.Millisecond, MaxRestarts: 16, Faults: []Fault{
			{Kind: TakenDown, At: 3 * time.Second, For: 2 * time.Second, Worker: 0},
			{Kind: TakenDown, At: 3 * time.Second, For: 2 * time.Second, Worker: 1},
			{Kind: PortTaken, At: 4 * time.Second, For: 6 * time.Second},
			{Kind: TakenDown, At: at, For: 30 * time.Second, Worker: 1},
		}}
		if broken := Check(w, e); len(broken) > 0 {
			t.Errorf("%s\n  -> %q", w, broken)
		}
	}
}
