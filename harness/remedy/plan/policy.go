package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Policy says what the engine may do about a cause. Whatever it is, the engine tells people,
// and starts again what it has stopped.
type Policy string

// The policies, from the strictest. The zero Policy is PolicyAct.
const (
	PolicyObserve Policy = "observe" // it acts never
	PolicyAsk     Policy = "ask"     // it acts on an incident once a person has approved that
	PolicyAct     Policy = "act"     // it acts
)

// ListPolicies lists the policies, from the strictest.
func ListPolicies() []Policy { return []Policy{PolicyObserve, PolicyAsk, PolicyAct} }

// Stricter returns the stricter one of two policies.
func Stricter(a, b Policy) Policy {
	all := ListPolicies()
	rank := func(p Policy) int {
		if i := slices.Index(all, p); i >= 0 {
			return i
		}
		return len(all) - 1
	}
	return all[min(rank(a), rank(b))]
}

// Policies is what the engine may do, by cause.
type Policies struct {
	Default Policy // of a cause that Causes lacks; "" is PolicyAct
	Causes  map[engine.Cause]Policy
	AtMost  Policy // bounds all of them, in quiet hours; "" bounds none
}

// Choose returns the policy of a cause.
func (p Policies) Choose(cause engine.Cause) Policy {
	of, ok := p.Causes[cause]
	if !ok {
		of = p.Default
	}
	return Stricter(of, p.AtMost)
}

// computeApproval returns the key by which people approve that the engine acts on an
// incident. It is the incident's alone: the next one of the same cause has another.
func (in *Incident) computeApproval() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", in.Diagnosis.Cause, in.Diagnosis.Subject, in.Opened))
	return hex.EncodeToString(sum[:4])
}

// guardPolicy refuses what the policy of the cause does not permit. A worker that the engine
// has stopped is always started again.
func (d *decider) guardPolicy(in *Incident, x Decision) string {
	if _, held := d.s.Held[x.ID]; held && x.Action == engine.ActionRestart {
		return ""
	}
	switch d.limits.Policies.Choose(x.Cause) {
	case PolicyObserve:
		return "the policy is to observe"
	case PolicyAsk:
		if key := in.Approval; !slices.Contains(d.o.Approved, key) {
			return fmt.Sprintf("the policy is to ask: `pm2drill engine approve %s%s` permits it", d.limits.formatHomeFlag(), key)
		}
	}
	return ""
}

// needsApproval reports whether people's approval is all that an action lacks so far.
func (d *decider) needsApproval(in *Incident, x Decision) bool {
	return d.limits.Policies.Choose(x.Cause) == PolicyAsk && d.guardPaused(in, x) == "" && d.guardPolicy(in, x) != ""
}
