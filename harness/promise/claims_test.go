package promise

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// says an action's line of one phase, with what it names.
func (h history) line(t float64, action, phase string, id, pid int) history {
	return h.claim(t, evidence.Claim{Type: "action", Action: action, Phase: phase, ID: id, PID: pid})
}

// gone is a worker's process that SIGKILL ended, and another one in its stead.
func (h history) gone(t float64, id, pid, with int) history {
	h = h.killed(t, id, pid, "SIGKILL").silence(t, 99, pid, with)
	pids := []int{}
	for _, w := range h.Snapshots[len(h.Snapshots)-1].Workers {
		pids = append(pids, w.PID)
	}
	pids[id] = with
	h.snapshot(t+0.2, pids...)
	return h
}

// watched takes the late looks of a history away, so that those that follow are the last.
func watched() history {
	h := faulted()
	h.Snapshots = h.Snapshots[:2]
	return h
}

// watchedAsked is watched with a request in the place of the fault.
func watchedAsked() history {
	h := watched()
	h.Marks[2].Kind = evidence.KindRequest
	return h
}

// reloaded is PM2's reload of one worker: it is told to stop the old process, which ends.
func (h history) reloaded(t float64, id, pid, with int) history {
	return h.stopping(t, "_old_"+string(rune('0'+id))).gone(t+0.1, id, pid, with)
}

// configured gives every look after t this kill_timeout to a worker, and all of them to
// the others.
func (h history) configured(t float64, id int, before, after float64) history {
	for _, s := range h.Snapshots {
		for i := range s.Workers {
			s.Workers[i].KillTimeout = sec(before)
			if s.At > sec(t) && i == id {
				s.Workers[i].KillTimeout = sec(after)
			}
		}
	}
	return h
}

// TestClaimsCover: a claim covers the deeds that it names, once each, and no others.
func TestClaimsCover(t *testing.T) {
	for _, c := range []struct {
		name    string
		promise Promise
		record  func() history
		want    Verdict
	}{
		{"a roll without an end, and seven kills", ActsAtMost(2), func() history {
			h := watched().line(12, "roll", "begin", -1, 0)
			for id := range 4 {
				h = h.gone(13+float64(id), id, 101+id, 201+id)
			}
			for id := range 3 {
				h = h.gone(18+float64(id), id, 201+id, 301+id)
			}
			return h
		}, Broken},
		{"a roll by PM2's reload", ActsAtMost(1), func() history {
			h := watched().line(12, "roll", "begin", -1, 0)
			for id := range 4 {
				h = h.reloaded(13+float64(id), id, 101+id, 201+id)
			}
			return h.line(18, "roll", "done", -1, 0)
		}, Kept},
		{"a second round under the same claim", ActsAtMost(1), func() history {
			h := watched().line(12, "roll", "begin", -1, 0)
			for id := range 4 {
				h = h.reloaded(13+float64(id), id, 101+id, 201+id)
			}
			return h.reloaded(18, 0, 201, 301).line(25, "roll", "done", -1, 0)
		}, Broken},
		{"a claim that was over long before", ActsAtMost(1), func() history {
			return watched().act(12, "restart", 1, 0).gone(12.5, 1, 102, 202).gone(20, 1, 202, 302)
		}, Broken},
		{"a claim of another worker", ActsAtMost(1), func() history { return watched().act(12, "kill", 1, 102).gone(12.5, 2, 103, 203) }, Broken},
		{"the same process under one claim", ActsAtMost(1), func() history {
			return watched().act(12, "restart", 1, 0).stopping(12.1, "1").gone(12.9, 1, 102, 202)
		}, Kept},
		{"two processes under one claim", ActsAtMost(1), func() history {
			return watched().line(12, "restart", "begin", 1, 0).gone(12.5, 1, 102, 202).gone(15, 1, 202, 302).line(16, "restart", "done", 1, 0)
		}, Broken},
		{"a reset is no kill", ActsAtMost(1), func() history { return watched().act(12, "reset", 1, 102).gone(12.5, 1, 102, 202) }, Broken},
		{"an open claim long ago", ActsAtMost(1), func() history {
			return watched().line(12-openFor.Seconds()-3, "kill", "begin", 1, 102).gone(12, 1, 102, 202)
		}, Broken},
		{"a kill that names its pid alone", ActsAtMost(1), func() history { return watched().act(12, "kill", -1, 102).gone(12.5, 1, 102, 202) }, Kept},
		{"a kill that names a pid, and a second one", ActsAtMost(1), func() history {
			return watched().act(12, "kill", -1, 102).gone(12.5, 1, 102, 202).gone(13, 2, 103, 203)
		}, Broken},
		{"a kill by id alone", TellsTheTruth(), func() history { return watched().act(12, "kill", 1, 0).gone(12.5, 1, 102, 202) }, Kept},
		{"a kill by id alone of one that lives on", TellsTheTruth(), func() history { return faulted().act(12, "kill", 1, 0) }, Broken},
		{"a restart by pid alone", TellsTheTruth(), func() history { return watched().act(12, "restart", -1, 102).gone(12.5, 1, 102, 202) }, Kept},
		{"a restart by pid alone that did not happen", TellsTheTruth(), func() history { return faulted().act(12, "restart", -1, 102) }, Broken},
		{"a restart of no worker's pid", TellsTheTruth(), func() history { return faulted().act(12, "restart", -1, 999) }, Broken},
		{"begun by id and done by pid", TellsTheTruth(), func() history {
			return watched().line(12, "kill", "begin", 1, 0).gone(12.2, 1, 102, 202).line(12.5, "kill", "done", -1, 102)
		}, Kept},
		{"a roll that replaced all", TellsTheTruth(), func() history {
			h := watched().line(12, "roll", "begin", -1, 0)
			for id := range 4 {
				h = h.reloaded(13+float64(id), id, 101+id, 201+id)
			}
			return h.line(18, "roll", "done", -1, 0)
		}, Kept},
		{"a roll that left one out", TellsTheTruth(), func() history {
			h := watched().line(12, "roll", "begin", -1, 0)
			for id := range 3 {
				h = h.reloaded(13+float64(id), id, 101+id, 201+id)
			}
			return h.line(18, "roll", "done", -1, 0)
		}, Broken},
		{"a restart of the app that restarted one", TellsTheTruth(), func() history {
			return watched().act(12, "restart", -1, 0).gone(12.5, 1, 102, 202)
		}, Broken},
		{"a drain of one that left the rotation", TellsTheTruth(), func() history {
			return faulted().line(12, "drain", "begin", 1, 102).silence(12, 16, 102, 103).line(15, "drain", "done", 1, 102)
		}, Kept},
		{"a drain of one that ended", TellsTheTruth(), func() history {
			return watched().line(12, "drain", "begin", 1, 102).gone(12.1, 1, 102, 202).line(13, "drain", "done", 1, 102)
		}, Kept},
		{"a drain of one that served on", TellsTheTruth(), func() history {
			return faulted().line(12, "drain", "begin", 1, 102).line(15, "drain", "done", 1, 102)
		}, Broken},
		{"a drain by id alone of one that served on", TellsTheTruth(), func() history {
			return faulted().line(12, "drain", "begin", 1, 0).line(15, "drain", "done", 1, 0)
		}, Broken},
		{"a setting that PM2 was given", TellsTheTruth(), func() history {
			return faulted().act(12, "configure", -1, 0).seen(12.5, 1, 102).configured(12, 1, 1, 4)
		}, Kept},
		{"a setting that PM2 was not given", TellsTheTruth(), func() history {
			return faulted().act(12, "configure", -1, 0).seen(12.5, 1, 102).configured(12, 1, 1, 1)
		}, Broken},
		{"a setting of another worker", TellsTheTruth(), func() history {
			return faulted().act(12, "configure", 2, 0).seen(12.5, 1, 102).configured(12, 1, 1, 4)
		}, Broken},
		{"a scale that names nobody, and nobody came", TellsTheTruth(), func() history { return asked().act(25, "scale", -1, 0) }, Broken},
		{"a scale that names nobody, and one came", TellsTheTruth(), func() history {
			h := asked().act(25, "scale", -1, 0)
			h.snapshot(26, 101, 102, 103, 104, 105)
			return h
		}, Kept},
	} {
		t.Run(c.promise.Name+"/"+c.name, func(t *testing.T) { holds(t, c.promise, c.record(), c.want) })
	}
}

// TestDeedsAreNamed: an action that names its pid alone is of that process's worker.
func TestDeedsAreNamed(t *testing.T) {
	deeds := Deeds(watched().act(12, "restart", -1, 102).gone(12.5, 1, 102, 202).record())
	if len(deeds) != 1 || deeds[0].ID != 1 || deeds[0].PID != 102 {
		t.Errorf("the deeds are %+v, want one of worker 1 and pid 102", deeds)
	}
}
