package promise

import (
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

const (
	appFile = "/srv/app/server.js"
	pm2File = "/home/node/.pm2/pm2.log"
)

// handHistories tell who touches the app's files, PM2's logs and the port, and whose
// answers count.
func handHistories() []ruled {
	return []ruled{
		{"nothing was touched", KeepsFiles(), func() history { return faulted().looking() }, Kept},
		{"the journal is forged", KeepsFiles(), func() history { return faulted().mark(20, evidence.MarkForged).looking() }, Broken},
		{"the app is edited", KeepsFiles(), func() history {
			return faulted().looking().file(20, evidence.File{Path: appFile, Inode: 1, Sum: "b"})
		}, Broken},
		{"the app is edited and put back", KeepsFiles(), func() history {
			return faulted().looking().file(20, evidence.File{Path: appFile, Inode: 1, Sum: "a"})
		}, Broken},
		{"a deployment is taken back that nobody asked to", KeepsFiles(), func() history {
			return faulted().mark(10.5, evidence.MarkInjected).looking().file(10.3, evidence.File{Path: "/srv/flags/next", Inode: 3}).
				file(20, evidence.File{Path: "/srv/flags/next", Gone: true})
		}, Broken},
		{"the fault deploys", KeepsFiles(), func() history {
			return faulted().mark(10.5, evidence.MarkInjected).looking().file(10.3, evidence.File{Path: "/srv/flags/next", Inode: 3})
		}, Kept},
		{"the fault is lifted", KeepsFiles(), func() history {
			return faulted().mark(10.5, evidence.MarkInjected).mark(19.5, evidence.MarkLift).mark(20.5, evidence.MarkLifted).looking().
				file(20, evidence.File{Path: appFile, Gone: true})
		}, Kept},
		{"the roll-back that was asked for", KeepsFiles(), func() history {
			return asked().act(19.5, "rollback", -1, 0).looking().file(20, evidence.File{Path: appFile, Gone: true})
		}, Kept},
		{"a roll-back that was not asked for", KeepsFiles(), func() history {
			return faulted().act(19.5, "rollback", -1, 0).looking().file(20, evidence.File{Path: appFile, Gone: true})
		}, Broken},
		{"a roll-back that changed something", TellsTheTruth(), func() history {
			return asked().act(19.5, "rollback", -1, 0).looking().file(20, evidence.File{Path: appFile, Gone: true})
		}, Kept},
		{"a roll-back that changed nothing", TellsTheTruth(), func() history { return asked().act(19.5, "rollback", -1, 0).looking() }, Broken},
		{"PM2's log is emptied", KeepsFiles(), func() history {
			return faulted().looking().file(20, evidence.File{Path: pm2File, Log: true, Inode: 1})
		}, Broken},
		{"PM2's log is replaced", KeepsFiles(), func() history {
			return faulted().looking().file(20, evidence.File{Path: pm2File, Log: true, Inode: 2, Size: 200})
		}, Broken},
		{"PM2 opens another log", KeepsFiles(), func() history {
			return faulted().looking().file(20, evidence.File{Path: "/home/node/.pm2/logs/app-error-4.log", Log: true, Inode: 7})
		}, Kept},
		{"nobody looked at files", KeepsFiles(), func() history { h := faulted().looking(); h.Files = nil; return h }, Inconclusive},
		{"the daemon listens", KeepsPort(), func() history { return faulted().looking() }, Kept},
		{"a worker listens", KeepsPort(), func() history { return faulted().looking().heard(12, 99, "::", 101) }, Kept},
		{"a process below a worker listens", KeepsPort(), func() history {
			h := faulted().looking().heard(12, 99, "::", 555)
			h.Snapshots[9].Workers[0].Under = []int{554, 555}
			return h
		}, Kept},
		{"a stranger listens", KeepsPort(), func() history { return faulted().looking().heard(20, 22, "::", 777) }, Broken},
		{"a stranger beside the daemon", KeepsPort(), func() history { return faulted().looking().heard(20, 22, "127.0.0.1", 50, 777) }, Broken},
		{"a stranger on another address", KeepsPort(), func() history { return faulted().looking().heard(20, 22, "127.0.0.2", 777) }, Kept},
		{"the fault's stranger", KeepsPort(), func() history { return faulted().mark(12, "x").looking().heard(10, 22, "::", 777) }, Kept},
		{"the fault's stranger, and another one", KeepsPort(), func() history {
			return faulted().looking().heard(10, 18, "::", 777).heard(20, 99, "::", 778)
		}, Broken},
		{"nobody looked", KeepsPort(), func() history { h := faulted().looking(); h.Snapshots = nil; return h }, Inconclusive},

		{"PM2's workers behind PM2's listener", Recovers(sec(5)), func() history { return faulted().looking() }, Kept},
		{"the app beside PM2, while PM2's workers are given up", Recovers(sec(5)), func() history {
			h := faulted().looking().heard(12, 99, "::", 777).asleep(12, 99)
			return h.silence(12, 99, 101, 777).silence(12, 99, 102, 777).silence(12, 99, 103, 777).silence(12, 99, 104, 777)
		}, Broken},
		{"an impostor that names PM2's dead workers", Recovers(sec(5)), func() history {
			h := faulted().looking().asleep(12, 99)
			for id := range 4 {
				h = h.crashed(11.5, id, 101+id)
			}
			return h
		}, Broken},
		{"an impostor that names PM2's workers, which live and do not serve", Recovers(sec(5)), func() history {
			return faulted().looking().heard(12, 99, "::", 777)
		}, Broken},
		{"an impostor on loopback, which the kernel prefers", KeepsServing(3), func() history {
			return faulted().looking().heard(12, 99, "127.0.0.1", 50, 777)
		}, Broken},
		{"a stranger in a single look", KeepsServing(3), func() history { return faulted().looking().heard(20, 20, "::", 777) }, Kept},
		{"a launcher's child serves", Recovers(sec(5)), func() history {
			h := faulted().looking().silence(0, 99, 101, 555)
			for i := range h.Snapshots {
				h.Snapshots[i].Workers[0].Under = []int{555}
			}
			return h
		}, Kept},
	}
}

func TestHands(t *testing.T) {
	for _, c := range slices.Concat(handHistories(), debuggedHistories(), earlyHistories(), handledHistories()) {
		t.Run(c.promise.Name+"/"+c.name, func(t *testing.T) { holds(t, c.promise, c.record(), c.want) })
	}
}

// TestUnwatchedIsNotAsked: of a record whose observer did not look there is no ruling.
func TestUnwatchedIsNotAsked(t *testing.T) {
	got := Judge(faulted().record(), []Promise{KeepsFiles(), KeepsBounds(), KeepsPort()})
	if names := slices.Collect(func(yield func(string) bool) {
		for _, x := range got {
			if !yield(x.Name) {
				return
			}
		}
	}); !slices.Equal(names, []string{"keeps-bounds"}) {
		t.Errorf("ruled on %v, want keeps-bounds alone", names)
	}
}

// looking is a history whose observer looked at files and at processes below PM2's: every
// two seconds of the drill, at the daemon's socket.
func (h history) looking() history {
	h.Header.Watches = []string{evidence.WatchTree, evidence.WatchFiles}
	pids := []int{101, 102, 103, 104}
	h.Snapshots = nil
	for t := range 16 {
		h.snapshot(float64(2*t), pids...)
		h.Snapshots[t].Listeners = []evidence.Listener{{PID: 50, Port: 3000, Addr: "::"}}
	}
	for _, f := range []evidence.File{{Path: "/srv/app/server.js", Sum: "a"}, {Path: "/home/node/.pm2/pm2.log", Log: true, Size: 100}} {
		f.At, f.Inode = sec(1), 1
		h.Files = append(h.Files, f)
	}
	return h
}

// file is what the observer found a file to be, from t on.
func (h history) file(t float64, f evidence.File) history {
	f.At = sec(t)
	h.Files = append(h.Files, f)
	return h
}

// heard gives the port to these processes between two moments, at that address.
func (h history) heard(from, to float64, addr string, pids ...int) history {
	for i := range h.Snapshots {
		if s := &h.Snapshots[i]; s.At >= sec(from) && s.At <= sec(to) {
			s.Listeners = nil
			for _, pid := range pids {
				s.Listeners = append(s.Listeners, evidence.Listener{PID: pid, Command: "node own.js", Port: 3000, Addr: addr})
			}
		}
	}
	return h
}

// asleep has PM2 list no process of the workers between two moments.
func (h history) asleep(from, to float64) history {
	for _, s := range h.Snapshots {
		for i := range s.Workers {
			if s.At >= sec(from) && s.At <= sec(to) {
				s.Workers[i].PID, s.Workers[i].Alive = 0, false
			}
		}
	}
	return h
}
