package hold

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/live"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

const (
	lately  = 3 * time.Second // what a rate is taken over
	history = 60              // seconds of the sparklines
	unsure  = 5 * time.Second // how far requests may be recorded out of order
)

// buildPicture returns what the view shows of a record at a time. state is what is under way.
func buildPicture(r *evidence.Record, now time.Duration, state string) live.Picture {
	p := live.Picture{Load: buildLoad(r, now), News: listNews(r)}
	p.Brief = fmt.Sprintf("%7.1f s  %d of %d workers serve, %d dropped, %s", (now - r.Header.Start).Seconds(),
		len(r.StillServing(now-time.Second, now)), r.Header.Workers, len(r.Dropped()), state)
	s, ok := r.SnapshotAt(now)
	switch {
	case !ok:
		p.Down = "PM2 has not been seen yet"
		return p
	case s.Daemon == 0:
		p.Down = "PM2's daemon does not answer"
	}
	answers, asked := countAnswers(r, now)
	errs := listStderr(r)
	for _, w := range s.Workers {
		row := live.Worker{ID: w.ID, PID: w.PID, RSS: w.RSS, Restarts: w.Restarts, CPUs: listCPU(r, w.ID, now), Rates: answers[w.ID], Stderr: errs[w.ID], CPU: live.Unknown}
		if n := len(row.CPUs); n > 0 && w.Alive {
			row.CPU = row.CPUs[n-1]
		}
		rate := computeMean(row.Rates)
		row.Rate = fmt.Sprintf("%.1f/s", rate)
		row.Word, row.Health = live.Seen{Status: w.Status, Alive: w.Alive, State: w.State, CPU: row.CPU, Asked: asked, Serves: rate > 0}.Describe()
		p.Workers = append(p.Workers, row)
	}
	return p
}

// computeMean returns the mean of what was counted lately, per second.
func computeMean(perSecond []float64) float64 {
	n := int(lately / time.Second)
	sum := 0.0
	for _, v := range perSecond[max(0, len(perSecond)-n):] {
		sum += v
	}
	return sum / float64(n)
}

// countAnswers returns the answers of each worker in each second of the history, and whether
// requests were sent lately. A worker that was replaced has those of its earlier processes.
func countAnswers(r *evidence.Record, now time.Duration) (byID map[int][]float64, asked bool) {
	ids, byID := map[int]int{}, map[int][]float64{}
	for i := len(r.Snapshots) - 1; i >= 0 && r.Snapshots[i].At > now-history*time.Second-unsure; i-- {
		for _, w := range r.Snapshots[i].Workers {
			if byID[w.ID] == nil {
				byID[w.ID] = make([]float64, history)
			}
			for _, pid := range append([]int{w.PID}, w.Under...) {
				ids[pid] = w.ID
			}
		}
	}
	for i := len(r.Requests) - 1; i >= 0 && r.Requests[i].Done > now-history*time.Second-unsure; i-- {
		q := &r.Requests[i]
		if q.Lane == evidence.LaneNoise || q.Done > now {
			continue
		}
		ago := int((now - q.Done) / time.Second)
		asked = asked || now-q.Done < lately
		if id, known := ids[q.PID]; known && q.Class == evidence.Answered && ago < history {
			byID[id][history-1-ago]++
		}
	}
	return byID, asked
}

// listCPU returns the CPU of a worker in per cent of a core, one value per second.
func listCPU(r *evidence.Record, id int, now time.Duration) []float64 {
	var values []float64
	var newer *evidence.Worker
	var at time.Duration
	for i := len(r.Snapshots) - 1; i >= 0 && len(values) < history && r.Snapshots[i].At > now-(history+1)*time.Second; i-- {
		s := &r.Snapshots[i]
		j := slices.IndexFunc(s.Workers, func(w evidence.Worker) bool { return w.ID == id })
		if j < 0 || s.At > now {
			continue
		}
		w := &s.Workers[j]
		if newer != nil && at-s.At < time.Second*9/10 {
			continue // the ticks of a shorter time are too coarse
		}
		if newer != nil {
			percent := 0.0
			if newer.PID == w.PID && newer.CPU > w.CPU {
				percent = float64(newer.CPU-w.CPU) / (at - s.At).Seconds() // a tick is 1/100 s
			}
			for range max(1, int((at-s.At+time.Second/2)/time.Second)) { // a calm cluster is seen every few seconds
				values = append(values, percent)
			}
		}
		newer, at = w, s.At
	}
	values = values[:min(len(values), history)]
	slices.Reverse(values)
	return values
}

// mostLines bounds what is shown of a worker's stderr.
const mostLines = 60

// listStderr returns the last lines that each worker has written to stderr.
func listStderr(r *evidence.Record) map[int][]string {
	byID := map[int][]string{}
	for i := len(r.Events) - 1; i >= 0; i-- {
		e := &r.Events[i]
		if e.Topic != "log:err" || e.ID < 0 || len(byID[e.ID]) >= mostLines {
			continue
		}
		lines := strings.Split(strings.TrimRight(e.Text, "\n"), "\n")
		slices.Reverse(lines)
		byID[e.ID] = append(byID[e.ID], lines...)
	}
	for _, lines := range byID {
		slices.Reverse(lines)
	}
	return byID
}

// buildLoad returns how each lane of the load does.
func buildLoad(r *evidence.Record, now time.Duration) []live.Lane {
	lanes := make([]live.Lane, len(r.Header.Lanes))
	index := map[string]*live.Lane{}
	for i, spec := range r.Header.Lanes {
		lanes[i].Name = spec.Lane
		index[spec.Lane] = &lanes[i]
	}
	for i := range r.Requests {
		q := &r.Requests[i]
		l := index[q.Lane]
		if l == nil {
			continue
		}
		late := q.Done > now-lately
		l.All++
		switch {
		case q.Class.Dropped():
			l.Lost++
			if late {
				l.Dropped += 1 / lately.Seconds()
			}
		case late && q.Class == evidence.Answered:
			l.Answered += 1 / lately.Seconds()
			l.Slowest = max(l.Slowest, q.Done-q.Due)
		}
	}
	return lanes
}

// mostNews bounds the events that are shown.
const mostNews = 60

// listNews returns what PM2, the engine and the drill have said last, in order. What workers
// wrote stands beside them.
func listNews(r *evidence.Record) []string {
	type item struct {
		at   time.Duration
		text string
	}
	var all []item
	for _, e := range r.Events[max(0, len(r.Events)-mostNews*5):] {
		if text := strings.TrimSpace(e.Text); text != "" {
			all = append(all, item{e.At, describeSource(e) + " " + text})
		} else if e.Event != "" {
			all = append(all, item{e.At, describeSource(e) + " " + e.Event})
		}
	}
	for _, c := range r.Claims {
		words := strings.Join([]string{"engine", c.Type, c.Cause, c.Action, c.Phase, c.Why}, " ")
		all = append(all, item{c.At, strings.Join(strings.Fields(words), " ")}) // most are empty
	}
	for _, m := range r.Marks {
		all = append(all, item{m.At, strings.TrimSpace("drill " + m.Name + " " + m.Note)})
	}
	slices.SortStableFunc(all, func(a, b item) int { return int(a.at - b.at) })
	all = slices.CompactFunc(all, func(a, b item) bool { return a.text == b.text }) // PM2 tells of an exception twice
	var lines []string
	for _, x := range all[max(0, len(all)-mostNews):] {
		text, _, _ := strings.Cut(x.text, "\n")
		lines = append(lines, fmt.Sprintf("%7.1f s  %s", (x.at-r.Header.Start).Seconds(), text))
	}
	return lines
}

func describeSource(e evidence.Event) string {
	if e.Topic == "log:PM2" || e.ID < 0 {
		return "PM2"
	}
	return fmt.Sprintf("worker %d", e.ID)
}
