package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// LostClient sends the request whose handler closes its worker's database client.
type LostClient struct {
	Path string
}

// Kind implements Fault.
func (LostClient) Kind() string { return evidence.KindFault }

// Inject sends the request.
func (f LostClient) Inject(ctx context.Context, at Site) error {
	return PoisonRequests{Paths: []string{f.Path}}.Inject(ctx, at)
}

// lostErrors is how many errors a worker must answer, and it alone.
const lostErrors = 5

// Bitten says yes once one worker has answered error after error since the injection, and no
// other one has answered any.
func (LostClient) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	failing := map[int]int{}
	most, pid := 0, 0
	for _, q := range r.Requests {
		if q.Class == evidence.WrongStatus && q.PID > 0 && q.Sent >= t {
			failing[q.PID]++
			if failing[q.PID] > most {
				most, pid = failing[q.PID], q.PID
			}
		}
	}
	return Bite{Note: fmt.Sprintf("pid %d has answered %d errors, and %d workers have answered any", pid, most, len(failing)), PIDs: []int{pid}},
		most >= lostErrors && len(failing) == 1
}

// Lift does nothing: the request is over.
func (LostClient) Lift(context.Context, Site) error { return nil }
