package promise

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// minOwed is the least number of requests per lane from which a run says
// anything about drops.
const minOwed = 20

// findUnmetPrecondition says why the record proves nothing, "" when it may be judged.
func findUnmetPrecondition(r *evidence.Record) string {
	for _, check := range []func(*evidence.Record) error{
		checkSteady, checkFaultBitten, checkLoadReached, checkLedger, checkServed, checkNoise,
	} {
		if err := check(r); err != nil {
			return err.Error()
		}
	}
	return ""
}

// HostTrouble says how the host has spoiled a drill, "" if it has not: what was lost
// beside the cluster, and what the generator could not send. Whatever the drill
// shows, it shows of this host.
func HostTrouble(r *evidence.Record) string {
	if err := checkNoise(r); err != nil {
		return err.Error()
	}
	for _, t := range r.Tallies {
		if err := checkUnsent(t); err != nil {
			return "the load was not reached: " + err.Error()
		}
	}
	return ""
}

func checkSteady(r *evidence.Record) error {
	if _, ok := r.Mark(evidence.MarkSteady); !ok {
		return fmt.Errorf("the cluster never reached its steady state under load")
	}
	if _, ok := r.Mark(evidence.MarkEnd); !ok {
		return fmt.Errorf("the drill was cut short: its record has no end")
	}
	return nil
}

func checkFaultBitten(r *evidence.Record) error {
	_, injected := r.Mark(evidence.MarkInject)
	_, bitten := r.Mark(evidence.MarkBitten)
	if r.Header.Arm != evidence.ArmHealthy && !r.Header.Calm && !injected {
		return fmt.Errorf("no fault was injected")
	}
	if injected && !bitten {
		return fmt.Errorf("the fault was not seen to take effect")
	}
	return nil
}

// onlyUnbitten reports whether the record proves nothing for no other reason than that the fault
// was injected and was not seen to take effect.
func onlyUnbitten(r *evidence.Record) bool {
	if _, injected := r.Mark(evidence.MarkInject); !injected || checkFaultBitten(r) == nil {
		return false
	}
	for _, check := range []func(*evidence.Record) error{checkSteady, checkLoadReached, checkLedger, checkServed, checkNoise} {
		if check(r) != nil {
			return false
		}
	}
	return true
}

// mostUnsent is the share of a lane's requests that the generator may fail to
// send: one in so many. A host that stops for a tenth of a second costs it a few
// of thousands, which takes nothing from what the others show.
const mostUnsent = 200

// checkLoadReached holds the generator to what the header says each lane owed: the
// requests that it could not send are its own shortfall, and too few requests show
// nothing.
func checkLoadReached(r *evidence.Record) error {
	for _, lane := range r.Header.Lanes {
		t, ok := findTally(r, lane.Lane)
		if !ok || t.Owed < minOwed {
			return fmt.Errorf("the load was not reached: lane %s owed %d requests, too few to judge (at least %d)", lane.Lane, t.Owed, minOwed)
		}
		if err := checkUnsent(t); err != nil {
			return fmt.Errorf("the load was not reached: %w", err)
		}
		first, last := findLaneSpan(r, lane.Lane)
		want := int(lane.Rate * (last - first).Seconds() * 0.95)
		if t.Owed < want {
			return fmt.Errorf("the load was not reached: lane %s owed %d requests in %s, not %.0f/s", lane.Lane, t.Owed, (last - first).Round(time.Millisecond), lane.Rate)
		}
		if err := checkSilence(r, lane, last); err != nil {
			return err
		}
	}
	return nil
}

// checkSilence returns an error if a lane has sent nothing for longer than maxQuiet
// before it was told to stop; last is when its last request was due.
func checkSilence(r *evidence.Record, lane evidence.LaneSpec, last time.Duration) error {
	if quiet := findLoadEnd(r, lane) - last; quiet > maxQuiet {
		return fmt.Errorf("the load was not reached: lane %s fell silent %s before it was told to", lane.Lane, quiet.Round(time.Millisecond))
	}
	return nil
}

// checkUnsent returns an error if a lane's generator could not send too many of the
// requests that it owed.
func checkUnsent(t evidence.Tally) error {
	if n := t.Counts[evidence.Unsent]; n*mostUnsent > t.Owed {
		return fmt.Errorf("lane %s could not send %d of %d requests", t.Lane, n, t.Owed)
	}
	return nil
}

// maxQuiet is how long a lane may owe nothing before it is told to stop: one progress
// interval, and in a record without evidence.MarkLoadEnd settling and tallying.
const maxQuiet = 5 * time.Second

// findLoadEnd returns when a lane was told to stop. Where that is not on record, the end
// of the drill is taken instead, less the lane's timeout: too late by the time that a
// slower lane was waited for.
func findLoadEnd(r *evidence.Record, lane evidence.LaneSpec) time.Duration {
	if m, ok := r.Mark(evidence.MarkLoadEnd); ok {
		return m.At
	}
	end, _ := r.Mark(evidence.MarkEnd)
	return end.At - lane.Timeout
}

func checkLedger(r *evidence.Record) error { return r.Balance() }

// checkServed compares the client's ledger with the app's journal: an answer that no
// worker remembers to have given was not given by this app. What a process other than
// PM2's has answered is in no journal, and is for the promises to judge.
func checkServed(r *evidence.Record) error {
	if len(r.Served) == 0 {
		return fmt.Errorf("the app kept no journal: the client's word has no second witness")
	}
	known := make(map[string]bool, len(r.Served))
	for i := range r.Served {
		known[r.Served[i].ID] = true
	}
	own := r.Credit()
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Lane != evidence.LaneNoise && own(q) && !known[q.ID] {
			return fmt.Errorf("the witnesses disagree: request %s was answered by pid %d, and is in no worker's journal", q.ID, q.PID)
		}
	}
	return nil
}

// checkNoise reads the noise arm: what the same generator lost at a trivial server on the
// same host. What it could not send it has not lost: that is held to the same bound as in
// every lane.
func checkNoise(r *evidence.Record) error {
	t, ok := findTally(r, evidence.LaneNoise)
	if !ok || t.Owed < minOwed {
		return fmt.Errorf("the noise arm did not run: nothing shows that the host was quiet")
	}
	if lost := t.Owed - t.Counts[evidence.Answered] - t.Counts[evidence.Unsent]; lost > 0 {
		return fmt.Errorf("the host was too noisy: %d of %d requests were lost beside the cluster", lost, t.Owed)
	}
	if err := checkUnsent(t); err != nil {
		return fmt.Errorf("the host was too noisy: %w", err)
	}
	return nil
}

func findTally(r *evidence.Record, lane string) (evidence.Tally, bool) {
	for _, t := range r.Tallies {
		if t.Lane == lane {
			return t, true
		}
	}
	return evidence.Tally{}, false
}

// findLaneSpan returns when the first and the last request of a lane were due.
func findLaneSpan(r *evidence.Record, lane string) (first, last time.Duration) {
	for i := range r.Requests {
		if q := &r.Requests[i]; q.Lane == lane {
			if first == 0 || q.Due < first {
				first = q.Due
			}
			last = max(last, q.Due)
		}
	}
	return first, last
}
