package capture

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Health is how one worker has answered the health URL.
type Health struct {
	Worker int            `json:"worker"` // pm_id; Unnamed for answers of which nobody knows whose they are
	Counts map[string]int `json:"counts"` // by status, such as "200", or NoAnswer
}

// Unnamed stands for the worker of an answer that the kernel attributes to none.
const Unnamed = -1

// NoAnswer stands for the status of a request that has failed or was not answered in time.
const NoAnswer = "none"

// How often the URL is asked: PM2's cluster gives one new connection to each worker in turn, so
// that two for each worker reach them all, also when others connect meanwhile.
const (
	healthRounds    = 3
	perWorker       = 2
	mostAtOnce      = 64
	healthAtLongest = 8 * time.Second
)

// takeHealth asks the health URL as often as each worker gets some requests, and counts what
// each has answered. last is the engine's last observation, which has the workers' processes.
func (t *taker) takeHealth(ctx context.Context, last observe.Observation) {
	port, err := t.findPort()
	if err != nil || t.cfg.URL == "" || len(last.Workers) == 0 {
		return
	}
	ctx, stop := context.WithTimeout(ctx, healthAtLongest)
	defer stop()
	var all []observe.Answer
	for range healthRounds {
		all = append(all, observe.ProbeHealth(ctx, t.cfg.URL, port, min(mostAtOnce, perWorker*len(last.Workers)), observe.ListLivePIDs(last.Workers))...)
	}
	t.Manifest.Health = countAnswers(all, last.Workers)
}

// countAnswers counts answers by worker and status, in the order of the workers.
func countAnswers(all []observe.Answer, workers []observe.Worker) []Health {
	counts := map[int]map[string]int{}
	for _, a := range all {
		id := Unnamed
		if i := slices.IndexFunc(workers, func(w observe.Worker) bool { return w.PID == a.PID && a.PID > 0 }); i >= 0 {
			id = workers[i].ID
		}
		if counts[id] == nil {
			counts[id] = map[string]int{}
		}
		status := NoAnswer
		if a.Status > 0 && a.Error == "" {
			status = strconv.Itoa(a.Status)
		}
		counts[id][status]++
	}
	var out []Health
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, Health{Worker: id, Counts: counts[id]})
	}
	return out
}

// Fails reports whether all answers are failures of the server (5xx), or missing.
func (h Health) Fails() bool {
	for status := range h.Counts {
		if status != NoAnswer && status < "500" {
			return false
		}
	}
	return len(h.Counts) > 0
}

// String says how the worker has answered: "worker 0: 6 × 200".
func (h Health) String() string {
	who := fmt.Sprintf("worker %d", h.Worker)
	if h.Worker == Unnamed {
		who = "no worker known"
	}
	var words []string
	for _, status := range slices.Sorted(maps.Keys(h.Counts)) {
		what := status
		if status == NoAnswer {
			what = "no answer"
		}
		words = append(words, fmt.Sprintf("%d × %s", h.Counts[status], what))
	}
	return who + ": " + strings.Join(words, ", ")
}

// readLast returns the last observation of a recording, the zero one of an empty recording.
func readLast(trace []byte) (last observe.Observation) {
	lines := bytes.Split(bytes.TrimSpace(trace), []byte("\n"))
	_ = json.Unmarshal(lines[len(lines)-1], &last) // one that cannot be read has no workers to ask
	return last
}
