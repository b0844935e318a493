package diagnose

import (
	"sort"
	"time"
)

// trail is a list of what observations brought, oldest first.
type trail[T any] struct {
	at  []time.Duration // of the observation
	all []T
}

func (t *trail[T]) add(at time.Duration, x T) {
	t.at, t.all = append(t.at, at), append(t.all, x)
}

// forget drops what observations before start brought.
func (t *trail[T]) forget(start time.Duration) {
	n := 0
	for n < len(t.at) && t.at[n] < start {
		n++
	}
	t.at, t.all = t.at[n:], t.all[n:]
}

// selectSince returns what observations at start or later brought.
func (t *trail[T]) selectSince(start time.Duration) []T {
	n := sort.Search(len(t.at), func(i int) bool { return t.at[i] >= start })
	return t.all[n:len(t.all):len(t.all)]
}
