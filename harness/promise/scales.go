package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Scales: within d of the injection PM2 lists n workers and no other number of
// them from then on, and at the end each of them serves.
func Scales(n int, d time.Duration) Promise {
	return Promise{
		Name:     "scales",
		Sentence: fmt.Sprintf("within %s the app runs as %d workers, and each serves", d, n),
		Judge:    func(r *evidence.Record) Finding { return judgeScale(r, n, d) },
	}
}

func judgeScale(r *evidence.Record, n int, d time.Duration) Finding {
	inject, ok := r.Mark(evidence.MarkInject)
	if !ok || len(r.Snapshots) == 0 {
		return newInconclusive("the observer saw no cluster after the injection")
	}
	at := time.Duration(-1) // since when there are n
	for _, s := range r.Snapshots {
		switch {
		case len(s.Workers) != n:
			at = -1
		case at < 0:
			at = max(s.At, inject.At)
		}
	}
	final := r.Snapshots[len(r.Snapshots)-1]
	_, end := findLaneSpan(r, evidence.LaneShort)
	serving := r.Serving(end-Window, end)
	switch {
	case at < 0:
		return newBroken(fmt.Sprintf("at the end there were %d", len(final.Workers)), final.At)
	case at-inject.At > d:
		return newBroken(fmt.Sprintf("it took %s", (at-inject.At).Round(time.Millisecond)), at)
	}
	for _, w := range final.Workers {
		if !slices.Contains(serving, w.PID) {
			return newBroken(fmt.Sprintf("worker %d (pid %d) did not serve at the end", w.ID, w.PID), final.At)
		}
	}
	return newKept(fmt.Sprintf("%d workers after %s", n, (at - inject.At).Round(time.Millisecond)))
}
