package observe

import "slices"

// Meaning is what an answer of the health URL says, by the operator's word. Where it has
// none, the engine learns what is usual.
type Meaning string

// The meanings.
const (
	MeansHealthy Meaning = "healthy"
	MeansIll     Meaning = "ill"
)

// Statuses is a range of HTTP statuses, both ends included.
type Statuses struct{ From, To int }

// Expect makes these statuses of the health URL the healthy ones, and all others ill; none
// has the watcher learn what is usual. It must not be called during a Look.
func (w *Watcher) Expect(expected []Statuses) {
	if slices.Equal(w.expected, expected) {
		return
	}
	w.expected = expected
	w.check.mu.Lock()
	w.check.usual = Usual{}
	w.check.mu.Unlock()
}

// classifyStatus returns what a status means where only the expected ones are healthy:
// nothing if no status came, or none is expected in particular.
func classifyStatus(status int, expected []Statuses) Meaning {
	switch {
	case status == 0 || len(expected) == 0:
		return ""
	case slices.ContainsFunc(expected, func(r Statuses) bool { return r.From <= status && status <= r.To }):
		return MeansHealthy
	}
	return MeansIll
}
