package promise

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// says is something that PM2's bus carries about worker id.
func (h history) says(t float64, topic, event string, id int, text string) history {
	name := h.Header.App
	if topic == "log:PM2" {
		name = "PM2"
	}
	h.Events = append(h.Events, evidence.Event{At: sec(t), Topic: topic, Event: event, ID: id, Name: name, Text: text})
	return h
}

func TestDetectionFloor(t *testing.T) {
	silent := Floor{heartbeat, FloorHeartbeat}
	for _, c := range []struct {
		name   string
		record history
		want   Floor
	}{
		{"a worker's exit", faulted().died(10.5, 1), Floor{sec(0.5), "exit"}},
		{"an error log before the exit", faulted().says(10.25, "log:err", "", 1, "Error").died(10.5, 1), Floor{sec(0.25), "log:err"}},
		{"batches out of order", faulted().died(10.5, 1).says(10.25, "process:exception", "", 1, ""), Floor{sec(0.25), "process:exception"}},
		{"what was said before the fault", faulted().died(9.5, 1).died(11.5, 1), Floor{sec(1.5), "exit"}},
		{"another app's exit", func() history {
			h := faulted().died(10.5, 1)
			h.Events[0].Name = "other"
			return h
		}(), silent},
		{"a start tells of no harm", faulted().says(10.25, "process:event", "online", 1, ""), silent},
		{"PM2's own log names no app", faulted().says(10.25, "log:PM2", "", -1, "Stopping app:app id:1"), silent},
		{"an error on stdout", faulted().says(9, "log:out", "", 1, "report 17 sent").says(10.25, "log:out", "", 1, "Error"), Floor{sec(0.25), "log:out"}},
		{"what stdout has had before", faulted().says(9, "log:out", "", 1, "report 17 sent").says(10.25, "log:out", "", 1, "report 18 sent"), silent},
		{"nothing at all", faulted(), silent},
		{"the engine's kill", faulted().act(15, "kill", 1, 102).died(15.5, 1), silent},
		{"the engine's kill, read late", faulted().act(15, "kill", 1, 102).died(14.9, 1), silent},
		{"the engine's kill, read very late", faulted().act(15, "kill", 1, 102).died(14.3, 1).exit(14.31, 1, 102), silent},
		{"a kill of the next process", faulted().act(15, "kill", 1, 202).died(14.3, 1).exit(14.31, 1, 102), Floor{sec(4.3), "exit"}},
		{"an error log, and an action at once", faulted().says(14.9, "log:err", "", 1, "Error").act(15, "kill", 1, 102), Floor{sec(4.9), "log:err"}},
		{"the app that the engine stopped", faulted().act(15, "hold", -1, 0).died(15.5, 1), silent},
		{"another worker than the engine's", faulted().act(12, "kill", 2, 103).died(15.5, 1), Floor{sec(5.5), "exit"}},
		{"a worker on its way out in a reload", faulted().act(12, "kill", 2, 103).died(12.5, -1), silent},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := DetectionFloor(c.record.record()); !ok || got != c.want {
				t.Errorf("floor %v (%v), want %v", got, ok, c.want)
			}
		})
	}
	for name, h := range map[string]history{"a request": asked().died(10.5, 1), "no fault": healthy().died(10.5, 1)} {
		if got, ok := DetectionFloor(h.record()); ok {
			t.Errorf("%s has a floor of %v", name, got)
		}
	}
}

// born has worker id's process appear at t, seen soon after, and answer from
// ready on in another's stead.
func (h history) born(t, ready float64, id, pid, with int) history {
	return h.says(t, "log:PM2", "", -1, "App [app:"+string(rune('0'+id))+"] starting in -cluster mode-").
		silence(ready, 99, pid, with).seen(t+0.1, id, with)
}

// seen is a snapshot that has pid as worker id.
func (h history) seen(t float64, id, pid int) history {
	pids := []int{101, 102, 103, 104}
	pids[id] = pid
	h.snapshot(t, pids...)
	return h
}

func TestRecoveryFloor(t *testing.T) {
	for _, c := range []struct {
		name   string
		record func() history
		want   time.Duration // 0 for none
	}{
		{"nobody was born", faulted, 0},
		{"born and never served", func() history { return faulted().born(12, 99, 0, 101, 201) }, 0},
		{"from the fork to the first answer", func() history { return faulted().born(12, 13, 0, 101, 201) }, sec(1.02)},
		{"from online, where the fork was not logged", func() history {
			return faulted().says(12.5, "process:event", "online", 0, "").silence(13, 99, 101, 201).seen(12.6, 0, 201)
		}, sec(0.52)},
		{"from the first sight, where the bus was mute", func() history {
			return faulted().silence(13, 99, 101, 201).seen(12.6, 0, 201)
		}, sec(0.42)},
		{"from the last fork of several", func() history {
			return faulted().says(11, "log:PM2", "", -1, "App [app:0] starting in -cluster mode-").born(12, 13, 0, 101, 201)
		}, sec(1.02)},
		{"not from its predecessor's fork", func() history {
			return faulted().born(12, 13, 0, 101, 201).silence(20, 99, 201, 301).seen(19.5, 0, 301)
		}, sec(1.02)}, // the median of 1.02 and 0.52, the greater of two
		{"the median of three", func() history {
			return faulted().born(12, 13, 0, 101, 201).born(14, 19, 1, 102, 202).born(20, 22, 2, 103, 203)
		}, sec(2.02)},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := c.record()
			for _, s := range h.Snapshots {
				for i := range s.Workers {
					s.Workers[i].Name = h.Header.App
				}
			}
			got, ok := RecoveryFloor(h.record())
			if ok != (c.want > 0) || (ok && got.By != FloorBoot) || (got.Time-c.want).Abs() > sec(0.1) {
				t.Errorf("floor %v (%v), want %s", got, ok, c.want)
			}
		})
	}
}

// TestRecoveryFloorUnknown: a process that was seen late was needed none the less.
func TestRecoveryFloorUnknown(t *testing.T) {
	h := faulted().silence(12, 99, 101, 201).seen(13, 0, 201)
	for _, s := range h.Snapshots {
		for i := range s.Workers {
			s.Workers[i].Name = h.Header.App
		}
	}
	if got, born := RecoveryFloor(h.record()); !born || got != (Floor{}) {
		t.Errorf("floor %v (%v), want an unknown one of a process that was born", got, born)
	}
}

func TestRatioIsNotClamped(t *testing.T) {
	for _, c := range []struct {
		floor, took time.Duration
		want        float64
	}{{sec(2), sec(3), 1.5}, {sec(2), sec(1), 0.5}, {sec(2), sec(2), 1}, {0, sec(1), 0}, {sec(1), 0, 0}} {
		if got := (Floor{Time: c.floor}).Ratio(c.took); got != c.want {
			t.Errorf("%s over %s is %v, want %v", c.took, c.floor, got, c.want)
		}
	}
}

// TestCausesAreNamed holds the promises about causes to their field, which
// reports count right and wrong diagnoses by.
func TestCausesAreNamed(t *testing.T) {
	for _, p := range []Promise{Diagnoses("c"), DiagnosesNothing(), StaysQuiet(), DropsNothing()} {
		want := map[string]string{"diagnoses": "c", "diagnoses-nothing": NoCause, "stays-quiet": NoCause}[p.Name]
		if got := Judge(faulted().record(), []Promise{p})[0].Cause; got != want {
			t.Errorf("the ruling of %s has the cause %q, want %q", p.Name, got, want)
		}
	}
	named := Diagnosed(faulted().detect(12, "b").detect(13, "a").detect(14, "b").record())
	if len(named) != 2 || named[0] != "b" || named[1] != "a" {
		t.Errorf("diagnosed %v, want b and a", named)
	}
}
