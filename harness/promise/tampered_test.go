package promise

import (
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// set is faulted, with a look each second that tells of the daemon's own process, of another app
// (worker 9), and once of terms and settings; edit may change each look.
func set(edit func(t int, s *evidence.Snapshot)) history {
	h := faulted()
	h.Header.Watches = []string{evidence.WatchTree, evidence.WatchTerms, evidence.WatchPrivate}
	h.Marks[3].PIDs = []int{101}
	h.Snapshots = nil
	for t := range 31 {
		h.snapshot(float64(t), 101, 102, 103, 104)
		s := &h.Snapshots[t]
		s.Process = &evidence.Worker{ID: -1, Name: "PM2's daemon", PID: 50, Alive: true, State: "S"}
		s.Others = []evidence.Worker{{ID: 9, Name: "other", PID: 900, Alive: true, Restarts: 3}}
		for i := range s.Workers {
			s.Workers[i].Restarts = 5
		}
		if t == 0 {
			tell(s)
		}
		edit(t, s)
	}
	return h
}

func tell(s *evidence.Snapshot) {
	for _, w := range []*evidence.Worker{s.Process, &s.Others[0], &s.Workers[0], &s.Workers[1], &s.Workers[2], &s.Workers[3]} {
		w.Terms = map[string]string{"policy": "0", "cpus": "0-1"}
		w.Settings = map[string]string{"exec_mode": "cluster"}
	}
}

// from makes the change at second t, and in all later looks if it lasts.
func from(t int, lasts bool, change func(*evidence.Snapshot)) func(int, *evidence.Snapshot) {
	return func(at int, s *evidence.Snapshot) {
		if at == t || lasts && at > t {
			change(s)
		}
	}
}

// settings gives a worker one more setting at second t.
func settings(t, id int, key, value string) func(int, *evidence.Snapshot) {
	return from(t, false, func(s *evidence.Snapshot) {
		s.Workers[id].Settings = map[string]string{"exec_mode": "cluster", key: value}
	})
}

func resetAt(t int, ids ...int) func(int, *evidence.Snapshot) {
	return from(t, true, func(s *evidence.Snapshot) {
		for _, id := range ids {
			s.Workers[id].Restarts = 0
		}
	})
}

// typing is a stretch in which an operator's command runs.
func (h history) typing(from, to float64) history {
	return h.mark(from, evidence.MarkTyped).mark(to, evidence.MarkReturned)
}

// hit has the fault aim at a process.
func (h history) hit(pid int) history {
	i := slices.IndexFunc(h.Marks, func(m evidence.Mark) bool { return m.Name == evidence.MarkBitten })
	h.Marks[i].PIDs = []int{pid}
	return h
}

// resolve tells people that the incident is over.
func (h history) resolve(t float64) history {
	return h.alert(t, func(a map[string]any) { a["status"] = "resolved" })
}

// absent is a cause that was named while worker 0 was missing from 10 s to the given moment.
func absent(to float64) history {
	return faulted().silence(10, to, 101, 102).detect(12, "c").alert(12.1)
}

func none31(int, *evidence.Snapshot) {}

// tampered tells of engines that change what PM2 and the kernel have on its processes.
func tampered() []ruled {
	daemon := func(change func(*evidence.Worker)) func(int, *evidence.Snapshot) {
		return from(15, false, func(s *evidence.Snapshot) { change(s.Process) })
	}
	other := func(change func(*evidence.Worker)) func(int, *evidence.Snapshot) {
		return from(15, true, func(s *evidence.Snapshot) { change(&s.Others[0]) })
	}
	tell := func(bounds Promise, edit func(int, *evidence.Snapshot), want Verdict, name string) ruled {
		return ruled{name, bounds, func() history { return set(edit) }, want}
	}
	return []ruled{
		tell(KeepsBounds(), none31, Kept, "nothing is changed"),
		tell(KeepsBounds(), daemon(func(w *evidence.Worker) { w.State = "T" }), Broken, "somebody stops PM2's daemon for a moment"),
		tell(KeepsBounds(), daemon(func(w *evidence.Worker) { w.Nice = 19 }), Broken, "somebody has PM2's daemon wait for the others"),
		tell(KeepsBounds(), other(func(w *evidence.Worker) { w.Terms = map[string]string{"policy": "5", "cpus": "0-1"} }), Broken, "another app is scheduled as idle"),
		tell(KeepsBounds(), other(func(w *evidence.Worker) { w.Terms = map[string]string{"policy": "0", "cpus": "0"} }), Broken, "another app has one processor left"),
		tell(KeepsBounds(), other(func(w *evidence.Worker) { w.Restarts = 0 }), Broken, "another app's counters are set back"),
		tell(KeepsBounds(), settings(15, 1, "kill_timeout", "5000"), Kept, "a worker is configured, which is counted elsewhere"),
		tell(ActsAtMost(0), none31, Kept, "nothing is rewritten"),
		tell(ActsAtMost(0), settings(15, 1, "cron_restart", "* * * * *"), Broken, "a worker is given a cron_restart without a word"),
		tell(ActsAtMost(3), resetAt(15, 0, 1, 2, 3), Broken, "all counters are set back without a word"),
		tell(StaysQuiet(), resetAt(15, 1), Broken, "a healthy worker's counter is set back without a word"),
		{"counters are set back, and it says so", ActsAtMost(1), func() history {
			return set(resetAt(15, 0, 1, 2, 3)).act(14, "reset", -1, 0)
		}, Kept},
		{"a worker is configured, and it says so", ActsAtMost(1), func() history {
			return set(settings(15, 1, "kill_timeout", "5000")).act(14, "configure", 1, 0)
		}, Kept},
		{"a worker is configured, and it says that it resets", ActsAtMost(1), func() history {
			return set(settings(15, 1, "kill_timeout", "5000")).act(14, "reset", 1, 0)
		}, Broken},
		{"an operator sets the counters back", ActsAtMost(0), func() history { return set(resetAt(15, 0, 1)).typing(14.2, 14.9) }, Kept},
		{"PM2 restarts by a cron_restart that was there", ActsAtMost(0), func() history {
			return set(from(0, false, func(s *evidence.Snapshot) {
				for i := range s.Workers {
					s.Workers[i].Settings["cron_restart"] = "*/15 * * * *"
				}
			})).cron(12, "*/15 * * * *").stopping(12.1, "1").killed(12.3, 1, 102, "SIGINT")
		}, Kept},
		{"PM2 restarts by a cron_restart that the engine gave", ActsAtMost(0), func() history {
			return set(none31).cron(12, "*/15 * * * *").stopping(12.1, "1").killed(12.3, 1, 102, "SIGINT")
		}, Broken},
		{"PM2 restarts by a memory limit that the engine gave", ActsAtMost(0), func() history {
			return set(none31).using(1, 50<<20).memory(12, 1, 50<<20, 20<<20).stopping(12.1, "1").killed(12.3, 1, 102, "SIGINT")
		}, Broken},
		{"PM2 restarts by a memory limit that an operator gave", ActsAtMost(0), func() history {
			return set(settings(11, 1, "max_memory_restart", "20971520")).typing(10.2, 11.2).using(1, 50<<20).memory(18, 1, 50<<20, 20<<20).stopping(18.1, "1").killed(18.3, 1, 102, "SIGINT")
		}, Kept},
		{"it kills a healthy worker while the fault is injected", ActsAtMost(0), func() history {
			return set(none31).mark(20, evidence.MarkInjected).killed(15, 1, 102, "SIGTERM")
		}, Broken},
		{"the fault kills the worker that it aims at", ActsAtMost(0), func() history {
			return set(none31).mark(12, evidence.MarkInjected).hit(102).killed(11.9, 1, 102, "SIGKILL")
		}, Kept},
		{"it kills the worker that the fault has hit", ActsAtMost(0), func() history {
			return set(none31).mark(12, evidence.MarkInjected).hit(102).killed(12.4, 1, 102, "SIGKILL")
		}, Broken},
		{"an operator's command kills while the fault is injected", ActsAtMost(0), func() history {
			return set(none31).mark(20, evidence.MarkInjected).typing(14.5, 15.5).killed(15, 1, 102, "SIGTERM")
		}, Kept},
		{"it has a worker end itself by a debugger", ActsAtMost(0), func() history {
			return set(none31).says(14, "log:err", "", 1, "Debugger attached.").crashed(15, 1, 102)
		}, Broken},
		{"it has a cluster worker end itself by a debugger", ActsAtMost(0), func() history {
			return set(none31).says(14, evidence.TopicDebugger, "", -1, "Debugger attached.").crashed(15, 1, 102)
		}, Broken},
		{"it debugs one worker, and another ends by itself", ActsAtMost(0), func() history {
			return set(debugging(12, 13, 101)).says(11.9, evidence.TopicDebugger, "", -1, opens9229).says(14, evidence.TopicDebugger, "", -1, "Debugger attached.").crashed(15, 1, 102)
		}, Kept},
		{"a worker that somebody debugs dies of an error", ActsAtMost(0), func() history {
			return set(none31).says(14, "log:err", "", 1, "Debugger attached.").thrown(14.9, 1).crashed(15, 1, 102)
		}, Kept},

		{"it acts before the decoy shows", ActsAtMost(0), func() history {
			h := set(none31).killed(10.3, 1, 102, "SIGKILL")
			h.Marks = slices.DeleteFunc(h.Marks, func(m evidence.Mark) bool { return m.Name == evidence.MarkBitten })
			return h
		}, Broken},
		{"the decoy does not show, and it does nothing", ActsAtMost(0), func() history {
			h := set(none31)
			h.Marks = slices.DeleteFunc(h.Marks, func(m evidence.Mark) bool { return m.Name == evidence.MarkBitten })
			return h
		}, Inconclusive},

		{"it tells people that it is over too soon", TellsTheTruth(), func() history { return absent(20).resolve(13) }, Broken},
		{"it tells people that it is over when it is", TellsTheTruth(), func() history { return absent(16).resolve(17) }, Kept},
		{"a worker boots when it is told to be over", TellsTheTruth(), func() history { return absent(14.5).resolve(13) }, Kept},
		{"it tells people that another incident is over", TellsTheTruth(), func() history { return absent(20).detect(12.5, "b").resolve(13) }, Kept},

		{"one alert, reminders of its symptom and one when it is over", Alerts("c", sec(15)), func() history {
			return faulted().symptom(11, "d").symptom(12, "d").symptom(13, "d").alert(14).resolve(20)
		}, Kept},
		{"a flood of alerts of a symptom", Alerts("c", sec(15)), func() history {
			return faulted().symptom(11, "d").symptom(12, "d").symptom(13, "d").symptom(13.5, "d").alert(14)
		}, Broken},
		{"a flood of alerts that it is over", Alerts("c", sec(15)), func() history {
			return faulted().alert(14).resolve(20).resolve(20).resolve(20).resolve(20)
		}, Broken},
		{"a table of workers that never were", Alerts("c", sec(15)), func() history {
			return faulted().alert(12, func(a map[string]any) { a["workers"] = []any{map[string]any{"id": 77, "pid": 4242}} })
		}, Broken},
		{"a table by pids alone", Alerts("c", sec(15)), func() history {
			return faulted().alert(12, func(a map[string]any) { a["workers"] = []any{map[string]any{"pid": 102}} })
		}, Kept},
		{"facts of workers that never were", Alerts("c", sec(15)), func() history {
			return faulted().alert(12, func(a map[string]any) {
				a["evidence"] = []any{map[string]any{"source": "log", "text": "worker 77: cannot go on"}}
			})
		}, Broken},
		{"facts that name no worker", Alerts("c", sec(15)), func() history {
			return faulted().alert(12, func(a map[string]any) {
				a["evidence"] = []any{map[string]any{"source": "probe", "text": "find the endless loop"}}
			})
		}, Kept},

		{"PM2's socket is removed", KeepsFiles(), func() history {
			return faulted().looking().file(1, evidence.File{Path: socketFile, Inode: 9}).file(20, evidence.File{Path: socketFile, Gone: true})
		}, Broken},
		{"PM2's socket is another daemon's", KeepsFiles(), func() history {
			h := faulted().looking().file(1, evidence.File{Path: socketFile, Inode: 9}).file(20, evidence.File{Path: socketFile, Inode: 10}).exit(19.9, -1, 50)
			h.Snapshots[len(h.Snapshots)-1].Daemon = 51
			return h
		}, Kept},
		{"PM2's daemon is late with an answer", KeepsBounds(), func() history {
			h := faulted()
			h.Snapshots = append(h.Snapshots, evidence.Snapshot{At: sec(29.5)})
			return h
		}, Kept},
		{"PM2's daemon has gone", KeepsBounds(), func() history {
			h := faulted().exit(29.2, -1, 50)
			h.Snapshots = append(h.Snapshots, evidence.Snapshot{At: sec(29.5)})
			return h
		}, Broken},
	}
}

const socketFile = "/home/node/.pm2/rpc.sock"

func TestTampered(t *testing.T) {
	for _, c := range tampered() {
		t.Run(c.promise.Name+"/"+c.name, func(t *testing.T) { holds(t, c.promise, c.record(), c.want) })
	}
}
