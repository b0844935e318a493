package plan

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestMinHealthyCountsWhoBoots: the stops of one decision, and of workers that PM2 has
// just started again, never undercut what must go on serving.
func TestMinHealthyCountsWhoBoots(t *testing.T) {
	limits := DefaultLimits()
	limits.MinHealthy = 3
	o := observe.Observation{At: time.Minute, Daemon: observe.Daemon{PID: 100, Alive: true}}
	for id := range 4 {
		o.Workers = append(o.Workers, observe.Worker{ID: id, PID: 200 + id, Status: "online", Alive: true, State: "S", Since: time.Minute - time.Second})
	}
	s := NewState(nil)
	d := decider{s: s, o: o, limits: limits}
	in := &Incident{Diagnosis: diagnose.Diagnosis{Cause: engine.Undetermined}, IDs: []int{0, 1, 2, 3}, Canary: nobody}
	stops := 0
	for id := range 4 {
		if d.tryAction(in, engine.ActionStop, id, 0, "") {
			stops++
		}
	}
	if stops != 1 {
		t.Errorf("%d of 4 that boot are stopped where 3 must serve", stops)
	}
	d = decider{s: NewState(nil), o: o, limits: limits}
	for id := range 4 {
		d.s.Fell[id] = 2
		if !d.tryAction(in, engine.ActionStop, id, 0, "") {
			t.Errorf("worker %d has died twice since it served, and is not stopped", id)
		}
	}
}
