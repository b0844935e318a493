package report

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// WorkerRow is one worker id in the timeline. Two processes of one id that overlap,
// as in a reload, lie on different levels.
type WorkerRow struct {
	Id     int // pm_id, -1 for processes whose id nothing tells
	Levels [][]stretch
	Exits  []exit
}

// exit is the end of a process as the kernel reported it.
type exit struct {
	At    time.Duration
	Pid   int
	Level int
}

// WorkerRows draws up the workers' rows, by id.
func WorkerRows(r *evidence.Record, end time.Duration) []WorkerRow {
	w := buildLoad(r)
	byID := map[int][]life{}
	for _, l := range buildLives(r, end) {
		byID[l.id] = append(byID[l.id], l)
	}
	for _, s := range r.Snapshots {
		for _, x := range s.Workers {
			if _, ok := byID[x.ID]; !ok && isOwnWorker(r, x) && x.ID >= 0 {
				byID[x.ID] = nil
			}
		}
	}
	ids := make([]int, 0, len(byID))
	for id := range byID {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if len(ids) > 0 && ids[0] < 0 {
		ids = append(ids[1:], ids[0])
	}
	rows := make([]WorkerRow, len(ids))
	for i, id := range ids {
		rows[i] = buildRow(r, id, byID[id], w, end)
	}
	return rows
}

func buildRow(r *evidence.Record, id int, lives []life, w load, end time.Duration) WorkerRow {
	out := WorkerRow{Id: id}
	var free []time.Duration // when each level is free again
	for _, l := range lives {
		level := slices.IndexFunc(free, func(t time.Duration) bool { return t <= l.from })
		if level < 0 {
			level = len(free)
			free, out.Levels = append(free, 0), append(out.Levels, nil)
		}
		free[level] = l.to
		out.Levels[level] = append(out.Levels[level], l.splitByState(w)...)
		if l.exited {
			out.Exits = append(out.Exits, exit{l.to, l.pid, level})
		}
	}
	if len(out.Levels) == 0 {
		out.Levels = [][]stretch{nil}
	}
	if id >= 0 {
		out.Levels[0] = fillGaps(r, id, lives, out.Levels[0], end)
	}
	return out
}

// fillGaps puts what PM2 said of the worker into the times when it had no
// process at all.
func fillGaps(r *evidence.Record, id int, lives []life, level []stretch, end time.Duration) []stretch {
	var gaps []stretch
	at := end
	if len(r.Snapshots) > 0 {
		at = r.Snapshots[0].At
	}
	for _, l := range lives {
		if l.from > at {
			gaps = append(gaps, stretch{From: at, To: l.from})
		}
		at = max(at, l.to)
	}
	if at < end {
		gaps = append(gaps, stretch{From: at, To: end})
	}
	for _, g := range gaps {
		level = append(level, splitGap(r, id, g)...)
	}
	slices.SortStableFunc(level, func(a, b stretch) int { return int(a.From - b.From) })
	return joinStretches(level)
}

// splitGap divides a gap by what the snapshots within it say. A snapshot that does not
// list the worker leaves a hole: PM2 no longer knew it.
func splitGap(r *evidence.Record, id int, gap stretch) []stretch {
	var out []stretch
	from, state, listed := gap.From, "", true
	put := func(to time.Duration) {
		if to > from && listed {
			s := state
			if s == "" {
				s = stateGone
			}
			out = append(out, stretch{From: from, To: to, State: s})
		}
		from = to
	}
	for _, s := range r.Snapshots {
		if s.At < gap.From || s.At >= gap.To {
			continue
		}
		i := slices.IndexFunc(s.Workers, func(w evidence.Worker) bool { return w.ID == id && isOwnWorker(r, w) })
		next := ""
		if i >= 0 {
			next = classifyAbsent(s.Workers[i].Status)
		}
		if state != "" || !listed || i < 0 {
			put(s.At) // what was said before holds until now
		}
		state, listed = next, i >= 0
	}
	put(gap.To)
	return joinStretches(out)
}
