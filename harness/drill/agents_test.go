package drill

import (
	"encoding/json"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestAgentsTellOfTheirOwn: a line that is somebody else's to tell is refused, whichever
// agent's output it stands in, and is not recorded.
func TestAgentsTellOfTheirOwn(t *testing.T) {
	lines := map[string]evidence.Line{
		"request":  {Request: &evidence.Request{}},
		"tally":    {Tally: &evidence.Tally{}},
		"progress": {Progress: &evidence.Progress{}},
		"served":   {Served: &evidence.Served{}},
		"snapshot": {Snapshot: &evidence.Snapshot{}},
		"event":    {Event: &evidence.Event{}},
		"exit":     {Exit: &evidence.Exit{}},
		"file":     {File: &evidence.File{}},
		"alert":    {Alert: &evidence.Alert{Body: json.RawMessage("{}")}},
		"journal":  {Mark: &evidence.Mark{Name: evidence.MarkJournal}},
		"forged":   {Mark: &evidence.Mark{Name: evidence.MarkForged}},
		"mark":     {Mark: &evidence.Mark{Name: evidence.MarkRecovered}},
		"header":   {Header: &evidence.Header{}},
		"claim":    {Claim: &evidence.Claim{Raw: json.RawMessage("{}")}},
		"job run":  {JobRun: &evidence.JobRun{}},
		"end":      {End: &evidence.End{}},
		"nothing":  {},
		"two":      {Request: &evidence.Request{}, Served: &evidence.Served{}},
	}
	for _, c := range []struct {
		agent string
		own   func(evidence.Line) evidence.Line
		tells []string
	}{
		{"load generator", selectLoaded, []string{"request", "tally", "progress"}},
		{"observer", selectObserved, []string{"served", "snapshot", "event", "exit", "file", "alert", "journal", "forged"}},
	} {
		may := map[string]bool{}
		for _, kind := range c.tells {
			may[kind] = true
		}
		for kind, line := range lines {
			text, err := json.Marshal(line)
			if err != nil {
				t.Fatal(err)
			}
			r := &run{log: newLog()}
			if err := r.recordLines(c.own)(text); (err == nil) != may[kind] {
				t.Errorf("%s, a line of kind %q: %v", c.agent, kind, err)
			}
		}
	}
}
