package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// BusyClient is one client with a connection that it keeps: all its work falls
// to one worker, since a connection stays where it was handed to. Nothing is
// wrong with that.
type BusyClient struct {
	Rate int           // requests a second
	Cost time.Duration // CPU of each
	For  time.Duration
}

// Kind implements Fault.
func (BusyClient) Kind() string { return evidence.KindFault }

// Inject starts the client, which ends by itself.
func (f BusyClient) Inject(ctx context.Context, at Site) error {
	js := fmt.Sprintf(`const http=require('http'),agent=new http.Agent({keepAlive:true,maxSockets:1});`+
		`setInterval(()=>http.request({port:%d,method:'POST',path:'/busy?ms=%d',agent},r=>r.resume()).on('error',()=>{}).end(),%d);`+
		`setTimeout(()=>process.exit(),%d)`, at.Port, f.Cost.Milliseconds(), 1000/f.Rate, f.For.Milliseconds())
	out, err := at.Cluster.Exec(ctx, "sh", "-c", `node -e "$1" >/dev/null 2>&1 &`, "sh", js)
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot start the busy client: %w", err)
	}
	return nil
}

// skewed is how many times the CPU of its siblings a worker must use.
const skewed = 3

// Bitten says yes once one worker has used skewed times as much CPU since the
// injection as any other.
func (BusyClient) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := injected(r)
	was, seen := r.SnapshotAt(t)
	if !ok || !seen || r.Snapshots[len(r.Snapshots)-1].At < t+2*time.Second {
		return Bite{}, false
	}
	var used []int
	for _, w := range r.Snapshots[len(r.Snapshots)-1].Workers {
		for _, b := range was.Workers {
			if b.PID == w.PID {
				used = append(used, w.CPU-b.CPU)
			}
		}
	}
	slices.Sort(used)
	n := len(used)
	if n < 2 {
		return Bite{}, false
	}
	return Bite{Note: fmt.Sprintf("the workers have used %v hundredths of a second of CPU", used)}, used[n-1] >= 50 && used[n-1] > skewed*used[n-2]
}

// Lift does nothing: the client goes by itself.
func (BusyClient) Lift(context.Context, Site) error { return nil }
