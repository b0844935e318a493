package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Weather is what a healthy cluster goes through: deployments by `pm2 reload`, and
// pauses of one worker's event loop like those of a garbage collector. Its app
// adds a scheduled job that computes. Nothing is wrong, however often.
type Weather struct {
	For    time.Duration
	Deploy time.Duration // from one deployment to the next
	Pause  time.Duration // from one pause to the next
	Lasts  time.Duration // how long a pause takes; shorter than any client's timeout
}

// Kind implements Fault: the deployments go on by themselves.
func (Weather) Kind() string { return evidence.KindDeployment }

// step is one thing that the weather does.
type step struct {
	At     int64 `json:"at"` // milliseconds from the beginning
	Deploy bool  `json:"deploy"`
}

// steps is the plan: both kinds at even distances, the first at once.
func (f Weather) steps() []step {
	var out []step
	for at := time.Duration(0); at < f.For; at += f.Deploy {
		out = append(out, step{at.Milliseconds(), true})
	}
	for at := f.Pause; at < f.For; at += f.Pause {
		out = append(out, step{at.Milliseconds(), false})
	}
	return out
}

// Inject starts the weather, which ends by itself.
func (f Weather) Inject(ctx context.Context, at Site) error {
	plan, err := json.Marshal(f.steps())
	if err != nil {
		return fmt.Errorf("cannot plan the weather: %w", err)
	}
	js := fmt.Sprintf(`const{execFile}=require('child_process');for(const s of %s)setTimeout(()=>s.deploy?execFile('pm2',['reload','%s']):`+
		`fetch('http://127.0.0.1:%d/pause?ms=%d',{method:'POST',headers:{connection:'close'}}).catch(()=>{}),s.at)`,
		plan, at.App, at.Port, f.Lasts.Milliseconds())
	out, err := at.Cluster.Exec(ctx, "sh", "-c", `node -e "$1" >/dev/null 2>&1 &`, "sh", js)
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot start the weather: %w", err)
	}
	return nil
}

// Bitten says yes once the first deployment has ended a worker that served. How
// rough the weather was is for promise.Weathers to count at the end.
func (Weather) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := injected(r)
	if !ok {
		return Bite{}, false
	}
	n := exitedSince(r, t)
	return Bite{Note: fmt.Sprintf("pm2 reload has ended %d workers", n)}, n > 0
}

// Lift does nothing: the weather ends by itself, or with its container.
func (Weather) Lift(context.Context, Site) error { return nil }
