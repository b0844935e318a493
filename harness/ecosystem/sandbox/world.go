package sandbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dop251/goja"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// world is one assumption about everything that a file may read and that nobody knows
// beforehand: chance, the clock, the host, the packages that are not installed. A file
// that reads none of it is evaluated in one world; another in all of them, and a value
// is decided where they agree.
type world struct {
	index  int
	low    bool          // random fractions are below one half
	later  time.Duration // of its clock
	memory int64         // bytes, where the target's is not known
	text   string        // that stands for an unknown one; a number, so that reading it as one gives no NaN
	hollow bool          // what a missing package's functions return has no properties
	unset  bool          // a missing package has set no variable
	keys   bool          // what a missing package returns has properties to be enumerated
}

// worlds differ in every assumption at least once.
func worlds() []world {
	return []world{
		{index: 0, low: true, memory: 512 << 20, text: "1000003", unset: true},
		{index: 1, later: 13*time.Hour + 7*time.Minute, memory: 1 << 40, text: "2000029", hollow: true},
		{index: 2, low: true, later: 200*24*time.Hour + 61*time.Minute, memory: 12 << 30, text: "3000017", keys: true},
		{index: 3, later: 2 * time.Hour, memory: 3 << 30, text: "4000037", hollow: true, unset: true},
	}
}

// inhabit makes chance and the clock of the runtime those of the world.
func (m *machine) inhabit() {
	r := m.chance()
	m.vm.SetRandSource(func() float64 {
		m.open("Math.random() differs each time")
		if f := r.Float64() / 2; m.world.low {
			return f
		} else {
			return f + 0.5
		}
	})
	m.vm.SetTimeSource(func() time.Time {
		m.open("the clock differs each time")
		return time.Now().Add(m.world.later)
	})
}

func (m *machine) chance() *rand.Rand {
	return rand.New(rand.NewPCG(uint64(m.world.index), 7)) // #nosec G404 -- values that stand for others
}

// ofWorld is what shim/absent.js is told of the world.
func (m *machine) ofWorld() goja.Value {
	names := []any{"NODE_ENV", "PORT"}
	for _, s := range ecosystem.Settings() {
		names = append(names, s.Key)
	}
	o := m.vm.NewObject()
	m.set(o, "text", m.vm.ToValue(m.world.text))
	m.set(o, "hollow", m.vm.ToValue(m.world.hollow))
	m.set(o, "keys", m.vm.ToValue(m.world.keys))
	m.set(o, "names", m.vm.NewArray(names...))
	return o
}

// open notes what the evaluation has read that nobody knows beforehand.
func (m *machine) open(why string) {
	if !slices.Contains(m.out.Open, why) {
		m.out.Open = append(m.out.Open, why)
	}
}

// guess is the world's text for an unknown one.
func (m *machine) guess(why string) string {
	m.open(why)
	return m.world.text
}

// bytes are the world's random bytes.
func (m *machine) bytes(n int) goja.ArrayBuffer {
	m.open("random bytes differ each time")
	if n > largestFile {
		m.unsupported("so many random bytes")
		n = 0
	}
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(m.rand.Uint32())
	}
	return m.vm.NewArrayBuffer(out)
}

// agree makes one evaluation of those of all worlds. A world that fails is left out
// where another does not; at least two have to remain.
func agree(all []ecosystem.Evaluation) ecosystem.Evaluation {
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
		return ecosystem.Evaluation{Unsupported: why, Open: first.Open, Absent: first.Absent, Effects: first.Effects, ESM: first.ESM}
	}
	out := whole[0]
	for _, e := range whole[1:] {
		if !sameShape(out.Value, e.Value) {
			return ecosystem.Evaluation{Unsupported: fmt.Sprintf("a list of apps that depends on this: %s", first.Open[0]), Open: first.Open, Absent: first.Absent, Effects: first.Effects, ESM: first.ESM}
		}
		if e.Value.Inspect() != out.Value.Inspect() {
			out.Others = append(out.Others, e.Value)
		}
	}
	return out
}

// sameShape reports whether both values hold as many apps under the same key.
func sameShape(a, b ecosystem.Value) bool {
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
