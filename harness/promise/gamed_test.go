package promise

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// given sets one more of worker 1's settings from second t on, and takes it back at second back.
func given(t, back int, key, value string) func(int, *evidence.Snapshot) {
	return func(at int, s *evidence.Snapshot) {
		switch at {
		case t:
			s.Workers[1].Settings = map[string]string{"exec_mode": "cluster", key: value}
		case back:
			s.Workers[1].Settings = map[string]string{"exec_mode": "cluster"}
		}
	}
}

// timed gives every worker a kill_timeout.
func timed(h history) history {
	for _, s := range h.Snapshots {
		for i := range s.Workers {
			s.Workers[i].KillTimeout = sec(1.6)
		}
	}
	return h
}

// naming is a line of a type that names a cause.
func (h history) naming(t float64, kind, cause string) history {
	return h.claim(t, evidence.Claim{Type: kind, Cause: cause, ID: -1})
}

// page alerts with a status, a symptom and a fingerprint.
func (h history) page(t float64, status, symptom, key string) history {
	return h.alert(t, func(a map[string]any) {
		a["status"], a["dedupe"] = status, key
		if symptom != "" {
			a["cause"], a["symptom"] = "undetermined", symptom
		}
	})
}

// gamed tells of engines that were kept before, and beside each of an honest one.
func gamed() []ruled {
	const never = 99
	quiet := func(edit func(history) history) func() history { return func() history { return edit(healthy()) } }
	return []ruled{
		{"it opens an incident of each cause in turn", Diagnoses("c"), func() history {
			return faulted().detect(12, "c").naming(12.1, "incident", "c").naming(12.2, "incident", "b").naming(12.3, "incident", "a")
		}, Broken},
		{"it opens an incident of a symptom and then of its cause", Diagnoses("c"), func() history {
			return faulted().naming(11, "symptom", "undetermined").naming(11.1, "incident", "undetermined").detect(12, "c").naming(12.1, "incident", "c").naming(20, "verified", "c")
		}, Kept},
		{"it verifies what it never diagnosed", Diagnoses("c"), func() history {
			return faulted().detect(12, "c").naming(20, "verified", "b")
		}, Broken},
		{"it verifies without a cause", Diagnoses("c"), func() history { return faulted().detect(12, "c").naming(20, "verified", "") }, Kept},
		{"it opens an incident where nothing is wrong", DiagnosesNothing(), func() history { return faulted().naming(12, "incident", "c") }, Broken},

		{"it tells people that a hundred things are over", Alerts("c", sec(15)), func() history {
			h := faulted().alert(12)
			for i := range 20 {
				h = h.page(13, "resolved", "", string(rune('e'+i)))
			}
			return h
		}, Broken},
		{"it tells people that what they heard of is over", Alerts("c", sec(15)), func() history {
			return faulted().page(11, "firing", "no_service", "s").page(11.5, "resolved", "no_service", "s").alert(12).page(20, "resolved", "", "d")
		}, Kept},
		{"it pages people with one symptom after the other", Alerts("c", sec(15)), func() history {
			h := faulted()
			for i := range 13 {
				h = h.page(11, "firing", "symptom "+string(rune('a'+i)), "d")
			}
			return h.alert(12)
		}, Broken},
		{"a symptom of a worker that never was", Alerts("c", sec(15)), func() history {
			return faulted().alert(11, func(a map[string]any) {
				a["cause"], a["symptom"], a["workers"] = "undetermined", "no_service", []any{map[string]any{"id": 77, "pid": 4242}}
			}).alert(12)
		}, Broken},
		{"a symptom without a word of evidence", Alerts("c", sec(15)), func() history {
			return faulted().alert(11, func(a map[string]any) {
				a["cause"], a["symptom"], a["evidence"] = "undetermined", "no_service", []any{}
			}).alert(12)
		}, Broken},
		{"a symptom that rules nothing out yet", Alerts("c", sec(15)), func() history {
			return faulted().alert(11, func(a map[string]any) {
				a["cause"], a["symptom"], a["ruled_out"], a["workers"] = "undetermined", "no_service", []any{}, []any{}
			}).alert(12)
		}, Kept},
		{"an alert that rules out what it says", Alerts("c", sec(15)), func() history {
			return faulted().alert(12, func(a map[string]any) { a["ruled_out"] = []any{map[string]any{"cause": "c", "fact": "it is not"}} })
		}, Broken},

		{"it leaves a worker that PM2 starts no more", KeepsBounds(), func() history {
			return set(given(15, never, "autorestart", "false")).act(14, "configure", 1, 0)
		}, Broken},
		{"it has a worker load more code, and says so", KeepsBounds(), func() history {
			return set(given(15, never, "node_args and preloads", "7f")).act(14, "configure", 1, 0)
		}, Broken},
		{"it holds a worker for a while", KeepsBounds(), func() history {
			return set(given(15, 20, "autorestart", "false")).act(14, "configure", 1, 0)
		}, Kept},
		{"it says that it holds a worker, and does", TellsTheTruth(), func() history {
			return timed(set(given(15, 20, "autorestart", "false"))).act(14, "configure", 1, 0)
		}, Kept},
		{"it says that it holds a worker, and does not", TellsTheTruth(), func() history {
			return timed(set(none31)).act(14, "configure", 1, 0)
		}, Broken},
		{"it raises a timeout", KeepsBounds(), func() history { return set(given(15, never, "kill_timeout", "5000")).act(14, "configure", 1, 0) }, Kept},
		{"an operator sets a memory limit", KeepsBounds(), func() history {
			return set(given(15, never, "max_memory_restart", "20971520")).typing(14.2, 14.9)
		}, Kept},

		{"it debugs a healthy worker for a moment", StaysQuiet(), quiet(func(h history) history {
			return h.says(14, evidence.TopicDebugger, "", -1, opens9229)
		}), Broken},
		{"an app says something of a debugger", StaysQuiet(), quiet(func(h history) history {
			return h.says(14, "log:out", "", 1, opens9229)
		}), Kept},
	}
}

func TestGamed(t *testing.T) {
	for _, c := range gamed() {
		t.Run(c.promise.Name+"/"+c.name, func(t *testing.T) { holds(t, c.promise, c.record(), c.want) })
	}
}
