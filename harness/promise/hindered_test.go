package promise

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestHindered: an engine that keeps the fault from being injected spoils its own drill.
func TestHindered(t *testing.T) {
	hindered := faulted().mark(10.5, evidence.MarkHindered).record()
	hindered.Cut = "cannot give the port away"
	fine := control(faulted().mark(10.5, evidence.MarkInjected)).record()
	for _, c := range []struct {
		name       string
		r, control *evidence.Record
		want       Verdict // "" for no ruling
	}{
		{"it went well", faulted().mark(10.5, evidence.MarkInjected).record(), fine, ""},
		{"with no engine it went well", hindered, fine, Broken},
		{"with no engine it did not either", hindered, control(faulted()).record(), Inconclusive},
		{"nobody has tried without", hindered, nil, Inconclusive},
	} {
		got, ok := Hindered(c.r, c.control)
		if ok != (c.want != "") || got.Verdict != c.want {
			t.Errorf("%s: %s (%v), want %s: %s", c.name, got.Verdict, ok, c.want, got.Because)
		}
	}
}

// TestLetsRun: an engine beside which the harness's own processes end, or fall silent, has
// stopped them, if they did not without it.
func TestLetsRun(t *testing.T) {
	stopped := faulted().mark(15, evidence.MarkStopped).record()
	stopped.Cut = "cannot go on: the load generator has ended"
	late := faulted().mark(15, evidence.MarkStopped).drop(16, evidence.Unsent).record()
	late.Cut = "cannot settle the load"
	for i := range late.Tallies {
		late.Tallies[i].Counts[evidence.Unsent] = late.Tallies[i].Owed / 10
	}
	frozen := func() history {
		h := faulted().mark(30, evidence.MarkLoadEnd)
		for i := range h.Requests {
			if q := &h.Requests[i]; q.Lane == evidence.LaneShort && q.Due > sec(20) {
				q.Lane = "gone"
			}
		}
		return h
	}
	fine := control(faulted()).record()
	cut := control(faulted()).record()
	cut.Cut = "it was interrupted"
	for _, c := range []struct {
		name     string
		r, alone *evidence.Record
		want     Verdict // "" for no ruling
	}{
		{"it went well", faulted().record(), fine, ""},
		{"a process was late on a host in trouble", late, fine, ""},
		{"a process ended, and with no engine none did", stopped, fine, Broken},
		{"a process ended, and with no engine one did too", stopped, cut, Inconclusive},
		{"a process ended, and nobody has tried without", stopped, nil, Inconclusive},
		{"the load fell silent, and with no engine it did not", frozen().record(), fine, Broken},
		{"the load fell silent with no engine", control(frozen()).record(), fine, ""},
	} {
		got, ok := LetsRun(c.r, c.alone)
		if ok != (c.want != "") || got.Verdict != c.want {
			t.Errorf("%s: %s (%v), want %s: %s", c.name, got.Verdict, ok, c.want, got.Because)
		}
	}
}

// TestBusyHostIsNoExcuse: an engine that burns a core does not get another drill for the
// host that it has kept busy.
func TestBusyHostIsNoExcuse(t *testing.T) {
	h := using(1, 1<<20, 0)
	h = h.drop(15, evidence.Unsent)
	r := h.record()
	for i := range r.Tallies {
		r.Tallies[i].Counts[evidence.Unsent] = r.Tallies[i].Owed / 10
	}
	if HostTrouble(r) == "" {
		t.Fatal("the host is well")
	}
	if got := Judge(r, []Promise{Recovers(sec(5)), KeepsBudget(UsualBudget())}); got[0].Verdict != Inconclusive || got[1].Verdict != Broken {
		t.Errorf("%+v", got)
	}
	quiet := using(0.01, 1<<20, 0).record()
	for i := range quiet.Tallies {
		quiet.Tallies[i].Counts[evidence.Unsent] = quiet.Tallies[i].Owed / 10
	}
	if got := Judge(quiet, []Promise{KeepsBudget(UsualBudget())}); got[0].Verdict != Inconclusive {
		t.Errorf("of a quiet engine: %+v", got)
	}
}
