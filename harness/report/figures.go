package report

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Figures are the counts of one drill.
type Figures struct {
	Lanes   []Lane
	Actions int            // the engine's, as it claims them
	Least   int            // fewest workers that served at any instant, -1 if unknown
	leastAt time.Duration  // on the record's clock
	Workers int            // how many there should be
	Causes  map[string]int // losses by what cost them
	Alerts  int
}

// Lane is one lane's ledger.
type Lane struct {
	Name    string
	Owed    int
	Counts  map[evidence.Class]int
	Dropped int
	MaxLag  time.Duration
}

func computeFigures(d Drill) Figures {
	f := Figures{Least: -1, Causes: map[string]int{}}
	for _, l := range d.Losses {
		f.Causes[l.Cause]++
	}
	if d.Record == nil {
		return f
	}
	f.Lanes = LanesOf(d.Record)
	f.Actions = len(promise.Deeds(d.Record))
	f.Workers = d.Record.Header.Workers
	f.Alerts = len(d.Record.Alerts)
	if _, steady := d.Record.Mark(evidence.MarkSteady); steady && len(d.Record.Requests) > 0 {
		f.Least, f.leastAt = promise.LeastServing(d.Record)
	}
	return f
}

// LanesOf reads the ledgers off the tallies, in the order people expect. A lane
// that left rows and no tally is counted by its rows.
func LanesOf(r *evidence.Record) []Lane {
	var out []Lane
	for _, name := range listLanes(r) {
		l := Lane{Name: name}
		i := slices.IndexFunc(r.Tallies, func(t evidence.Tally) bool { return t.Lane == name })
		if i >= 0 {
			l.Owed, l.Counts, l.MaxLag = r.Tallies[i].Owed, r.Tallies[i].Counts, r.Tallies[i].MaxLag
		} else {
			l.Counts = r.Counts(name)
			for _, n := range l.Counts {
				l.Owed += n
			}
		}
		for c, n := range l.Counts {
			if c.Dropped() {
				l.Dropped += n
			}
		}
		out = append(out, l)
	}
	return out
}

// listLanes returns the lanes of a record: the usual ones in their usual order, the noise
// arm last.
func listLanes(r *evidence.Record) []string {
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
		if d := LaneRank(a) - LaneRank(b); d != 0 {
			return d
		}
		if a < b {
			return -1
		}
		return 1
	})
	return names
}

// LaneRank orders lanes as reports show them: the usual ones, others, the noise arm.
func LaneRank(name string) int {
	order := []string{evidence.LaneShort, evidence.LaneKeepAlive, evidence.LaneLong, evidence.LanePost, evidence.LaneStream}
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	if name == evidence.LaneNoise {
		return len(order) + 1
	}
	return len(order)
}

// Totals sums the app's lanes, without the noise arm.
func (f Figures) Totals() (owed, dropped int) {
	for _, l := range f.Lanes {
		if l.Name != evidence.LaneNoise {
			owed, dropped = owed+l.Owed, dropped+l.Dropped
		}
	}
	return owed, dropped
}

// Lane returns the ledger of that name.
func (f Figures) Lane(name string) (Lane, bool) {
	i := slices.IndexFunc(f.Lanes, func(l Lane) bool { return l.Name == name })
	if i < 0 {
		return Lane{}, false
	}
	return f.Lanes[i], true
}

// LaneSet lists the lanes that any drill of the report has.
func (r Digest) LaneSet() []string { return listLanesOf(r.Drills) }

// listLanesOf returns the lanes that any of the drills has, in the usual order.
func listLanesOf(drills []DrillDigest) []string {
	all := &evidence.Record{}
	for _, d := range drills {
		if d.Record != nil {
			for _, name := range listLanes(d.Record) {
				all.Header.Lanes = append(all.Header.Lanes, evidence.LaneSpec{Lane: name})
			}
		}
	}
	return listLanes(all)
}

// Causes lists who losses are attributed to, in the order reports show them.
func Causes() []string {
	return []string{promise.ByFault, promise.ByEngine, promise.ByPM2, promise.ByApp, promise.BySaturated, promise.ByUnknown}
}

// LaidTo counts a lane's losses by who they are attributed to.
func LaidTo(losses []promise.Loss, lane string) map[string]int {
	n := map[string]int{}
	for _, l := range losses {
		if l.Request.Lane == lane {
			n[l.Cause]++
		}
	}
	return n
}
