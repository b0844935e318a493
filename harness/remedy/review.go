package remedy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Reviewed is what a recording comes to.
type Reviewed struct {
	Found []Finding   // what the engine would have diagnosed, in order, each cause once
	Last  Observation // the zero Observation of an empty recording
	// Ids of workers, by the end of it. One that an operator has stopped is in none.
	Dying   []int // crashed within the last minute, or PM2 has given them up
	Silent  []int // the process lives, and its event loop does not turn
	Serving []int // at work, as far as PM2, the kernel and their heartbeats tell
}

// Review reads what an engine has recorded (Config.Trace), as JSON lines.
func Review(trace io.Reader, limits Limits) (Reviewed, error) {
	var out Reviewed
	seen := map[engine.Cause]bool{}
	var history []Observation
	state := NewState(nil)
	for dec := json.NewDecoder(trace); ; {
		var o Observation
		err := dec.Decode(&o)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, fmt.Errorf("cannot read observation %d: %w", len(history)+1, err)
		}
		history = remember(history, o)
		var plan []Decision
		state, plan = Decide(state, o, Diagnose(history, limits), limits)
		for _, d := range plan {
			if d.Kind == Detect && !seen[d.Cause] {
				seen[d.Cause] = true
				out.Found = append(out.Found, d.Finding)
			}
		}
	}
	if len(history) > 0 {
		out.stand(newCase(history, limits))
	}
	return out, nil
}

// stand says what has become of the workers.
func (r *Reviewed) stand(c casefile) {
	r.Last = c.now
	r.Dying = c.suffering(c.ago(memory))
	for _, w := range c.minded() {
		switch c.now.derived(w, c.limits.Stall) {
		case derivedStalled:
			r.Silent = append(r.Silent, w.ID)
		case derivedServing:
			// One that dies at every start boots for longer than bootTime on a busy host, and
			// is not up before its first heartbeat.
			if w.Beats > 0 || !slices.Contains(r.Dying, w.ID) {
				r.Serving = append(r.Serving, w.ID)
			}
		}
	}
	slices.Sort(r.Dying)
}
