// Package variant draws what may differ from one app to the next while the incident stays
// the same: how many workers there are, how they log, which framework serves.
//
//	Space  --seed-->  Variant
//	what of a         one app, and a choice
//	scenario varies   for each dimension
//
// A space has dimensions, a dimension has values. A seed draws one value of each, in the
// order of the space; a value that a rule bars beside those drawn before is left out. The
// same space and seed draw the same variant on every machine.
package variant

import (
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"slices"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Variant is an app as a seed has drawn it. What no dimension of its space names is as
// the scenario has it.
type Variant struct {
	Workers   int    // in cluster mode, or 1 in fork mode; 0 for the scenario's
	Fork      bool   // PM2 runs it in fork mode
	Name      string // PM2's name of it, "" for the scenario's
	Port      int    // 0 for the scenario's
	Settings  map[string]any
	Env       map[string]string
	OneLog    bool   // PM2 writes both outputs of all workers into one file
	Words     string // what the app says of a server that is away, "" for its client's own words
	Framework string // that serves, "" for Node's http
	Health    string // path of the health URL, with its query; "" for the scenario's
	Posts     bool   // some of the load are POST requests with a body
	Streams   bool   // some of the load are streams of events
	Ready     bool   // the app tells PM2 when it is ready, and PM2 waits for it

	Choices []evidence.Choice // a value for each dimension of the space, in its order
}

// Space is what may vary of a scenario.
type Space []Dimension

// Dimension is a thing that differs from app to app.
type Dimension struct {
	Name   string
	Values []Value
}

// Value is one way how an app may be.
type Value struct {
	Name string
	set  func(*Variant)
}

// Without is the space without the dimensions that are named.
func (s Space) Without(names ...string) Space {
	return slices.DeleteFunc(slices.Clone(s), func(d Dimension) bool { return slices.Contains(names, d.Name) })
}

// Only leaves of a dimension's values those that are named.
func (d Dimension) Only(names ...string) Dimension {
	d.Values = slices.DeleteFunc(slices.Clone(d.Values), func(v Value) bool { return !slices.Contains(names, v.Name) })
	return d
}

// Without leaves out the values that are named.
func (d Dimension) Without(names ...string) Dimension {
	d.Values = slices.DeleteFunc(slices.Clone(d.Values), func(v Value) bool { return slices.Contains(names, v.Name) })
	return d
}

// Draw draws a variant. name is the scenario's, so that two scenarios of one seed differ.
// It fails where the rules leave no value of a dimension, which is a defect of the space.
func (s Space) Draw(name string, seed int64) (Variant, error) {
	h := fnv.New64a()
	_, _ = io.WriteString(h, name) // a hash's Write never fails
	random := rand.New(rand.NewPCG(uint64(seed), h.Sum64()))
	return s.pick(func(_ Dimension, open []Value) (Value, bool) {
		if len(open) == 0 {
			return Value{}, false
		}
		return open[random.IntN(len(open))], true
	})
}

// Of returns the variant that was drawn with these choices, as a record has them.
func (s Space) Of(choices []evidence.Choice) (Variant, error) {
	if len(choices) != len(s) {
		return Variant{}, fmt.Errorf("the record has %d choices, and this version varies %d things", len(choices), len(s))
	}
	n := 0
	return s.pick(func(_ Dimension, open []Value) (Value, bool) {
		c := choices[n]
		n++
		i := slices.IndexFunc(open, func(v Value) bool { return v.Name == c.Value })
		if i < 0 {
			return Value{}, false
		}
		return open[i], true
	})
}

// pick takes a value of each dimension among those that are still open.
func (s Space) pick(choose func(Dimension, []Value) (Value, bool)) (Variant, error) {
	v := Variant{Settings: map[string]any{}, Env: map[string]string{}}
	for n, d := range s {
		open := d.Values
		if rules := listDue(s[:n+1], s); len(rules) > 0 {
			open = slices.DeleteFunc(slices.Clone(open), func(value Value) bool {
				x := v.addChoice(d, value)
				return slices.ContainsFunc(rules, func(r Rule) bool { return r.Bars(x) })
			})
		}
		value, ok := choose(d, open)
		if !ok {
			return Variant{}, fmt.Errorf("cannot choose the %s beside %v: no value fits", d.Name, v.Choices)
		}
		v = v.addChoice(d, value)
	}
	return v, nil
}

// addChoice returns the variant with one more choice. It shares nothing with v.
func (v Variant) addChoice(d Dimension, value Value) Variant {
	settings, env := map[string]any{}, map[string]string{}
	for key, x := range v.Settings {
		settings[key] = x
	}
	for key, x := range v.Env {
		env[key] = x
	}
	v.Settings, v.Env = settings, env
	v.Choices = append(slices.Clone(v.Choices), evidence.Choice{Of: d.Name, Value: value.Name})
	value.set(&v)
	return v
}

// findChosen returns the name of the value that was drawn of a dimension, "" if none was.
func (v Variant) findChosen(dimension string) string {
	for _, c := range v.Choices {
		if c.Of == dimension {
			return c.Value
		}
	}
	return ""
}
