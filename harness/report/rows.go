package report

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// row is one worker id in the timeline. Two processes of one id that overlap,
// as in a reload, lie on different levels.
type row struct {
	id     int // pm_id, -1 for processes whose id nothing tells
	levels [][]stretch
	exits  []exit
}

// exit is the end of a process as the kernel reported it.
type exit struct {
	at    time.Duration
	pid   int
	level int
}

// rowsOf draws up the workers' rows, by id.
func rowsOf(r *evidence.Record, end time.Duration) []row {
	w := loadOf(r)
	byID := map[int][]life{}
	for _, l := range livesOf(r, end) {
		byID[l.id] = append(byID[l.id], l)
	}
	for _, s := range r.Snapshots {
		for _, x := range s.Workers {
			if _, ok := byID[x.ID]; !ok && ours(r, x) && x.ID >= 0 {
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
	rows := make([]row, len(ids))
	for i, id := range ids {
		rows[i] = rowOf(r, id, byID[id], w, end)
	}
	return rows
}

func rowOf(r *evidence.Record, id int, lives []life, w load, end time.Duration) row {
	out := row{id: id}
	var free []time.Duration // when each level is free again
	for _, l := range lives {
		level := slices.IndexFunc(free, func(t time.Duration) bool { return t <= l.from })
		if level < 0 {
			level = len(free)
			free, out.levels = append(free, 0), append(out.levels, nil)
		}
		free[level] = l.to
		out.levels[level] = append(out.levels[level], l.stretches(w)...)
		if l.exited {
			out.exits = append(out.exits, exit{l.to, l.pid, level})
		}
	}
	if len(out.levels) == 0 {
		out.levels = [][]stretch{nil}
	}
	if id >= 0 {
		out.levels[0] = fillGaps(r, id, lives, out.levels[0], end)
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
			gaps = append(gaps, stretch{from: at, to: l.from})
		}
		at = max(at, l.to)
	}
	if at < end {
		gaps = append(gaps, stretch{from: at, to: end})
	}
	for _, g := range gaps {
		level = append(level, absent(r, id, g)...)
	}
	slices.SortStableFunc(level, func(a, b stretch) int { return int(a.from - b.from) })
	return join(level)
}

// absent divides a gap by what the snapshots within it say. A snapshot that
// does not list the worker leaves a hole: PM2 no longer knew it.
func absent(r *evidence.Record, id int, gap stretch) []stretch {
	var out []stretch
	from, state, listed := gap.from, "", true
	put := func(to time.Duration) {
		if to > from && listed {
			s := state
			if s == "" {
				s = stateGone
			}
			out = append(out, stretch{from: from, to: to, state: s})
		}
		from = to
	}
	for _, s := range r.Snapshots {
		if s.At < gap.from || s.At >= gap.to {
			continue
		}
		i := slices.IndexFunc(s.Workers, func(w evidence.Worker) bool { return w.ID == id && ours(r, w) })
		next := ""
		if i >= 0 {
			next = absentState(s.Workers[i].Status)
		}
		if state != "" || !listed || i < 0 {
			put(s.At) // what was said before holds until now
		}
		state, listed = next, i >= 0
	}
	put(gap.to)
	return join(out)
}
