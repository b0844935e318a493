package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestPolicyChoice: the cause's own policy, or the default, and never more than the hour allows.
func TestPolicyChoice(t *testing.T) {
	own := map[engine.Cause]Policy{engine.HotWorker: PolicyAsk}
	for _, c := range []struct {
		p     Policies
		cause engine.Cause
		want  Policy
	}{
		{Policies{}, engine.HotWorker, PolicyAct},
		{Policies{Causes: own}, engine.HotWorker, PolicyAsk},
		{Policies{Causes: own}, engine.PortForeign, PolicyAct},
		{Policies{Default: PolicyObserve, Causes: own}, engine.HotWorker, PolicyAsk},
		{Policies{Default: PolicyObserve, Causes: own}, engine.PortForeign, PolicyObserve},
		{Policies{Causes: own, AtMost: PolicyObserve}, engine.HotWorker, PolicyObserve},
		{Policies{Causes: own, AtMost: PolicyAsk}, engine.PortForeign, PolicyAsk},
		{Policies{Default: PolicyObserve, AtMost: PolicyAsk}, engine.PortForeign, PolicyObserve},
	} {
		if got := c.p.Choose(c.cause); got != c.want {
			t.Errorf("%+v of %s: %s, want %s", c.p, c.cause, got, c.want)
		}
	}
}

// decideOnStall decides twice about a worker of four whose event loop is blocked. The second
// time people have approved what was asked for, if approve is true.
func decideOnStall(policy Policy, approve bool) (out []Decision) {
	limits := DefaultLimits()
	limits.Policies.Causes = map[engine.Cause]Policy{engine.StalledEventLoop: policy}
	o := observe.Observation{At: time.Minute, Daemon: observe.Daemon{PID: 100, Alive: true}}
	for id := range 4 {
		w := observe.Worker{ID: id, PID: 200 + id, Status: "online", Alive: true, State: "S", Beats: 40, Beat: time.Minute}
		if id == 0 {
			w.Beat = time.Minute - 20*time.Second
		}
		o.Workers = append(o.Workers, w)
	}
	found := []diagnose.Diagnosis{{Cause: engine.StalledEventLoop, Subject: "0", IDs: []int{0}, PIDs: []int{200}}}
	s, first := Decide(NewState(nil), o, found, limits)
	out = append(out, first...)
	o.At += time.Second
	for _, d := range first {
		if approve && d.Asks != "" {
			o.Approved = append(o.Approved, d.Asks)
		}
	}
	_, second := Decide(s, o, found, limits)
	return append(out, second...)
}

// TestPolicyBoundsActions: what is withheld for its policy is said, and told in the alert;
// what is asked for is done once it is approved.
func TestPolicyBoundsActions(t *testing.T) {
	for _, c := range []struct {
		policy      Policy
		approve     bool
		kills, asks int
		next        string
	}{
		{PolicyAct, false, 1, 0, "waits for the new process"},
		{PolicyObserve, true, 0, 0, "the policy is to observe"},
		{PolicyAsk, false, 0, 1, "pm2drill engine approve "},
		{PolicyAsk, true, 1, 1, "pm2drill engine approve "},
	} {
		kills, asks, next := 0, 0, ""
		for _, d := range decideOnStall(c.policy, c.approve) {
			switch {
			case d.Kind == Act:
				kills++
			case d.Kind == Withhold && d.Asks != "":
				asks++
				if !strings.Contains(d.Why, "pm2drill engine approve "+d.Asks) {
					t.Errorf("%s: it does not say how to approve: %s", c.policy, d.Why)
				}
			case d.Kind == Raise:
				next = d.Next
			}
		}
		if kills != c.kills || asks != c.asks || next != "" && !strings.Contains(next, c.next) {
			t.Errorf("%s, approved %v: %d kills, %d asked for, next %q", c.policy, c.approve, kills, asks, next)
		}
	}
}

// TestLoansAreReturned: what the engine has stopped it starts again, whatever the policy is by then.
func TestLoansAreReturned(t *testing.T) {
	limits := DefaultLimits()
	limits.Policies.AtMost = PolicyObserve
	d := decider{s: NewState(map[int]engine.Cause{0: engine.PortForeign}), limits: limits}
	in := &Incident{Diagnosis: diagnose.Diagnosis{Cause: engine.PortForeign}, IDs: []int{0, 1}}
	of := func(action string, id int) Decision {
		return Decision{Cause: engine.PortForeign, Action: action, ID: id}
	}
	if why := d.guardPolicy(in, of(engine.ActionRestart, 0)); why != "" {
		t.Errorf("the start of a worker that the engine holds is refused: %s", why)
	}
	for _, x := range []Decision{of(engine.ActionStop, 0), of(engine.ActionRestart, 1)} {
		if d.guardPolicy(in, x) == "" {
			t.Errorf("%s of worker %d is not refused", x.Action, x.ID)
		}
	}
}
