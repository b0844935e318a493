package promise

import "github.com/pm2drill/pm2drill/harness/evidence"

// handledHistories tell of an engine that acts before the cluster is steady, and of processes
// that somebody stopped or gave another priority.
func handledHistories() []ruled {
	early := func(h history) history { // an engine that was started at 2 s
		h.Marks = append(h.Marks, evidence.Mark{At: sec(2), Name: evidence.MarkEngine})
		return h
	}
	looks := func(edit func(t int, w []evidence.Worker)) history {
		h := faulted()
		h.Marks[3].PIDs = []int{101}
		h.Snapshots = nil
		for t := range 30 {
			h.snapshot(float64(t), 101, 102, 103, 104)
			edit(t, h.Snapshots[t].Workers)
		}
		return h
	}
	during := func(from, to, id int, change func(*evidence.Worker)) func() history {
		return func() history {
			return looks(func(t int, w []evidence.Worker) {
				if t >= from && t <= to {
					change(&w[id])
				}
			})
		}
	}
	stop := func(w *evidence.Worker) { w.State = "T" }
	trace := func(w *evidence.Worker) { w.State = "t" }
	nice := func(w *evidence.Worker) { w.Nice = 19 }
	return []ruled{
		{"it kills at its start", ActsAtMost(0), func() history { return early(watched()).killed(3, 1, 102, "SIGKILL") }, Broken},
		{"a worker was killed before it was there", ActsAtMost(0), func() history { return early(watched()).killed(1.5, 1, 102, "SIGKILL") }, Kept},
		{"it replaces a healthy worker at its start", StaysQuiet(), func() history { return early(healthy()).killed(3, 1, 102, "SIGTERM") }, Broken},
		{"a worker went before it was there", StaysQuiet(), func() history { return early(healthy()).killed(1.5, 1, 102, "SIGTERM") }, Kept},
		{"it edits the app at its start", KeepsFiles(), func() history {
			return early(faulted().looking()).file(3, evidence.File{Path: appFile, Inode: 1, Sum: "b"})
		}, Broken},
		{"nobody is stopped", KeepsBounds(), during(99, 99, 0, stop), Kept},
		{"the fault stops its target", KeepsBounds(), during(10, 20, 0, stop), Kept},
		{"the fault stops another one before it bites", KeepsBounds(), during(11, 20, 2, stop), Kept},
		{"somebody stops a healthy worker", KeepsBounds(), during(15, 16, 2, stop), Broken},
		{"somebody traces a healthy worker", KeepsBounds(), during(15, 15, 2, trace), Broken},
		{"somebody has a healthy worker wait for the others", KeepsBounds(), during(15, 29, 2, nice), Broken},
		{"a worker that waits for the others all along", KeepsBounds(), during(0, 29, 2, nice), Kept},
	}
}
