package act

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// AwaitServing waits until every worker of the app is up and has answered on a new
// connection, and makes sure that the same processes still live a soak later. It
// returns their pids by worker id.
func (h Executor) AwaitServing(ctx context.Context, client *pm2.Client, limits plan.Limits) (map[int]int, error) {
	ctx, cancel := context.WithTimeout(ctx, limits.Canary+limits.Soak)
	defer cancel()
	served := map[int]bool{}
	var since time.Duration // when the last of them had answered
	var proven map[int]int
	look := time.NewTicker(observe.FastLook)
	defer look.Stop()
	for {
		pids, down, err := h.listUp(ctx, client)
		if err != nil {
			return nil, err
		}
		for _, pid := range h.listAnswering(ctx, slices.Collect(maps.Values(pids))) {
			served[pid] = true
		}
		mute := slices.DeleteFunc(slices.Sorted(maps.Keys(pids)), func(id int) bool { return served[pids[id]] })
		switch {
		case len(down)+len(mute) > 0 || len(pids) == 0 || !maps.Equal(pids, proven):
			since, proven = host.Now(), pids
		case host.Now()-since >= limits.Soak:
			return pids, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("cannot see every worker serve: %v are down, %v have not answered: %w", down, mute, ctx.Err())
		case <-look.C:
		}
	}
}

// listAnswering asks the health URL, and returns those of the processes that have given a
// good answer; of an app without a URL all of them, which live.
func (h Executor) listAnswering(ctx context.Context, pids []int) []int {
	if h.URL == "" {
		return pids
	}
	var out []int
	for _, a := range observe.ProbeHealth(ctx, h.URL, h.Port, 2*len(pids), pids) {
		if a.Good() {
			out = append(out, a.PID)
		}
	}
	return out
}

// listUp lists the app's workers: the pids of those whose processes live, and the
// ids of those without one.
func (h Executor) listUp(ctx context.Context, client *pm2.Client) (pids map[int]int, down []int, err error) {
	list, err := client.List(ctx)
	if err != nil {
		return nil, nil, err
	}
	pids = map[int]int{}
	for _, p := range list {
		switch {
		case p.Name != h.App || p.ID < 0:
		case p.State() == pm2.Running && host.Alive(p.PID):
			pids[p.ID] = p.PID
		default:
			down = append(down, p.ID)
		}
	}
	return pids, down, nil
}
