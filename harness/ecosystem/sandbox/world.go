package sandbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dop251/goja"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// World is one assumption about everything that a file may read and that nobody knows
// beforehand: chance, the clock, the host, the packages that are not installed. A file
// that reads none of it is evaluated in one world; another in all of them, and a value
// is decided where they agree.
type World struct {
	Index  int
	Low    bool          // random fractions are below one half
	Later  time.Duration // of its clock
	Memory int64         // bytes, where the target's is not known
	Text   string        // that stands for an unknown one; a number, so that reading it as one gives no NaN
	Hollow bool          // what a missing package's functions return has no properties
	Unset  bool          // a missing package has set no variable
	Keys   bool          // what a missing package returns has properties to be enumerated
}

// Worlds differ in every assumption at least once.
func Worlds() []World {
	return []World{
		{Index: 0, Low: true, Memory: 512 << 20, Text: "1000003", Unset: true},
		{Index: 1, Later: 13*time.Hour + 7*time.Minute, Memory: 1 << 40, Text: "2000029", Hollow: true},
		{Index: 2, Low: true, Later: 200*24*time.Hour + 61*time.Minute, Memory: 12 << 30, Text: "3000017", Keys: true},
		{Index: 3, Later: 2 * time.Hour, Memory: 3 << 30, Text: "4000037", Hollow: true, Unset: true},
	}
}

// inhabit makes chance and the clock of the runtime those of the world.
func (m *machine) inhabit() {
	r := m.newRandom()
	m.vm.SetRandSource(func() float64 {
		m.noteOpen("Math.random() differs each time")
		if f := r.Float64() / 2; m.world.Low {
			return f
		} else {
			return f + 0.5
		}
	})
	m.vm.SetTimeSource(func() time.Time {
		m.noteOpen("the clock differs each time")
		return time.Now().Add(m.world.Later)
	})
}

func (m *machine) newRandom() *rand.Rand {
	return rand.New(rand.NewPCG(uint64(m.world.Index), 7)) // #nosec G404 -- values that stand for others
}

// describeWorld returns what shim/absent.js is told of the world.
func (m *machine) describeWorld() goja.Value {
	names := []any{"NODE_ENV", "PORT"}
	for _, s := range ecosystem.Settings() {
		names = append(names, s.Key)
	}
	o := m.vm.NewObject()
	m.set(o, "text", m.vm.ToValue(m.world.Text))
	m.set(o, "hollow", m.vm.ToValue(m.world.Hollow))
	m.set(o, "keys", m.vm.ToValue(m.world.Keys))
	m.set(o, "names", m.vm.NewArray(names...))
	return o
}

// noteOpen notes what the evaluation has read that nobody knows beforehand.
func (m *machine) noteOpen(why string) {
	if !slices.Contains(m.out.Open, why) {
		m.out.Open = append(m.out.Open, why)
	}
}

// guessText returns the world's text in the place of one that is not known, and notes why
// it is not.
func (m *machine) guessText(why string) string {
	m.noteOpen(why)
	return m.world.Text
}

// drawBytes returns n of the world's random bytes.
func (m *machine) drawBytes(n int) goja.ArrayBuffer {
	m.noteOpen("random bytes differ each time")
	if n > largestFile {
		m.endUnsupported("so many random bytes")
		n = 0
	}
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(m.rand.Uint32())
	}
	return m.vm.NewArrayBuffer(out)
}

// Agree makes one evaluation of those of all worlds. A world that fails is left out
// where another does not; at least two have to remain.
func Agree(all []ecosystem.Evaluation) ecosystem.Evaluation {
	var whole []ecosystem.Evaluation
	for _, e := range all {
		if e.Failure == nil && e.Unsupported == "" {
			whole = append(whole, e)
		}
	}
	first := all[0]
	switch {
	case len(whole) == 0 && first.Unsupported == "" && len(first.Absent) == 0:
		first.Others = nil
		return first
	case len(whole) < 2:
		why := first.Unsupported
		if why == "" {
			why = fmt.Sprintf("values of which the evaluation depends: %s", first.Open[0])
		}
		return ecosystem.Evaluation{Unsupported: why, Line: first.Line, Col: first.Col, Open: first.Open, Absent: first.Absent, Effects: first.Effects, ESM: first.ESM}
	}
	out := whole[0]
	for _, e := range whole[1:] {
		if !isSameShape(out.Value, e.Value) {
			return ecosystem.Evaluation{Unsupported: fmt.Sprintf("a list of apps that depends on this: %s", first.Open[0]), Open: first.Open, Absent: first.Absent, Effects: first.Effects, ESM: first.ESM}
		}
		if e.Value.Inspect() != out.Value.Inspect() {
			out.Others = append(out.Others, e.Value)
		}
	}
	return out
}

// isSameShape reports whether both values hold as many apps under the same key.
func isSameShape(a, b ecosystem.Value) bool {
	one, wrong := ecosystem.ConfigOf(a)
	two, wrongToo := ecosystem.ConfigOf(b)
	if wrong != nil || wrongToo != nil {
		return wrong != nil && wrongToo != nil
	}
	if one.Under != two.Under || len(one.Apps) != len(two.Apps) {
		return false
	}
	for i := range one.Apps {
		if one.Apps[i].Is(ecosystem.Object) != two.Apps[i].Is(ecosystem.Object) {
			return false
		}
	}
	return true
}
