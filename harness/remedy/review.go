package remedy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Review reads what an engine has recorded (Config.Trace), as JSON lines, and returns
// what it would have diagnosed, in order, each cause once.
func Review(trace io.Reader, limits Limits) ([]Finding, error) {
	var found []Finding
	seen := map[engine.Cause]bool{}
	var history []Observation
	state := NewState(nil)
	for dec := json.NewDecoder(trace); ; {
		var o Observation
		err := dec.Decode(&o)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return found, fmt.Errorf("cannot read observation %d: %w", len(history)+1, err)
		}
		history = remember(history, o)
		var plan []Decision
		state, plan = Decide(state, o, Diagnose(history, limits), limits)
		for _, d := range plan {
			if d.Kind == Detect && !seen[d.Cause] {
				seen[d.Cause] = true
				found = append(found, d.Finding)
			}
		}
	}
}
