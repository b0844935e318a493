package promise

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// failed adds an answer with status 503 that a worker gave at t.
func failed(h history, t float64, pid int) history {
	return finished(h.drop(t, evidence.WrongStatus, failing(pid)), pid)
}

// TestAlike: an error that workers answer with which nobody has touched is the fault's, of
// whichever worker; one that only a worker gives which the engine has made is not.
func TestAlike(t *testing.T) {
	killed := func() history {
		h := faulted().act(12, "kill", 0, 101).exit(12.1, 0, 101)
		h.snapshot(14, 201, 102, 103, 104)
		return h
	}
	for _, c := range []struct {
		name  string
		h     history
		cause string // of the loss that came from 201
	}{
		{"an outage that all feel", failed(failed(killed(), 14, 102), 14.2, 201), ByFault},
		{"the new worker alone", failed(killed(), 14.2, 201), ByUnknown},
		{"another one, long before", failed(failed(killed(), 11, 102), 16, 201), ByUnknown},
		{"another one that the engine has touched", failed(failed(killed().act(13, "restart", 1, 102), 14, 102), 14.2, 201), ByUnknown},
	} {
		for _, l := range Losses(c.h.record()) {
			if l.PID == 201 && l.Cause != c.cause {
				t.Errorf("%s: laid to %s (%s), want %s", c.name, l.Cause, l.Why, c.cause)
			}
		}
	}
}

// TestVerifiedBesideAnotherIncident: while another incident is open of which the engine has
// told, a worker that answers with an error has recovered from its own.
func TestVerifiedBesideAnotherIncident(t *testing.T) {
	verified := func(h history, at float64, cause string) history {
		h.Claims = append(h.Claims, evidence.Claim{At: sec(at), Type: "verified", Cause: cause, ID: -1})
		return h
	}
	unanswered := func(h history) history {
		for i := range h.Requests {
			if q := &h.Requests[i]; q.Lane == evidence.LaneShort && q.Due > sec(12) && q.Due < sec(20) {
				q.Class, q.Status = evidence.WrongStatus, 503
			}
		}
		return h
	}
	for _, c := range []struct {
		name string
		h    history
		want Verdict
	}{
		{"one of two is over", verified(unanswered(faulted().detect(12, outage).detect(12.5, "stall")), 15, "stall"), Kept},
		{"the outage itself is not", verified(unanswered(faulted().detect(12, outage).detect(12.5, "stall")), 15, outage), Broken},
		{"of the other nothing was said", verified(unanswered(faulted().detect(12.5, "stall")), 15, "stall"), Broken},
		{"the other is over, it says", verified(verified(unanswered(faulted().detect(12, outage).detect(12.5, "stall")), 21, outage), 15.5, "stall"), Kept},
	} {
		if got := TellsTheTruth().Judge(c.h.record()); got.Verdict != c.want {
			t.Errorf("%s: %s, %s", c.name, got.Verdict, got.Because)
		}
	}
}
