package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// What counts as weather: an answer that took pauseShows was in a paused worker,
// and pauses closer than pauseApart are one; a process that used spikeShare of a
// core for spikeFor has had a spike.
const (
	pauseShows = 500 * time.Millisecond
	pauseApart = 3 * time.Second
	spikeShare = 0.5
	spikeFor   = 10 * time.Second
)

// Weathers: the cluster has been through so many deployments, pauses of a worker
// and spikes of CPU. Less is no broken promise: the run proves nothing then.
func Weathers(deploys, pauses, spikes int) Promise {
	return Promise{
		Name:     "weathers",
		Sentence: fmt.Sprintf("the cluster goes through %d deployments, %d pauses and %d spikes of CPU", deploys, pauses, spikes),
		Judge: func(r *evidence.Record) Finding {
			d, p, s := countGenerations(r), countPauses(r), countSpikes(r)
			saw := fmt.Sprintf("it went through %d deployments, %d pauses and %d spikes", d, p, s)
			if d < deploys || p < pauses || s < spikes {
				return newInconclusive(saw)
			}
			return newKept(saw)
		},
	}
}

// countGenerations returns how often every worker has been replaced.
func countGenerations(r *evidence.Record) int {
	if r.Header.Workers == 0 {
		return 0
	}
	pids := map[int]bool{}
	for i := range r.Requests {
		if q := &r.Requests[i]; q.Class == evidence.Answered && q.Lane == evidence.LaneShort {
			pids[q.PID] = true
		}
	}
	return len(pids)/r.Header.Workers - 1
}

// countPauses returns the number of moments at which answers of the fast lanes took long.
func countPauses(r *evidence.Record) int {
	var slow []time.Duration
	for i := range r.Requests {
		q := &r.Requests[i]
		fast := q.Lane == evidence.LaneShort || q.Lane == evidence.LaneKeepAlive
		if fast && q.Class == evidence.Answered && q.Done-q.Due >= pauseShows {
			slow = append(slow, q.Done)
		}
	}
	slices.Sort(slow)
	n, last := 0, -pauseApart
	for _, t := range slow {
		if t-last >= pauseApart {
			n++
		}
		last = t
	}
	return n
}

// countSpikes returns the number of spells in which one process used CPU all the time.
func countSpikes(r *evidence.Record) int {
	type spell struct {
		at, since time.Duration // of the last look; since when it has been busy
		ticks     int
		counted   bool
	}
	seen, n := map[int]spell{}, 0
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			was, ok := seen[w.PID]
			if !ok {
				seen[w.PID] = spell{at: s.At, since: s.At, ticks: w.CPU}
				continue
			}
			if s.At-was.at < time.Second {
				continue // CPU is counted in hundredths
			}
			now := spell{at: s.At, since: was.since, ticks: w.CPU, counted: was.counted}
			if float64(w.CPU-was.ticks)/100 < spikeShare*(s.At-was.at).Seconds() {
				now.since, now.counted = s.At, false
			}
			if !now.counted && s.At-now.since >= spikeFor {
				n, now.counted = n+1, true
			}
			seen[w.PID] = now
		}
	}
	return n
}
