// Package rehearsal reads the evidence of somebody's rehearsed rollout: how long the
// app takes to boot, to answer and how much memory it needs, what its configuration
// should say of that, and which findings of the linter the rehearsal has seen come true.
//
//	records of the acts --> figures --> proposals, a patch to the file
//	                    \-> findings of the linter confirmed or refuted
//
// It judges no promise; package promise does.
package rehearsal

import (
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// Act is one act of the rehearsal as it was drilled.
type Act struct {
	Name    string
	Record  *evidence.Record
	Rulings []promise.Ruling
	// Slowed says that new processes were made to wait: their boots are not the app's.
	Slowed bool
}

// Sound are the acts that prove something: those with an inconclusive promise were spoiled,
// by a host that was too busy say, and so were their figures. No setting is proposed from
// them.
func Sound(acts []Act) []Act {
	return slices.DeleteFunc(slices.Clone(acts), func(a Act) bool {
		return slices.ContainsFunc(a.Rulings, func(x promise.Ruling) bool { return x.Verdict == promise.Inconclusive })
	})
}

// Measure takes the figures from the acts.
func Measure(acts []Act) report.Measured {
	var f report.Measured
	for _, a := range acts {
		if !a.Slowed {
			f.Boots = append(f.Boots, measureBoots(a.Record)...)
		}
		for i := range a.Record.Requests {
			if q := &a.Record.Requests[i]; q.Class == evidence.Answered && q.Lane != evidence.LaneNoise {
				f.Longest = max(f.Longest, q.Done-q.Sent)
			}
		}
		for _, s := range a.Record.Snapshots {
			for _, w := range s.Workers {
				f.Memory = max(f.Memory, w.RSS)
			}
		}
		f.Killed += countKilled(a.Record)
		if took, ok := measureReload(a.Record); ok && !a.Slowed {
			f.Reload = max(f.Reload, took)
		}
	}
	slices.Sort(f.Boots)
	if n := len(f.Boots); n > 0 {
		f.Boot = f.Boots[(n*99+99)/100-1]
	}
	return f
}

// measureBoots returns how long processes took from their begin to their first request.
// Those that existed before the load say nothing of it.
func measureBoots(r *evidence.Record) []time.Duration {
	var load time.Duration
	for i := range r.Requests {
		if due := r.Requests[i].Due; load == 0 || due < load {
			load = due
		}
	}
	begun, first := map[int]time.Duration{}, map[int]time.Duration{}
	for _, s := range r.Served {
		if s.Phase == "started" {
			begun[s.PID] = s.At
		} else if t, ok := first[s.PID]; !ok || s.At < t {
			first[s.PID] = s.At
		}
	}
	var out []time.Duration
	for pid, at := range begun {
		if t, ok := first[pid]; ok && at > load {
			out = append(out, t-at)
		}
	}
	return out
}

// countKilled counts the lines in which PM2 says that it had to kill (God/Methods.js,
// killProcess).
func countKilled(r *evidence.Record) (n int) {
	for _, e := range r.Events {
		if strings.Contains(e.Text, "still alive after") && strings.Contains(e.Text, "SIGKILL") {
			n++
		}
	}
	return n
}

// measureReload returns how long after a reload was asked for the last of the old workers
// went, false if no reload was seen to its end.
func measureReload(r *evidence.Record) (time.Duration, bool) {
	inject, ok := r.Mark(evidence.MarkInject)
	if !ok || !r.Asked() {
		return 0, false
	}
	var last time.Duration
	old := r.Serving(inject.At-2*time.Second, inject.At)
	for _, e := range r.Exits {
		if e.At > inject.At && slices.Contains(old, e.PID) {
			last = max(last, e.At-inject.At)
		}
	}
	return last, last > 0
}
