package report

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// figures are the counts of one drill.
type figures struct {
	lanes   []lane
	actions int            // the engine's, as it claims them
	least   int            // fewest workers that served at any instant, -1 if unknown
	leastAt time.Duration  // on the record's clock
	workers int            // how many there should be
	causes  map[string]int // losses by what cost them
	alerts  int
}

// lane is one lane's ledger.
type lane struct {
	name    string
	owed    int
	counts  map[evidence.Class]int
	dropped int
	maxLag  time.Duration
}

func figuresOf(d Drill) figures {
	f := figures{least: -1, causes: map[string]int{}}
	for _, l := range d.Losses {
		f.causes[l.Cause]++
	}
	if d.Record == nil {
		return f
	}
	f.lanes = lanesOf(d.Record)
	f.actions = len(promise.Deeds(d.Record))
	f.workers = d.Record.Header.Workers
	f.alerts = len(d.Record.Alerts)
	if _, steady := d.Record.Mark(evidence.MarkSteady); steady && len(d.Record.Requests) > 0 {
		f.least, f.leastAt = promise.LeastServing(d.Record)
	}
	return f
}

// lanesOf reads the ledgers off the tallies, in the order people expect. A lane
// that left rows and no tally is counted by its rows.
func lanesOf(r *evidence.Record) []lane {
	var out []lane
	for _, name := range laneNames(r) {
		l := lane{name: name}
		i := slices.IndexFunc(r.Tallies, func(t evidence.Tally) bool { return t.Lane == name })
		if i >= 0 {
			l.owed, l.counts, l.maxLag = r.Tallies[i].Owed, r.Tallies[i].Counts, r.Tallies[i].MaxLag
		} else {
			l.counts = r.Counts(name)
			for _, n := range l.counts {
				l.owed += n
			}
		}
		for c, n := range l.counts {
			if c.Dropped() {
				l.dropped += n
			}
		}
		out = append(out, l)
	}
	return out
}

// laneNames lists the lanes of a record: the usual ones in their usual order,
// the noise arm last.
func laneNames(r *evidence.Record) []string {
	seen := map[string]bool{}
	for _, t := range r.Tallies {
		seen[t.Lane] = true
	}
	for _, l := range r.Header.Lanes {
		seen[l.Lane] = true
	}
	for i := range r.Requests {
		seen[r.Requests[i].Lane] = true
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := laneRank(a) - laneRank(b); d != 0 {
			return d
		}
		if a < b {
			return -1
		}
		return 1
	})
	return names
}

func laneRank(name string) int {
	order := []string{evidence.LaneShort, evidence.LaneKeepAlive, evidence.LaneLong, evidence.LanePost, evidence.LaneStream}
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	if name == evidence.LaneNoise {
		return len(order) + 1
	}
	return len(order)
}

// totals sums the app's lanes, without the noise arm.
func (f figures) totals() (owed, dropped int) {
	for _, l := range f.lanes {
		if l.name != evidence.LaneNoise {
			owed, dropped = owed+l.owed, dropped+l.dropped
		}
	}
	return owed, dropped
}

// lane returns the ledger of that name.
func (f figures) lane(name string) (lane, bool) {
	i := slices.IndexFunc(f.lanes, func(l lane) bool { return l.name == name })
	if i < 0 {
		return lane{}, false
	}
	return f.lanes[i], true
}

// laneSet lists the lanes that any drill of the report has.
func (r Digest) laneSet() []string { return lanesIn(r.Drills) }

// lanesIn lists the lanes that any of the drills has.
func lanesIn(drills []DrillDigest) []string {
	all := &evidence.Record{}
	for _, d := range drills {
		if d.Record != nil {
			for _, name := range laneNames(d.Record) {
				all.Header.Lanes = append(all.Header.Lanes, evidence.LaneSpec{Lane: name})
			}
		}
	}
	return laneNames(all)
}

// causes lists who losses are laid to, in the order reports show them.
func causes() []string {
	return []string{promise.ByFault, promise.ByEngine, promise.ByPM2, promise.ByApp, promise.BySaturated, promise.ByUnknown}
}

// laidTo counts a lane's losses by who they are laid to.
func laidTo(losses []promise.Loss, lane string) map[string]int {
	n := map[string]int{}
	for _, l := range losses {
		if l.Request.Lane == lane {
			n[l.Cause]++
		}
	}
	return n
}
