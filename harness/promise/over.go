package promise

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// overFor is how long workers may be missing after an incident is said to be over: one that is
// replaced at that moment is away for a boot.
const overFor = 3 * Window

// overTooSoon says which incident was said to be over, in a line or in an alert, while workers
// were missing and went on to be, "" if none was. Where several causes were named, the other ones
// may be why.
func overTooSoon(r *evidence.Record) (what string, at time.Duration) {
	if len(Diagnosed(r)) != 1 {
		return "", 0
	}
	for _, c := range resolutions(r) {
		if c.Cause != Diagnosed(r)[0] || !stillAway(r, c) {
			continue
		}
		return fmt.Sprintf("%s %s is over, and %d of %d workers served then", c.Why, c.Cause, countServing(r, c), r.Expected()), c.At
	}
	return "", 0
}

// stillAway reports whether workers did not serve when an incident was said to be over, and for a
// while from then on.
func stillAway(r *evidence.Record, c evidence.Claim) bool {
	_, last := findLaneSpan(r, evidence.LaneShort)
	later := c
	later.At += overFor - Window
	return c.At+overFor <= last && countServing(r, c) < r.Expected() && countServing(r, later) < r.Expected()
}

// resolutions are the words of the engine that an incident is over, each as a claim; Why says in
// what form.
func resolutions(r *evidence.Record) []evidence.Claim {
	var out []evidence.Claim
	for _, c := range r.Claims {
		var line struct {
			Incident string `json:"incident"`
		}
		if c.Type == "incident" && json.Unmarshal(c.Raw, &line) == nil && line.Incident == "resolved" {
			out = append(out, evidence.Claim{At: c.At, Cause: c.Cause, Why: "it says that"})
		}
	}
	for _, posted := range r.Alerts {
		var a alert
		if json.Unmarshal(posted.Body, &a) == nil && a.Status == "resolved" {
			out = append(out, evidence.Claim{At: posted.At, Cause: a.Cause, Why: "it tells people that"})
		}
	}
	slices.SortStableFunc(out, func(a, b evidence.Claim) int { return int(a.At - b.At) })
	return out
}
