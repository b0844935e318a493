package observe

import (
	"maps"
	"slices"
	"time"
)

// Bounds of what one worker is heard to complain of. An app that logs thousands of errors a
// second would otherwise cost the engine as much, since each is read by every rule for a
// minute.
const (
	earshotBurst = 100
	earshotRate  = 20 // a second
)

// earshot lets each worker's complaints through at a bounded rate. Of those beyond it the
// latest is kept: it may be what the worker dies of.
type earshot struct {
	by map[int]*hearing // by pm_id
}

// hearing is one worker's.
type hearing struct {
	room  float64         // complaints that may come at once
	at    time.Duration   // when room was reckoned
	spill *Event          // the latest that there was no room for
	said  map[string]bool // by its process since the last look, by kind and text
}

// hear takes in a complaint and reports whether it is to be passed on now.
func (s *earshot) hear(e Event) bool {
	if s.by == nil {
		s.by = map[int]*hearing{}
	}
	h := s.by[e.ID]
	if h == nil {
		h = &hearing{room: earshotBurst, at: e.At, said: map[string]bool{}}
		s.by[e.ID] = h
	}
	key := e.Kind + " " + e.Text
	if h.said[key] {
		return false // an app whose database is away says so with every request
	}
	h.room = min(earshotBurst, h.room+earshotRate*(e.At-h.at).Seconds())
	h.at = e.At
	if h.room < 1 {
		h.spill = &e
		return false
	}
	h.room--
	h.said[key], h.spill = true, nil
	return true
}

// takeSpilt returns what a worker said last, if there was no room for it, and forgets it.
func (s *earshot) takeSpilt(id int) (Event, bool) {
	h := s.by[id]
	if h == nil || h.spill == nil {
		return Event{}, false
	}
	e := *h.spill
	h.spill = nil
	return e, true
}

// forgetWords has a worker's words count anew: its process has ended, and the next one may die
// of the same before the next look, which can take a second where the health URL hangs.
func (s *earshot) forgetWords(id int) {
	if h := s.by[id]; h != nil {
		clear(h.said)
	}
}

// look begins to count anew what is said in the same words, and returns what was spilt.
func (s *earshot) look() []Event {
	var out []Event
	for _, id := range slices.Sorted(maps.Keys(s.by)) {
		if e, ok := s.takeSpilt(id); ok {
			out = append(out, e)
		}
		clear(s.by[id].said)
	}
	return out
}
