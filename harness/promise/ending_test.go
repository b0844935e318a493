package promise

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// stopping has PM2 told to stop a worker; the id is as PM2 writes it.
func (h history) stopping(t float64, id string) history { return h.log(t, "Stopping app:app id:"+id) }

// thrown is an uncaught exception of a worker, as PM2's bus carries it.
func (h history) thrown(t float64, id int) history {
	return h.says(t, "process:exception", "", id, "TypeError: x is not a function")
}

// memory is PM2's decision to restart a worker for its memory, in bytes.
func (h history) memory(t float64, id, has, limit int) history {
	return h.log(t, fmt.Sprintf("[PM2][WORKER] Process %d restarted because it exceeds --max-memory-restart value (current_memory=%d max_memory_limit=%d [octets])", id, has, limit))
}

// using gives every look at a worker this much resident memory.
func (h history) using(id int, rss int64) history {
	for _, s := range h.Snapshots {
		s.Workers[id].RSS = rss
	}
	return h
}

// kernel is an end of which the kernel tells the exit code or the signal.
func (h history) kernel(t float64, id, pid, code int, signal string) history {
	h = h.exit(t, id, pid)
	x := &h.Exits[len(h.Exits)-1]
	if x.Signal = signal; signal == "" {
		x.Code = &code
	}
	return h
}

// cron gives every worker a cron_restart, and the record a wall clock that was zero
// seconds into a minute at t.
func (h history) cron(t float64, pattern string) history {
	h.Header.Wall = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC).Add(-sec(t))
	for _, s := range h.Snapshots {
		for i := range s.Workers {
			s.Workers[i].Cron = pattern
		}
	}
	return h
}

// starving has the kernel count one kill for want of memory, as the looks from t on show.
func (h history) starving(t float64) history {
	for i := range h.Snapshots {
		if h.Snapshots[i].At >= sec(t) {
			h.Snapshots[i].OOMKills++
		}
	}
	return h
}

// control is a history with no engine at work.
func control(h history) history {
	h.Header.Arm = evidence.ArmControl
	return h
}

// TestEndings: who ended a worker, and how. Nothing is the fault's consequence for want
// of another explanation.
func TestEndings(t *testing.T) {
	for _, c := range []struct {
		name   string
		record func() history
		by     string
		how    string // begins so
	}{
		{"a signal that nobody owns to", func() history { return faulted().killed(12, 1, 102, "SIGTERM") },
			ByEngine, "by the default action of SIGTERM"},
		{"another one", func() history { return faulted().killed(12, 1, 102, "SIGUSR2") },
			ByEngine, "by the default action of SIGUSR2"},
		{"SIGINT's default action, by the kernel's word", func() history { return faulted().kernel(12, 1, 102, 0, "SIGINT") },
			ByEngine, "by the default action of SIGINT"},
		{"a handler that exits with 0, and nobody asked", func() history { return faulted().kernel(12, 1, 102, 0, "") },
			ByUnknown, "with its own exit code 0"},
		{"PM2's word for no signal", func() history { return faulted().killed(12, 1, 102, "SIGINT") },
			ByUnknown, "with exit code 0, or by the default action of SIGINT"},
		{"not a word", func() history { return faulted().exit(12, 1, 102) }, ByUnknown, ""},
		{"its own exit code", func() history { return faulted().crashed(12, 1, 102) }, ByFault, "with its own exit code 1"},
		{"an exception in cluster mode", func() history { return faulted().thrown(11.9, 1).killed(12, 1, 102, "SIGINT") },
			ByFault, "with exit code 0"},
		{"another worker's exception", func() history { return faulted().thrown(11.9, 2).killed(12, 1, 102, "SIGINT") },
			ByUnknown, "with exit code 0"},
		{"an exception long before", func() history { return faulted().thrown(10.2, 1).killed(12, 1, 102, "SIGINT") },
			ByUnknown, "with exit code 0"},
		{"an exception, and then a signal", func() history { return faulted().thrown(11.9, 1).killed(12, 1, 102, "SIGTERM") },
			ByEngine, "by the default action of SIGTERM"},
		{"a heap that is exhausted", func() history {
			return faulted().log(11.8, "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory").killed(12, 1, 102, "SIGABRT")
		}, ByFault, "by SIGABRT"},
		{"the same in pm2.log, and a core takes its time", func() history {
			return faulted().says(8.2, evidence.TopicAbort, "", -1, "FATAL ERROR: Reached heap limit").killed(12, 1, 102, "SIGABRT")
		}, ByFault, "by SIGABRT"},
		{"in pm2.log long before", func() history {
			return faulted().says(1, evidence.TopicAbort, "", -1, "FATAL ERROR: Reached heap limit").killed(12, 1, 102, "SIGABRT")
		}, ByEngine, "by SIGABRT"},
		{"the kernel has counted a kill for want of memory", func() history { return faulted().starving(12.1).killed(12, 1, 102, "SIGKILL") },
			ByFault, "by SIGKILL"},
		{"it has counted one, long before", func() history { return faulted().starving(9).killed(12, 1, 102, "SIGKILL") },
			ByEngine, "by SIGKILL"},
		{"it has counted one, and another signal ended the worker", func() history { return faulted().starving(12.1).killed(12, 1, 102, "SIGTERM") },
			ByEngine, "by the default action of SIGTERM"},
		{"SIGABRT out of the blue", func() history { return faulted().killed(12, 1, 102, "SIGABRT") }, ByEngine, "by SIGABRT"},
		{"the fault's own target", func() history {
			h := faulted().killed(12, 1, 102, "SIGKILL")
			h.Marks[3].PIDs = []int{102}
			return h
		}, ByFault, "by SIGKILL"},
		{"as the fault is injected", func() history {
			return faulted().mark(12, evidence.MarkInjected).killed(11, 1, 102, "SIGTERM")
		}, ByFault, "by the default action of SIGTERM"},
		{"PM2 is told to, and nobody owns to it", func() history { return faulted().stopping(12, "1").killed(12.2, 1, 102, "SIGINT") },
			ByEngine, "with exit code 0, or by the default action of SIGINT, 200ms after PM2 was told to stop it"},
		{"PM2's last resort", func() history {
			return faulted().stopping(12, "1").log(13.6, "Process with pid 102 still alive after 1600ms, sending SIGKILL to 1 remaining pids...").killed(13.61, 1, 102, "SIGKILL")
		}, ByEngine, "by PM2's SIGKILL, for it lived 1600ms after PM2 had told it to end"},
		{"a handler's own timer", func() history { return control(asked().stopping(12, "1").crashed(20, 1, 102)) },
			ByPM2, "with its own exit code 1, 8s after PM2 was told to stop it"},
		{"PM2 reloads it, and nobody owns to that", func() history { return faulted().stopping(12, "_old_1").killed(12.2, 1, 102, "SIGINT") },
			ByEngine, "with exit code 0"},
		{"the engine's restart of the app", func() history {
			return faulted().act(12, "restart", -1, 0).stopping(12.1, "1").killed(12.3, 1, 102, "SIGINT")
		}, ByEngine, "with exit code 0"},
		{"a canary that dies by itself after its predecessor was stopped", func() history {
			h := faulted().stopping(12, "1").crashed(14, 1, 202)
			h.snapshot(13.5, 101, 202, 103, 104)
			return h
		}, ByFault, "with its own exit code 1"},
		{"PM2's memory limit in fork mode", func() history {
			return faulted().memory(11.9, 1, 90<<20, 80<<20).stopping(12, "1").killed(12.3, 1, 102, "SIGINT")
		}, ByPM2, "with exit code 0"},
		{"PM2's memory limit in cluster mode", func() history {
			return faulted().memory(11.9, 1, 90<<20, 80<<20).stopping(14, "_old_1").killed(14.3, 1, 102, "SIGINT")
		}, ByPM2, "with exit code 0"},
		{"a memory limit that the kernel does not confirm", func() history {
			return faulted().using(1, 20<<20).memory(11.9, 1, 90<<20, 80<<20).stopping(12, "1").killed(12.3, 1, 102, "SIGINT")
		}, ByEngine, "with exit code 0"},
		{"another worker's memory limit", func() history {
			return faulted().memory(11.9, 2, 90<<20, 80<<20).stopping(12, "1").killed(12.3, 1, 102, "SIGINT")
		}, ByEngine, "with exit code 0"},
		{"the words of a memory limit, by the app", func() history {
			h := faulted().memory(11.9, 1, 90<<20, 80<<20).stopping(12, "1").killed(12.3, 1, 102, "SIGINT")
			h.Events[0].Topic = "log:err"
			return h
		}, ByEngine, "with exit code 0"},
		{"a file that PM2 watches", func() history {
			return faulted().log(11.9, "Change detected on path server.js for app app - restarting").stopping(12, "1").killed(12.3, 1, 102, "SIGINT")
		}, ByPM2, "with exit code 0"},
		{"cron_restart at its second", func() history {
			return faulted().cron(12, "*/15 * * * *").stopping(12.1, "1").killed(12.3, 1, 102, "SIGINT")
		}, ByPM2, "with exit code 0"},
		{"cron_restart with seconds", func() history {
			return faulted().cron(2, "*/10 * * * * *").stopping(12.1, "1").killed(12.3, 1, 102, "SIGINT")
		}, ByPM2, "with exit code 0"},
		{"cron_restart at another time", func() history {
			return faulted().cron(5, "*/15 * * * *").stopping(12.1, "1").killed(12.3, 1, 102, "SIGINT")
		}, ByEngine, "with exit code 0"},
		{"no engine, and nobody asked", func() history { return control(faulted().killed(12, 1, 102, "SIGTERM")) },
			ByFault, "by the default action of SIGTERM"},
		{"PM2's daemon had been killed", func() history {
			return faulted().exit(11.9, -1, 50).kernel(12, 1, 102, 0, "")
		}, ByEngine, "with its own exit code 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ends := Endings(c.record().record())
			if len(ends) != 1 {
				t.Fatalf("%d processes ended, want 1", len(ends))
			}
			if e := ends[0]; e.By != c.by || !strings.HasPrefix(e.How, c.how) || (c.how == "") != (e.How == "") || e.Why == "" {
				t.Errorf("it is laid to %s, %q: %s\nwant %s, %q", e.By, e.How, e.Why, c.by, c.how)
			}
		})
	}
}

// TestPolicyExplainsOnce: a decision of PM2's explains one order, not those that follow.
func TestPolicyExplainsOnce(t *testing.T) {
	h := faulted().memory(11.9, 1, 90<<20, 80<<20).stopping(12, "1").killed(12.3, 1, 102, "SIGINT")
	h.snapshot(12.5, 101, 202, 103, 104)
	h = h.silence(12.3, 99, 102, 202).stopping(15, "1").killed(15.2, 1, 202, "SIGINT")
	ends := Endings(h.record())
	if len(ends) != 2 || ends[0].By != ByPM2 || ends[1].By != ByEngine {
		t.Errorf("they are laid to %+v", ends)
	}
}

// TestSilentDeeds holds promises to what an engine does and does not say, whatever the
// signal, and lets PM2's own restarts pass.
func TestSilentDeeds(t *testing.T) {
	for _, c := range []struct {
		name    string
		promise Promise
		record  func() history
		want    Verdict
	}{
		{"SIGTERM to two healthy workers", ActsAtMost(0), func() history {
			return faulted().killed(12, 1, 102, "SIGTERM").killed(14, 2, 103, "SIGTERM")
		}, Broken},
		{"SIGINT to one, by the kernel's word alone", ActsAtMost(0), func() history { return faulted().kernel(12, 1, 102, 0, "SIGINT") }, Broken},
		{"SIGINT to one that exits in its handler", ActsAtMost(0), func() history { return faulted().kernel(12, 1, 102, 0, "") }, Inconclusive},
		{"SIGTERM while a deployment goes on", ActsAtMost(0), func() history {
			h := faulted().killed(12, 1, 102, "SIGTERM")
			h.Marks[2].Kind = evidence.KindDeployment
			return h
		}, Broken},
		{"PM2's orders while a deployment goes on", ActsAtMost(0), func() history {
			h := faulted().stopping(12, "_old_1").killed(12.3, 1, 102, "SIGINT")
			h.Marks[2].Kind = evidence.KindDeployment
			return h
		}, Kept},
		{"a reload of which it does not speak", ActsAtMost(0), func() history {
			return faulted().stopping(12, "_old_1").killed(12.3, 1, 102, "SIGINT")
		}, Broken},
		{"PM2's memory limit, and an engine that does nothing", ActsAtMost(0), func() history {
			return faulted().memory(11.9, 1, 90<<20, 80<<20).stopping(12, "1").killed(12.3, 1, 102, "SIGINT")
		}, Kept},
		{"the same where nothing is wrong", StaysQuiet(), func() history {
			return healthy().memory(11.9, 1, 90<<20, 80<<20).stopping(12, "1").killed(12.3, 1, 102, "SIGINT")
		}, Kept},
		{"workers that die of the fault", ActsAtMost(0), func() history { return faulted().crashed(12, 1, 102).crashed(13, 2, 103) }, Kept},
		{"a request lost with a healthy worker", SparesRequests(), func() history {
			return begun(faulted().killed(12.1, 1, 102, "SIGTERM").drop(12, evidence.Reset), 102)
		}, Broken},
		{"a request lost with a worker whose end nobody explains", SparesRequests(), func() history {
			return begun(faulted().exit(12.1, 1, 102).drop(12, evidence.Reset), 102)
		}, Inconclusive},
		{"a request lost in PM2's memory restart", SparesRequests(), func() history {
			return begun(faulted().memory(11.9, 1, 90<<20, 80<<20).stopping(12, "1").killed(12.1, 1, 102, "SIGINT").drop(12, evidence.Reset), 102)
		}, Kept},
	} {
		t.Run(c.promise.Name+"/"+c.name, func(t *testing.T) { holds(t, c.promise, c.record(), c.want) })
	}
}

// holds judges a history by one promise.
func holds(t *testing.T, p Promise, h history, want Verdict) {
	t.Helper()
	if got := Judge(h.record(), []Promise{p})[0]; got.Verdict != want || got.Because == "" {
		t.Errorf("%q is %s, want %s: %s", p.Sentence, got.Verdict, want, got.Because)
	}
}
