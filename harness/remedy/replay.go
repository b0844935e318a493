package remedy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Reviewed is what a recording comes to.
type Reviewed struct {
	Found []diagnose.Diagnosis // what the engine would have diagnosed, in order, each cause once
	Last  observe.Observation  // the zero Observation of an empty recording
	// Ids of workers, by the end of it. One that an operator has stopped is in none.
	Dying   []int // crashed within the last minute, or PM2 has given them up
	Silent  []int // the process lives, and its event loop does not turn
	Serving []int // at work, as far as PM2, the kernel and their heartbeats tell
}

// Review reads what an engine has recorded (Config.Trace), as JSON lines.
func Review(trace io.Reader, limits plan.Limits) (Reviewed, error) {
	var out Reviewed
	seen := map[engine.Cause]bool{}
	reader, looks := diagnose.NewReader(limits.Stall, nodeerr.NewMemo()), 0
	var facts diagnose.Facts
	state := plan.NewState(nil)
	for dec := json.NewDecoder(trace); ; {
		var o observe.Observation
		err := dec.Decode(&o)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, fmt.Errorf("cannot read observation %d: %w", looks+1, err)
		}
		facts, looks = reader.Read(o), looks+1
		var decisions []plan.Decision
		state, decisions = plan.Decide(state, o, diagnose.Diagnose(facts), limits)
		for _, d := range decisions {
			if d.Kind == plan.Detect && d.Diagnosis.Symptom == "" && !seen[d.Cause] {
				seen[d.Cause] = true
				out.Found = append(out.Found, d.Diagnosis)
			}
		}
	}
	if looks > 0 {
		out.sumUp(facts, limits.Stall)
	}
	return out, nil
}

// sumUp says what has become of the workers.
func (r *Reviewed) sumUp(c diagnose.Facts, stall time.Duration) {
	r.Last = c.Now
	r.Dying = c.ListFailing()
	for _, w := range c.ListDesired() {
		switch c.Now.DeriveState(w, stall) {
		case observe.DerivedStalled:
			r.Silent = append(r.Silent, w.ID)
		case observe.DerivedServing:
			// One that dies at every start boots for longer than bootTime on a busy host, and
			// is not up before its first heartbeat.
			if w.Beats > 0 || !slices.Contains(r.Dying, w.ID) {
				r.Serving = append(r.Serving, w.ID)
			}
		}
	}
	slices.Sort(r.Dying)
}
