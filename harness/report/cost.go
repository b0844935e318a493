package report

import (
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Cost is what the engine's own processes used from the steady state to the end.
type Cost struct {
	Cores    float64 `json:"cores"`     // on average
	RSSBytes int64   `json:"rss_bytes"` // in memory at most, added up over its processes
}

// computeCost returns what the engine cost in a drill, nil for a drill with no engine or
// in which the cost was not observed.
func computeCost(d Drill) *Cost {
	if d.Record == nil {
		return nil
	}
	c, ok := promise.CostOf(d.Record)
	if !ok {
		return nil
	}
	return &Cost{c.Cores, c.RSS}
}
